import type { Server } from '../site/model-server.ts';
import { isBroken, locationOf } from '../source/origin.ts';
import { type Listener, listenerPlace, listenersOf } from '../targets/nginx/served.ts';
import { isPublic } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { error, essential, warning } from './rule.ts';

export const httpAndHttpsOnPort = essential('http-and-https-on-port', {
  what: 'Where nginx speaks http and https, each has a port of its own.',
  why: 'A port of nginx speaks one of the two: machines that speak the other get no further than "400 Bad Request".',
  check({ server }, report) {
    const { url, host, port: own, tls } = server ?? {};
    if (!server || !url || !host || !own || !tls || !isWhole(tls)) return;
    const listeners = listenersOf(server as Server);
    for (const other of listeners.filter(({ isHttps }) => isHttps)) {
      const { port } = other;
      const plain = listeners.find((one) => !one.isHttps && one.port === port);
      if (!plain) continue;
      const isFurther = plain.by === 'ports';
      report({
        message: {
          firmware: `Port ${port} is for https here, and firmware fetches iPXE's programs from it by http.`,
          ports: `Port ${port} is for http here, and for https in server.tls.url.`,
          url: `Port ${port} is for https here, and for http in server.url.`,
        }[plain.by as 'firmware' | 'ports' | 'url'],
        at: listenerPlace(server, isFurther ? plain : other),
        help: helpFor(plain, other),
      });
    }
  },
});

function helpFor(plain: Listener, other: Listener): string {
  if (plain.by === 'ports' || other.by === 'ports')
    return 'take it out of server.ports, or choose another one';
  return plain.by === 'firmware'
    ? 'choose another port, such as the usual one, 443'
    : 'choose another port for one of them';
}

/** Whether all is there that says where nginx answers by https. */
export function isWhole({ url, host, port }: NonNullable<Draft<Server>['tls']>): boolean {
  return url !== undefined && host !== undefined && port !== undefined;
}

export const httpsNeedsPublicCa = warning('https-needs-public-ca', {
  what: 'What machines fetch over https comes from a host for which a public CA can vouch.',
  why: 'The installer verifies certificates and knows the public CAs alone: with any other it stops with "certificate signed by unknown authority" (harvester/harvester#4134, #1431).',
  check({ server, nodes = [] }, report) {
    const url = server?.media?.url;
    const host = url && !server.media?.path && privateHost(url);
    if (host) {
      report({
        message: `server.media is fetched over https from ${host}, for which no public CA vouches: iPXE and the installer would refuse its certificate.`,
        at: locationOf(server, 'media'),
        help: 'use http, whose files the sums still protect; or a name of the public DNS with a certificate of a public CA',
      });
    }
    const tls = server?.tls;
    if (tls?.host && isAddress(tls.host) && !isUncertified(tls.host)) {
      report({
        message: `Configurations are fetched over https from ${tls.host}, and few public CAs vouch for an address: the installer would refuse any other certificate.`,
        at: locationOf(tls, 'url'),
        help: 'use a name of the public DNS in server.tls.url; or silence this where the certificate is for the address',
      });
    }
    for (const node of nodes) {
      const install = node?.os === 'harvester' ? node.userConfig?.install : undefined;
      const isoHost = install?.iso_url && privateHost(install.iso_url);
      if (!node || !install || !isoHost) continue;
      report({
        node,
        message: `The ISO is fetched over https from ${isoHost}, for which no public CA vouches: the installer would refuse its certificate.`,
        at: locationOf(install, 'iso_url'),
        help: 'use http; or a name of the public DNS with a certificate of a public CA',
      });
    }
  },
});

/** The host of an https URL, if no public CA can vouch for it: an address, or a name of a private domain. */
function privateHost(url: string): string | undefined {
  if (!/^https:/i.test(url) || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return isAddress(hostname) || isUncertified(hostname) ? hostname : undefined;
}

export const httpsWithoutTls = essential('https-without-tls', {
  what: 'Where machines fetch by https, nginx has a certificate.',
  why: 'Nothing would answer on the boot server: nginx speaks no https without a certificate and its key.',
  check({ server }, report) {
    if (!server?.url?.startsWith('https:') || server.tls || isBroken(server, 'tls')) return;
    report({
      message: `Machines fetch from ${server.url}, and nginx has no certificate.`,
      at: locationOf(server, 'url'),
      help: 'say where it lies on the boot server, `tls: {certificate: …, key: …}`, or write http',
    });
  },
});

const HELP =
  'a name of the public DNS, which may lead to a private address, with a certificate of a public CA; or no tls at all';

export const tlsNeedsPublicCa = error('tls-needs-public-ca', {
  what: 'What the installer fetches from the boot server by https comes from a name for which a public CA can vouch.',
  why: 'The installer verifies certificates, knows the public CAs alone, and cannot be told of another: it stops with "certificate signed by unknown authority" (harvester/harvester#4134, #1431).',
  check({ server, nodes = [] }, report) {
    const { url, host, tls } = server ?? {};
    if (!server || !tls?.host) return;
    if (isUncertified(tls.host)) {
      report({
        message: `The installer fetches its configuration by https from ${tls.host}, for which no public CA vouches: it would refuse the certificate.`,
        at: locationOf(tls, 'url'),
        help: `server.tls.url: ${HELP}`,
      });
    }
    if (!url?.startsWith('https:') || !host || host === tls.host || !isUncertified(host)) return;
    if (!nodes.some((node) => node?.config?.install?.iso_url?.startsWith(`${url}/`))) return;
    report({
      message: `The installer fetches the ISO by https from ${host}, for which no public CA vouches: it would refuse the certificate.`,
      at: locationOf(server, 'url'),
      help: `server.url: ${HELP}; or server.media elsewhere`,
    });
  },
});

/** Names that are not of the public DNS: no public CA can check whose they are. */
const PRIVATE_NAME =
  /^[^.]+$|\.(local|localdomain|localhost|lan|internal|intranet|private|home|home\.arpa|corp|test|invalid)$/;

function isAddress(host: string): boolean {
  return host.startsWith('[') || /^[0-9.]+$/.test(host);
}

/** Says whether no public CA can vouch for a host: a private address, or a name of a private domain. */
function isUncertified(host: string): boolean {
  return isAddress(host) ? !isPublic(host) : PRIVATE_NAME.test(host.replace(/\.$/, ''));
}
