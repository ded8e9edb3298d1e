import { type Listener, listenerLocation, listenersOf } from '../../plan/served.ts';
import type { Server } from '../../site/model-server.ts';
import { isBroken, locationOf } from '../../source/origin.ts';
import { isPublic } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { error, essential, type Rule, warning } from '../rule.ts';

const HELP =
  'to a name in public DNS, possibly of a private IP address, with a certificate of a public CA; or remove tls';

/** Names outside public DNS: no public CA can check their owners. */
const PRIVATE_NAME =
  /^[^.]+$|\.(local|localdomain|localhost|lan|internal|intranet|private|home|home\.arpa|corp|test|invalid)$/;

export const httpsRules: readonly Rule[] = [
  essential('http-and-https-on-port', {
    what: 'A port of nginx must not use both http and https.',
    why: 'A port of nginx uses one of the two: clients of the other get "400 Bad Request".',
    check({ server }, report) {
      const { url, host, port: own, tls } = server ?? {};
      if (!server || !url || !host || !own || !tls || !isWhole(tls)) return;
      const listeners = listenersOf(server as Server);
      for (const other of listeners.filter(({ isHttps }) => isHttps)) {
        const { port } = other;
        const plain = listeners.find((one) => !one.isHttps && one.port === port);
        if (!plain) continue;
        const isFurther = plain.by === 'ports';
        report(listenerLocation(server, isFurther ? plain : other), {
          message: {
            firmware: `Port ${port} is set for https, but firmware fetches iPXE binaries from it with http.`,
            ports: `Port ${port} is set for http, but for https in server.tls.url.`,
            url: `Port ${port} is set for https, but for http in server.url.`,
          }[plain.by as 'firmware' | 'ports' | 'url'],
          help: helpFor(plain, other),
        });
      }
    },
  }),
  warning('https-needs-public-ca', {
    what: 'An https URL must have a host for which a public CA can issue a certificate.',
    why: 'The installer verifies certificates and trusts only public CAs: with any other, it stops with "certificate signed by unknown authority" (harvester/harvester#4134, #1431).',
    check({ server, nodes = [] }, report) {
      const url = server?.media?.url;
      const host = url && !server.media?.path && privateHost(url);
      if (host) {
        report(locationOf(server, 'media'), {
          message: `The URL of server.media uses https with ${host}, which no public CA certifies: iPXE and the installer reject its certificate.`,
          help: 'use http, whose files are still verified by checksum; or a name in public DNS with a certificate of a public CA',
        });
      }
      const tls = server?.tls;
      if (tls?.host && isAddress(tls.host) && !isUncertified(tls.host)) {
        report(locationOf(tls, 'url'), {
          message: `Configurations are fetched with https from ${tls.host}, but few public CAs certify an IP address: the installer rejects any other certificate.`,
          help: 'set a name in public DNS in server.tls.url; or, with a public certificate for the IP address, add silence: {https-needs-public-ca: "the reason"}',
        });
      }
      for (const node of nodes) {
        const install = node?.os === 'harvester' ? node.userConfig?.install : undefined;
        const isoHost = install?.iso_url && privateHost(install.iso_url);
        if (!node || !install || !isoHost) continue;
        report(locationOf(install, 'iso_url'), {
          node,
          message: `The ISO is fetched with https from ${isoHost}, which no public CA certifies: the installer rejects its certificate.`,
          help: 'use http; or a name in public DNS with a certificate of a public CA',
        });
      }
    },
  }),
  essential('https-without-tls', {
    what: 'If machines use https, nginx must have a certificate.',
    why: 'Without a certificate and its key, nginx cannot use https, and nothing answers on the boot server.',
    check({ server }, report) {
      if (!server?.url?.startsWith('https:') || server.tls || isBroken(server, 'tls')) return;
      report(locationOf(server, 'url'), {
        message: `Machines fetch from ${server.url}, but nginx has no certificate: it does not answer there.`,
        help: 'set its paths on the boot server: `tls: {certificate: …, key: …}`; or use http',
      });
    },
  }),
  error('tls-needs-public-ca', {
    what: 'The installer must fetch with https only from a name for which a public CA can issue a certificate.',
    why: 'The installer verifies certificates, and trusts only public CAs, to which none can be added: it stops with "certificate signed by unknown authority" (harvester/harvester#4134, #1431).',
    check({ server, nodes = [] }, report) {
      const { url, host, tls } = server ?? {};
      if (!server || !tls?.host) return;
      if (isUncertified(tls.host)) {
        report(locationOf(tls, 'url'), {
          message: `The installer fetches its configuration with https from ${tls.host}, which no public CA certifies: it rejects the certificate.`,
          help: `set server.tls.url ${HELP}`,
        });
      }
      if (!url?.startsWith('https:') || !host || host === tls.host || !isUncertified(host)) return;
      if (!nodes.some((node) => node?.config?.install?.iso_url?.startsWith(`${url}/`))) return;
      report(locationOf(server, 'url'), {
        message: `The installer fetches the ISO with https from ${host}, which no public CA certifies: it rejects the certificate.`,
        help: `set server.url ${HELP}; or set server.media to another server`,
      });
    },
  }),
];

function helpFor(plain: Listener, other: Listener): string {
  if (plain.by === 'ports' || other.by === 'ports')
    return 'remove it from server.ports, or choose another port';
  return plain.by === 'firmware'
    ? 'choose another port, such as the default, 443'
    : 'choose another port for one of them';
}

/** Whether the URL of configurations is known. */
export function isWhole({ url, host, port }: NonNullable<Draft<Server>['tls']>): boolean {
  return url !== undefined && host !== undefined && port !== undefined;
}

/** Returns the host of an https URL if no public CA can certify it: an IP address, or a name of a private domain. */
function privateHost(url: string): string | undefined {
  if (!/^https:/i.test(url) || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return isAddress(hostname) || isUncertified(hostname) ? hostname : undefined;
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || /^[0-9.]+$/.test(host);
}

/** Whether no public CA can certify a host: a private IP address, or a name of a private domain. */
function isUncertified(host: string): boolean {
  return isAddress(host) ? !isPublic(host) : PRIVATE_NAME.test(host.replace(/\.$/, ''));
}
