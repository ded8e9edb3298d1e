import { OLDEST_RELEASE } from '../../knowledge/harvester.ts';
import { isWhole, type Listener, listenerLocation, listenersOf } from '../../plan/served.ts';
import { createNode } from '../../site/clusters.ts';
import { isUnknown } from '../../site/effective.ts';
import type { Cluster, Host, Network, Site } from '../../site/model.ts';
import type { Server } from '../../site/model-server.ts';
import { listed, nameRanges } from '../../source/diagnostics/words.ts';
import { isBroken, locationOf, selfLocation } from '../../source/origin.ts';
import { replaceValue, safeFix, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import {
  contains,
  type Ipv4Range,
  ipv4Number,
  isHostAddress,
  isPublic,
  parseAddressOrCidr,
} from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { kernelWords, plainPath, setsParameter } from '../../values/text.ts';
import { parseServerUrl } from '../../values/urls.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, essential, nodesWith, type Report, type Rule, warning } from '../rule.ts';
import { overlap } from '../support.ts';

/** Returns a check that reports listeners of nginx on the ports of other services of the same machine. */
function reportPorts(services: Readonly<Record<number, string>>, consequence: string): Rule['check'] {
  return ({ server }, report) => {
    // A Service of Kubernetes has an IP address of its own.
    if (!isWhole(server) || server.kubernetes) return;
    for (const listener of listenersOf(server)) {
      const service = services[listener.port];
      if (service)
        report(listenerLocation(server, listener), {
          message: `Port ${listener.port} is that of ${service}${consequence}.`,
          help: 'choose another port, such as 8080',
        });
    }
  };
}

const withServerUrl = nodesWith('userConfig', ({ server_url }) => server_url);

export const serverRules = [
  warning('server-url-not-host', {
    what: 'The IP address in server.url must belong to the libvirt host of the virtual machines.',
    why: 'The host is their boot server: `scripts/host-setup.sh` starts nginx with the output tree there. From another IP address, machines fetch nothing, or other files.',
  }).check(({ host, server, networks = [], nodes = [] }, report) => {
    if (!host || !server?.host || ipv4Number(server.host) === undefined) return;
    if (server.host === host.address || isBroken(host, 'address')) return;
    const booting = new Set(nodes.flatMap((node) => (node?.domain ? (node.bootNic?.network ?? []) : [])));
    // Through its own bridge, the host may have any IP address.
    if (booting.size === 0 || [...booting].some((network) => !network.libvirt)) return;
    if (networks.some((network) => !network || hasUnknownAddress(network))) return;
    const addresses = networks.flatMap((network) => network?.libvirt?.address ?? []);
    if (addresses.includes(server.host)) return;
    report(locationOf(server, 'url'), {
      message: `Machines fetch from ${server.host}, which is not a known IP address of the host: the host has ${addresses.join(', ') || 'none on their networks'}.`,
      related: networks.flatMap((network) => {
        if (!network?.libvirt) return [];
        const { name, libvirt } = network;
        return libvirt.address
          ? { message: `${name} sets its IP address at`, at: locationOf(libvirt, 'address') }
          : { message: `${name} sets none at`, at: selfLocation(network) };
      }),
      help: addresses[0]
        ? `set http://${addresses[0]}; or, if the host also has the other IP address, add silence: {server-url-not-host: "the reason"}`
        : 'set an IP address of the host on the network that they boot from: its gateway, or libvirt.address',
    });
  }),
  warning('server-url-off-networks', {
    what: 'If the site serves OpenCHAMI URLs, the IP address in server.url must be on one of its networks.',
    why: "Nothing in the output tree adds this IP address to the boot server, as OpenCHAMI's dummy interface does: without it, machines fetch nothing.",
  }).check(({ host, server, networks = [], nodes = [] }, report) => {
    const { host: address } = server ?? {};
    if (!server?.compat?.includes('ochami') || !address || ipv4Number(address) === undefined) return;
    // Of a libvirt host, a Service and a cloud, other parts of the site or of the provider assign the IP address.
    if (host || server.kubernetes || nodes.some((node) => node?.oci)) return;
    if (networks.length === 0 || networks.some((network) => !network?.subnet)) return;
    if (networks.some((network) => network?.subnet && contains(network.subnet, address))) return;
    report(locationOf(server, 'url'), {
      message: `No network of the site contains ${address}, the IP address in server.url: nothing assigns it to the boot server.`,
      help: 'set the IP address of the boot server on a network; or add silence: {server-url-off-networks: "the reason"}',
    });
  }),
  warning('server-url-by-name', {
    what: "A server_url must contain the VIP of the cluster, or a name in the create node's sans (v1.6.0 or newer).",
    why: "The node joins only if the name resolves to the VIP during installation and is in the cluster's certificate (harvester/harvester#4511, #4627).",
  }).check(withServerUrl.each, (node, report) => {
    if (node.os !== 'harvester' || node.mode !== 'join') return;
    const { cluster, userConfig } = node;
    const release = cluster?.version;
    if (!cluster?.vip || !release || !userConfig.server_url) return;
    const host = userConfig.server_url.replace(/^https:\/\//, '').replace(/:\d+$/, '');
    if (ipv4Number(host) !== undefined) return;
    const hasSans = isAtLeast(release, 'v1.6.0');
    if (hasSans && mayBeCertified(host, cluster)) return;
    report(locationOf(userConfig, 'server_url'), {
      message: `The server_url has ${host} instead of the VIP ${cluster.vip}: the node joins only if the name resolves to it and is in the cluster's certificate.`,
      related: [{ message: 'the VIP is set at', at: locationOf(cluster, 'vip') }],
      help: hasSans
        ? 'remove server_url: the default is the VIP; or add the name to DNS and to sans of the create node'
        : 'remove server_url: the default is the VIP; before v1.6.0, the certificate cannot contain the name',
    });
  }),
  error('server-url-needs-port', {
    what: 'Before v1.1.2, a server_url must contain https:// and its port, :443.',
    why: 'These releases use the URL unchanged: the installed node reports that the port is not 443, and never joins (harvester/harvester#2737).',
  }).check(withServerUrl.each, (node, report) => {
    const release = node.cluster?.version;
    if (node.os !== 'harvester' || node.mode !== 'join' || !node.userConfig.server_url || !release) return;
    if (!isAtLeast(release, OLDEST_RELEASE) || isAtLeast(release, 'v1.1.2')) return;
    const url = node.userConfig.server_url;
    const whole = url.replace(/^(https:\/\/)?(.*?)(:443)?$/, 'https://$2:443');
    if (url === whole) return;
    report(locationOf(node.userConfig, 'server_url'), {
      message: `The server_url ${url} has no ${url.endsWith(':443') ? 'scheme' : 'port'}: ${release.text} does not add it, and the node never joins.`,
      fix: safeFix(setKey(node.userConfig, 'server_url', whole)),
      help: `set ${whole}`,
    });
  }),
  essential('port-has-configurations', {
    what: 'A port of `server.ports` must not be the port and name at which nginx serves only configurations.',
    why: 'Of two servers with one name and port, nginx uses the first and ignores the other, with only a warning: machines get no configurations (nginx, src/http/ngx_http.c).',
  }).check(({ server }, report) => {
    if (!isWhole(server) || !server.tls) return;
    const listeners = listenersOf(server);
    const own = listeners.find(({ by }) => by === 'tls');
    const further = listeners.find(
      ({ by, host, port, isHttps }) => by === 'ports' && isHttps && host === own?.host && port === own.port,
    );
    if (!further) return;
    report(listenerLocation(server, further), {
      message: `Port ${further.port} is that of server.tls.url, at which nginx serves only configurations: machines get no configurations.`,
      related: [{ message: 'server.tls is set at', at: listenerLocation(server, own ?? further) }],
      help: 'remove it from server.ports, or choose another port',
    });
  }),
  error('server-port-taken', {
    what: 'The web server must not use the port of SSH or DNS, 22 and 53.',
    why: 'Of two services, only one can open a port: nginx or the other does not start, and machines fetch nothing.',
  }).check(
    reportPorts(
      { 22: 'SSH', 53: 'DNS' },
      ', which the boot server has, too: nginx or the other service does not start',
    ),
  ),
  warning('server-port-of-other-service', {
    what: 'The web server must not use the ports of DHCP and TFTP, 67 and 69.',
    why: 'These services use UDP, and nginx TCP: both start, but firewalls that know a port by its service block HTTP there.',
  }).check(
    reportPorts({ 67: 'DHCP', 69: 'TFTP' }, ', by UDP: firewalls that know it as such block HTTP there'),
  ),
  error('seed-url-slash', {
    what: "The URL of cloud-init's data on a kernel command line must end in a slash.",
    why: 'File names such as `meta-data` are appended to it unchanged: without the slash, cloud-init requests files that do not exist, and prints nothing at the console.',
  }).check(nodesWith('linux').eachOnce, (node, report) => {
    const { args = [] } = node.linux;
    for (const [index, arg] of args.entries()) {
      const url = arg === undefined ? undefined : seedWithoutSlash(arg);
      if (url === undefined) continue;
      report(locationOf(args, index), {
        message: `cloud-init requests ${url}meta-data: the URL of its data does not end in a slash.`,
        fix: suggestedFix(replaceValue(locationOf(args, index), String(arg).replace(url, `${url}/`))),
        help: `set s=${url}/; or remove the argument: the default is the directory of the node in the output tree`,
      });
    }
  }),
  error('next-is-itself', {
    what: 'The next boot server must be that of another site.',
    why: 'An unknown machine would be redirected in a circle, and never print that it is unknown.',
  }).check(({ server }, report) => {
    const next = server?.next && parseServerUrl(server.next);
    if (!next || !isWhole(server)) return;
    const listeners = listenersOf(server);
    // A listener without scripts makes no circle, but is not another site either.
    if (!listeners.some((listener) => listener.host === next.host && listener.port === next.port)) return;
    report(locationOf(server, 'next'), {
      message: `The next boot server, ${server.next}, is the site's own: unknown machines are redirected in a circle.`,
      help: 'set the server.url of the other site; or, for the last of several sites, remove server.next',
    });
  }),
  essential('server-paths', {
    what: 'Paths on the boot server must not be inside each other: output tree, media, images, binaries, secrets, certificate, signatures, disks. Media and binaries may be on a data disk of the host.',
    why: 'A deployment deletes all other files in the directory of the output tree. Files in the media directory are served to all clients. A mounted data disk hides the files below its mount point.',
  }).check((site, report) => {
    const { server, host } = site;
    if (!server) return;
    const directories = directoriesOf(server, site);
    for (const key of ['certificate', 'key'] as const) {
      const path = server.tls?.[key];
      const outer = publicDirectory(path, directories);
      if (!outer || !server.tls) continue;
      report(locationOf(server.tls, key), {
        message: `${path} (the ${key === 'key' ? 'key of the certificate' : 'certificate'}) is inside ${outer.path} (${outer.what}): ${consequence(outer.key)}.`,
        help: 'move it to another directory, such as /etc/ssl',
      });
    }
    if (server.root && !/^\/[^/]+\/+[^/]+/.test(server.root))
      return report(locationOf(server, 'root'), {
        message: `The output tree cannot be in ${server.root}: a deployment deletes all other files in its directory.`,
        help: 'set a separate directory, such as /srv/harvgen/plant',
      });
    for (const inner of directories) {
      const outer = directories.find(({ key, path }) => key !== inner.key && isWithin(inner.path, path));
      if (!outer) continue;
      report(locationOf(server, inner.key), {
        message: `${inner.path} (${inner.what}) is inside ${outer.path} (${outer.what}): ${consequence(outer.key)}.`,
        help: `set separate directories in ${keyOf(inner.key)} and ${keyOf(outer.key)}, or rename the site`,
      });
    }
    if (host) checkHost(host, server, directories, report);
  }),
  warning('allow-covers-nodes', {
    what: "`server.allow` and tenants' `allow` must not contain the IP address of a node or VIP, or a DHCP pool.",
    why: 'An allowed client can read the configuration of every node, or of every node of the tenant, with its secrets. Nodes could then read the files of other nodes.',
  }).check((site, report) => {
    const { server, tenants = [] } = site;
    const lists = [
      { list: server?.allow ?? [], key: 'server.allow', owner: 'any node' },
      ...tenants.flatMap((tenant) =>
        tenant?.allow
          ? { list: tenant.allow, key: `tenants.${tenant.name}.allow`, owner: `any node of ${tenant.name}` }
          : [],
      ),
    ];
    for (const { list, key, owner } of lists)
      for (const [index, entry] of list.entries()) {
        const range = parseAddressOrCidr(entry ?? '');
        const covered = range ? coveredBy(range, site) : [];
        if (covered.length === 0) continue;
        report(locationOf(list, index), {
          message: `${key} contains ${listed(covered)} with ${entry}: they may fetch the configuration of ${owner}, with its secrets.`,
          help: 'allow single IP addresses, such as that of a workstation: a node may always fetch its own files',
        });
      }
  }),
];

/** Whether the host's IP address is unknown because of an error, most often a typo in the gateway, which other rules report. */
function hasUnknownAddress(network: Draft<Network>): boolean {
  const { libvirt, subnet } = network;
  if (!libvirt || isBroken(network, 'libvirt')) return isBroken(network, 'libvirt');
  const { address } = libvirt;
  return isBroken(libvirt, 'address') || Boolean(address && subnet && !isHostAddress(subnet, address));
}

/** Whether a name is in sans of a cluster's certificate, or these are unknown. */
function mayBeCertified(host: string, cluster: Draft<Cluster>): boolean {
  const node = createNode(cluster);
  if (!node || isUnknown(node, 'sans')) return true;
  return node.userConfig?.sans?.some((name) => name?.toLowerCase() === host) ?? false;
}

/**
 * Returns the URL of cloud-init's data in an argument if it lacks a slash at its end, or undefined. A URL with `%s`, or with
 * the name at the end of a query, needs no slash. Source: cloud-init, cloudinit/util.py (read_seeded).
 */
function seedWithoutSlash(arg: string): string | undefined {
  const ds = kernelWords(arg).find((word) => setsParameter(word, 'ds'));
  const url = ds && /;(?:s|seedfrom)=([a-z]+:\/\/[^;"]+)/.exec(ds)?.[1];
  return url && !url.endsWith('/') && !/%s|\?/.test(url) ? url : undefined;
}

interface Directory {
  readonly key: 'root' | 'media' | 'images' | 'tftp' | 'secrets' | 'sign' | 'iscsi';
  readonly what: string;
  readonly path: string | undefined;
}

function directoriesOf(
  server: Draft<Server>,
  { nodes = [], unknownMachines = [] }: Draft<Site>,
): Directory[] {
  const { root, media, tftp, secrets, sign, iscsi, host } = server;
  const bootsLinux = unknownMachines.length > 0 || nodes.some((node) => node?.os === 'linux');
  const images = bootsLinux ? server.images?.path : undefined;
  const isHere = iscsi?.address !== undefined && iscsi.address === host;
  const hasDisks = isHere && nodes.some((node) => node?.iscsi?.disk !== undefined);
  const disks = hasDisks && iscsi.store?.kind === 'files' ? iscsi.store.folder : undefined;
  return [
    { key: 'root', what: 'the output tree', path: root },
    { key: 'media', what: 'the installation media', path: media?.path },
    { key: 'images', what: 'the Linux images', path: images },
    { key: 'tftp', what: 'the iPXE binaries', path: tftp },
    { key: 'secrets', what: 'the secrets', path: secrets },
    { key: 'sign', what: 'the signatures', path: sign?.path },
    { key: 'iscsi', what: 'the iSCSI disks', path: disks },
  ];
}

function publicDirectory(
  inner: string | undefined,
  directories: readonly Directory[],
): Directory | undefined {
  return directories.find(({ key, path }) => key !== 'secrets' && isWithin(inner, path));
}

/** Checks that disk images are in none of the directories, and that no mounted data disk hides earlier files. */
function checkHost(host: Draft<Host>, server: Draft<Server>, directories: Directory[], report: Report) {
  const outer = publicDirectory(host.images, directories);
  if (outer)
    return report(locationOf(host, 'images'), {
      message: `${host.images} (the disk images) is inside ${outer.path} (${outer.what}): ${consequence(outer.key)}.`,
      help: `set separate directories in host.images and ${keyOf(outer.key)}`,
    });
  for (const disk of host.disks ?? [])
    for (const { key, what, path } of directories) {
      if (!disk?.mount) continue;
      // The host writes these later, to the mounted disk.
      const isLater = ['media', 'images', 'tftp', 'iscsi'].includes(key);
      if (isWithin(disk.mount, path))
        report(selfLocation(disk), {
          message: `${disk.mount} (the images on ${disk.name}) is inside ${path} (${what}): ${consequence(key)}.`,
          related: [{ message: `${keyOf(key)} is set at`, at: locationOf(server, key) }],
          help: `set another directory in ${keyOf(key)}`,
        });
      else if (!isLater && isWithin(path, disk.mount))
        report(locationOf(server, key), {
          message: `${path} (${what}) is inside ${disk.mount}, where a script of the tree mounts ${disk.name}: the disk hides earlier files there.`,
          related: [{ message: `${disk.name} is defined at`, at: selfLocation(disk) }],
          help: `set another directory in ${keyOf(key)}`,
        });
    }
}

function keyOf(key: string): string {
  if (key === 'iscsi') return 'server.iscsi.files';
  return key === 'sign' ? 'server.sign.path' : `server.${key}`;
}

function isWithin(inner: string | undefined, outer: string | undefined): boolean {
  if (!inner || !outer) return false;
  return `${plainPath(inner)}/`.startsWith(`${plainPath(outer)}/`);
}

function consequence(outer: string): string {
  return outer === 'root' ? 'a deployment deletes it' : 'any client can fetch it';
}

function coveredBy(range: Ipv4Range, { nodes = [], networks = [], clusters = [] }: Draft<Site>): string[] {
  const names = nodes.flatMap((node) =>
    node?.name !== undefined && node.nics?.some((nic) => nic?.ip && contains(range, nic.ip)) ? node.name : [],
  );
  return [
    ...(names.length > 0 ? [nameRanges([...new Set(names)])] : []),
    ...clusters.flatMap((cluster) =>
      cluster?.vip && contains(range, cluster.vip) ? `the VIP of ${cluster.name}` : [],
    ),
    ...networks.flatMap((one) =>
      one?.dhcp?.pool && overlap(one.dhcp.pool, range) ? `the DHCP pool of ${one.name}` : [],
    ),
  ];
}

const HELP =
  'to a name in public DNS, possibly of a private IP address, with a certificate of a public CA; or remove tls';

/** Names outside public DNS: no public CA can check their owners. */
const PRIVATE_NAME =
  /^[^.]+$|\.(local|localdomain|localhost|lan|internal|intranet|private|home|home\.arpa|corp|test|invalid)$/;

export const httpsRules = [
  essential('http-and-https-on-port', {
    what: 'A port of nginx must not use both http and https.',
    why: 'A port of nginx uses one of the two: clients of the other get "400 Bad Request".',
  }).check(({ server }, report) => {
    if (!isWhole(server) || !server.tls) return;
    const listeners = listenersOf(server);
    for (const other of listeners.filter(({ isHttps }) => isHttps)) {
      const { port } = other;
      const plain = listeners.find((listener) => !listener.isHttps && listener.port === port);
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
  }),
  warning('https-needs-public-ca', {
    what: 'An https URL must have a host for which a public CA can issue a certificate.',
    why: 'The installer verifies certificates and trusts only public CAs: with any other, it stops with "certificate signed by unknown authority" (harvester/harvester#4134, #1431).',
  }).check(({ server, nodes = [] }, report) => {
    const url = server?.media?.url;
    const host = url && !server.media?.path && privateHost(url);
    if (host)
      report(locationOf(server, 'media'), {
        message: `The URL of server.media uses https with ${host}, which no public CA certifies: iPXE and the installer reject its certificate.`,
        help: 'use http, whose files are still verified by checksum; or a name in public DNS with a certificate of a public CA',
      });
    const tls = server?.tls;
    if (tls?.host && isAddress(tls.host) && !isUncertified(tls.host))
      report(locationOf(tls, 'url'), {
        message: `Configurations are fetched with https from ${tls.host}, but few public CAs certify an IP address: the installer rejects any other certificate.`,
        help: 'set a name in public DNS in server.tls.url; or, with a public certificate for the IP address, add silence: {https-needs-public-ca: "the reason"}',
      });
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
  }),
  essential('https-without-tls', {
    what: 'If machines use https, nginx must have a certificate.',
    why: 'Without a certificate and its key, nginx cannot use https, and nothing answers on the boot server.',
  }).check(({ server }, report) => {
    if (!server?.url?.startsWith('https:') || server.tls || isBroken(server, 'tls')) return;
    report(locationOf(server, 'url'), {
      message: `Machines fetch from ${server.url}, but nginx has no certificate: it does not answer there.`,
      help: 'set its paths on the boot server: `tls: {certificate: …, key: …}`; or use http',
    });
  }),
  error('tls-needs-public-ca', {
    what: 'The installer must fetch with https only from a name for which a public CA can issue a certificate.',
    why: 'The installer verifies certificates, and trusts only public CAs, to which none can be added: it stops with "certificate signed by unknown authority" (harvester/harvester#4134, #1431).',
  }).check(({ server, nodes = [] }, report) => {
    const { url, host, tls } = server ?? {};
    if (!server || !tls?.host) return;
    if (isUncertified(tls.host))
      report(locationOf(tls, 'url'), {
        message: `The installer fetches its configuration with https from ${tls.host}, which no public CA certifies: it rejects the certificate.`,
        help: `set server.tls.url ${HELP}`,
      });
    if (!url?.startsWith('https:') || !host || host === tls.host || !isUncertified(host)) return;
    if (!nodes.some((node) => node?.config?.install?.iso_url?.startsWith(`${url}/`))) return;
    report(locationOf(server, 'url'), {
      message: `The installer fetches the ISO with https from ${host}, which no public CA certifies: it rejects the certificate.`,
      help: `set server.url ${HELP}; or set server.media to another server`,
    });
  }),
];

function helpFor(plain: Listener, other: Listener): string {
  if (plain.by === 'ports' || other.by === 'ports')
    return 'remove it from server.ports, or choose another port';
  return plain.by === 'firmware'
    ? 'choose another port, such as the default, 443'
    : 'choose another port for one of them';
}

/** Returns the host of an https URL if no public CA can certify it: an IP address, or a name of a private domain. */
function privateHost(url: string): string | undefined {
  if (!/^https:/i.test(url) || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return isAddress(hostname) || isUncertified(hostname) ? hostname : undefined;
}

const isAddress = (host: string): boolean => host.startsWith('[') || /^[0-9.]+$/.test(host);

/** Whether no public CA can certify a host: a private IP address, or a name of a private domain. */
function isUncertified(host: string): boolean {
  return isAddress(host) ? !isPublic(host) : PRIVATE_NAME.test(host.replace(/\.$/, ''));
}
