import { OLDEST_RELEASE } from '../knowledge/harvester.ts';
import { createNode } from '../site/clusters.ts';
import { isUnknown } from '../site/effective.ts';
import type { Cluster, Host, Network, Node, Site } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { listed, nameRanges } from '../source/diagnostics/words.ts';
import { isBroken, locationOf, selfLocation } from '../source/origin.ts';
import { listenerPlace, listenersOf } from '../targets/nginx/served.ts';
import {
  contains,
  type Ipv4Range,
  ipv4Number,
  isHostAddress,
  parseAddressOrCidr,
} from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { kernelWords, plainPath, setsParameter } from '../values/text.ts';
import { parseServerUrl } from '../values/urls.ts';
import { isAtLeast } from '../values/version.ts';
import { isWhole } from './https.ts';
import { error, essential, type Report, warning } from './rule.ts';
import { nodesWhose, overlap } from './support.ts';

export const serverUrlNotHost = warning('server-url-not-host', {
  what: 'The address in server.url is one of the host on which the virtual machines live.',
  why: 'The host is their boot server: it is there that `scripts/host-setup.sh` starts nginx with the tree. Of another address machines fetch nothing, or something else.',
  check({ host, server, networks = [], nodes = [] }, report) {
    if (!host || !server?.host || ipv4Number(server.host) === undefined) return;
    if (server.host === host.address || isBroken(host, 'address')) return;
    const booting = new Set(nodes.flatMap((node) => (node?.domain ? (node.bootNic?.network ?? []) : [])));
    // A bridge that is the host's own may lead to any address of it.
    if (booting.size === 0 || [...booting].some((network) => !network.libvirt)) return;
    if (networks.some((network) => !network || hasUnknownAddress(network))) return;
    const addresses = networks.flatMap((network) => network?.libvirt?.address ?? []);
    if (addresses.includes(server.host)) return;
    report({
      message: `Machines fetch from ${server.host}, which is no address of the host that is known: the host has ${addresses.join(', ') || 'none on any network of theirs'}.`,
      at: locationOf(server, 'url'),
      related: addressPlaces(networks),
      help: addresses[0]
        ? `write http://${addresses[0]}; where the host has the other address, too, silence server-url-not-host with the reason`
        : 'give the host an address on the network that they boot from: its gateway, or libvirt.address',
    });
  },
});

/** One that is at fault, as others say, is not known either: mostly it is the gateway, mistyped. */
function hasUnknownAddress(network: Draft<Network>): boolean {
  const { libvirt, subnet } = network;
  if (!libvirt || isBroken(network, 'libvirt')) return isBroken(network, 'libvirt');
  const { address } = libvirt;
  return isBroken(libvirt, 'address') || (address && subnet ? !isHostAddress(subnet, address) : false);
}

function addressPlaces(networks: NonNullable<Draft<Site>['networks']>) {
  return networks.flatMap((network) =>
    network?.libvirt?.address
      ? [{ message: `its address on ${network.name} is set at`, at: locationOf(network.libvirt, 'address') }]
      : [],
  );
}

const sayingServerUrl = nodesWhose('userConfig', ({ server_url }) => server_url);

export const serverUrlByName = warning('server-url-by-name', {
  what: 'A server_url has the VIP of the cluster, or a name that the create node lists in sans (v1.6.0 or newer).',
  why: "The node joins only where the name leads to the VIP while it installs, and where the cluster's certificate has it (harvester/harvester#4511, #4627).",
  check: sayingServerUrl.each((node, report) => {
    if (node.os !== 'harvester' || node.mode !== 'join') return;
    const { cluster, userConfig } = node;
    const release = cluster?.version;
    if (!cluster?.vip || !release || !userConfig.server_url) return;
    const host = userConfig.server_url.replace(/^https:\/\//, '').replace(/:\d+$/, '');
    if (ipv4Number(host) !== undefined) return;
    const takesSans = isAtLeast(release, 'v1.6.0');
    if (takesSans && mayBeCertified(host, cluster)) return;
    report({
      message: `The server_url names ${host} instead of the VIP ${cluster.vip}: the node joins only if the name leads there while it installs, and if the cluster's certificate has it.`,
      at: locationOf(userConfig, 'server_url'),
      related: [{ message: 'the VIP is set at', at: locationOf(cluster, 'vip') }],
      help: takesSans
        ? 'remove server_url: the VIP is derived; or see that DNS has the name, and list it in sans of the create node'
        : 'remove server_url: the VIP is derived; before v1.6.0 the name cannot be put into the certificate either',
    });
  }),
});

/** Whether a name is among the further ones in the certificate of a cluster, or these are not known. */
function mayBeCertified(host: string, cluster: Draft<Cluster>): boolean {
  const node = createNode(cluster);
  if (!node || isUnknown(node, 'sans')) return true;
  return node.userConfig?.sans?.some((name) => name?.toLowerCase() === host) ?? false;
}

export const serverUrlNeedsPort = error('server-url-needs-port', {
  what: 'A server_url has its port written out, :443, with releases before v1.1.2.',
  why: 'These releases take the URL as it is; the node is installed, then says that the port is not 443, and never joins (harvester/harvester#2737).',
  check: sayingServerUrl.each((node, report) => {
    const release = node.cluster?.version;
    if (node.os !== 'harvester' || node.mode !== 'join' || !node.userConfig.server_url || !release) return;
    if (!isAtLeast(release, OLDEST_RELEASE) || isAtLeast(release, 'v1.1.2')) return;
    const url = node.userConfig.server_url;
    if (url.endsWith(':443')) return;
    report({
      message: `The server_url ${url} has no port: ${release.text} does not add it, and the node would never join.`,
      at: locationOf(node.userConfig, 'server_url'),
      help: `write ${url}:443`,
    });
  }),
});

export const portHasConfigurations = essential('port-has-configurations', {
  what: 'No port of `server.ports` is the one at which nginx hands out configurations alone, by the same name.',
  why: 'Of two servers with one name and port nginx has the first, and passes over the other with no more than a warning: machines would be told that there are no configurations (nginx, src/http/ngx_http.c).',
  check({ server }, report) {
    const { tls } = server ?? {};
    if (!server?.url || !server.host || !server.port || !tls || !isWhole(tls)) return;
    const listeners = listenersOf(server as Server);
    const own = listeners.find(({ by }) => by === 'tls');
    const further = listeners.find(
      ({ by, host, port, isHttps }) => by === 'ports' && isHttps && host === own?.host && port === own.port,
    );
    if (!further) return;
    report({
      message: `Port ${further.port} is that of server.tls.url, at which nginx hands out configurations and nothing else.`,
      at: listenerPlace(server, further),
      related: [{ message: 'server.tls is at', at: listenerPlace(server, own ?? further) }],
      help: 'take it out of server.ports, or choose another one',
    });
  },
});

export const seedUrlSlash = error('seed-url-slash', {
  what: "The URL of cloud-init's data on a kernel line ends in a slash.",
  why: 'Names of files are put behind it as it stands, `meta-data` among them: without the slash cloud-init asks for what there is not, and says nothing on the console.',
  check: nodesWhose('linux').eachOnce((node, report) => {
    const { args = [] } = node.linux;
    for (const [index, arg] of args.entries()) {
      const url = arg === undefined ? undefined : seedWithoutSlash(arg);
      if (url === undefined) continue;
      report({
        message: `cloud-init would ask for ${url}meta-data: the URL of its data ends in no slash.`,
        at: locationOf(args, index),
        help: `write s=${url}/; or leave the argument out, and it is the folder of the tree that is the node's own`,
      });
    }
  }),
});

/**
 * The URL of cloud-init's data in an argument, if there is one that does not end in a slash. One that says itself where the
 * name goes, by `%s` or as the end of a query, has none to lack. Source: cloud-init, cloudinit/util.py (read_seeded).
 */
function seedWithoutSlash(arg: string): string | undefined {
  const ds = kernelWords(arg).find((word) => setsParameter(word, 'ds'));
  const url = ds && /;(?:s|seedfrom)=([a-z]+:\/\/[^;"]+)/.exec(ds)?.[1];
  return url && !url.endsWith('/') && !/%s|\?/.test(url) ? url : undefined;
}

export const nextIsItself = error('next-is-itself', {
  what: 'The next boot server is that of another site.',
  why: 'A machine that the site does not know would be sent in a circle, and never be told that it is unknown.',
  check({ server }, report) {
    const next = server?.next && parseServerUrl(server.next);
    const { url, host, port, tls } = server ?? {};
    if (!next || url === undefined || host === undefined || port === undefined || (tls && !isWhole(tls)))
      return;
    const listeners = listenersOf(server as Server);
    // Where there are no scripts it would be no circle, and still no other site.
    if (!listeners.some((one) => one.host === next.host && one.port === next.port)) return;
    report({
      message: `The next boot server, ${server.next}, is the site's own.`,
      at: locationOf(server, 'next'),
      help: 'write the server.url of the other site; the last of several sites has no next one',
    });
  },
});

export const serverPaths = essential('server-paths', {
  what: "The tree, the media, the images of Linux, iPXE's programs, the secrets, the certificate, the signatures, disks by iSCSI and disk images lie beside each other on the boot server, none in another; media and programs may lie on a data disk of the host.",
  why: 'A deployment deletes what is in the folder of the tree and not of the tree; what the media folder holds is served to anybody; and a data disk that is mounted hides what lies there already.',
  check({ server, host, nodes = [] }, report) {
    if (!server) return;
    const folders = foldersOf(server, nodes);
    for (const key of ['certificate', 'key'] as const) {
      const path = server.tls?.[key];
      const outer = folders.find((folder) => folder.key !== 'secrets' && isWithin(path, folder.path));
      if (!outer || !server.tls) continue;
      report({
        message: `${path}, for the certificate${key === 'key' ? "'s key" : ''}, lies within ${outer.path}, for ${outer.what}: ${consequence(outer.key)}.`,
        at: locationOf(server.tls, key),
        help: 'keep it elsewhere, such as below /etc/ssl',
      });
    }
    if (server.root && !/^\/[^/]+\/+[^/]+/.test(server.root)) {
      report({
        message: `The tree cannot lie in ${server.root}: a deployment deletes everything else that is in its folder.`,
        at: locationOf(server, 'root'),
        help: 'give it a folder of its own, such as /srv/harvgen/plant',
      });
      return;
    }
    for (const inner of folders) {
      const outer = folders.find(({ key, path }) => key !== inner.key && isWithin(inner.path, path));
      if (!outer) continue;
      report({
        message: `${inner.path}, for ${inner.what}, lies within ${outer.path}, for ${outer.what}: ${consequence(outer.key)}.`,
        at: locationOf(server, inner.key),
        help: `choose folders beside each other with ${keyOf(inner.key)} and ${keyOf(outer.key)}, or rename the site`,
      });
    }
    if (host) checkHost(host, server, folders, report);
  },
});

interface Folder {
  readonly key: 'root' | 'media' | 'images' | 'tftp' | 'secrets' | 'sign' | 'iscsi';
  readonly what: string;
  readonly path: string | undefined;
}

function foldersOf(server: Draft<Server>, nodes: readonly (Draft<Node> | undefined)[]): Folder[] {
  const { root, media, tftp, secrets, sign, iscsi, host } = server;
  const images = nodes.some((node) => node?.os === 'linux') ? server.images?.path : undefined;
  const isHere = iscsi?.address !== undefined && iscsi.address === host;
  const hasDisks = isHere && nodes.some((node) => node?.iscsi?.disk !== undefined);
  const disks = hasDisks && iscsi.store?.kind === 'files' ? iscsi.store.folder : undefined;
  return [
    { key: 'root', what: 'the tree', path: root },
    { key: 'media', what: "Harvester's files", path: media?.path },
    { key: 'images', what: 'what machines boot Linux from', path: images },
    { key: 'tftp', what: "iPXE's programs", path: tftp },
    { key: 'secrets', what: 'the secrets', path: secrets },
    { key: 'sign', what: 'the signatures', path: sign?.path },
    { key: 'iscsi', what: 'disks by iSCSI', path: disks },
  ];
}

/** Images may lie in none of the folders, and what is put there before the data disks are mounted on none of these. */
function checkHost(
  host: Draft<Host>,
  server: Draft<Server>,
  folders: readonly Folder[],
  report: Report,
): void {
  const outer = folders.find(({ key, path }) => key !== 'secrets' && isWithin(host.images, path));
  if (outer) {
    report({
      message: `${host.images}, for disk images, lies within ${outer.path}, for ${outer.what}: ${consequence(outer.key)}.`,
      at: locationOf(host, 'images'),
      help: `choose folders beside each other with host.images and ${keyOf(outer.key)}`,
    });
    return;
  }
  for (const disk of host.disks ?? []) {
    for (const { key, what, path } of folders) {
      if (!disk?.mount) continue;
      // The host fetches these itself, onto the disk.
      const isLater = key === 'media' || key === 'images' || key === 'tftp' || key === 'iscsi';
      if (isWithin(disk.mount, path)) {
        report({
          message: `${disk.mount}, for images on ${disk.name}, lies within ${path}, for ${what}: ${consequence(key)}.`,
          at: selfLocation(disk),
          related: [{ message: `${keyOf(key)} is set at`, at: locationOf(server, key) }],
          help: `choose another folder with ${keyOf(key)}`,
        });
      } else if (!isLater && isWithin(path, disk.mount)) {
        report({
          message: `${path}, for ${what}, lies within ${disk.mount}, where ${disk.name} is mounted by a script of the tree: what is there before that is hidden then.`,
          at: locationOf(server, key),
          related: [{ message: `${disk.name} is defined at`, at: selfLocation(disk) }],
          help: `choose another folder with ${keyOf(key)}`,
        });
      }
    }
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
  return outer === 'root' ? 'a deployment would delete it' : 'anybody could fetch it';
}

export const allowCoversNodes = warning('allow-covers-nodes', {
  what: 'No address that `server.allow` or the `allow` of a tenant covers is that of a node or a VIP, or one that DHCP gives to strangers.',
  why: 'Whoever is allowed reads the configuration of every node, or of every node of the tenant, with its secrets: that each node reads its own alone holds no longer.',
  check(site, report) {
    const { server, tenants = [] } = site;
    const lists = [
      { list: server?.allow ?? [], key: 'server.allow', whose: 'any node' },
      ...tenants.flatMap((tenant) =>
        tenant?.allow
          ? { list: tenant.allow, key: `tenants.${tenant.name}.allow`, whose: `any node of ${tenant.name}` }
          : [],
      ),
    ];
    for (const { list, key, whose } of lists) {
      for (const [index, entry] of list.entries()) {
        const range = entry === undefined ? undefined : parseAddressOrCidr(entry);
        const covered = range ? coveredBy(range, site) : [];
        if (covered.length === 0) continue;
        report({
          message: `${key} covers ${listed(covered)} with ${entry}: they may fetch the configuration of ${whose}, with its secrets.`,
          at: locationOf(list, index),
          help: 'allow single addresses, such as that of a workstation; a node may fetch its own files without that',
        });
      }
    }
  },
});

function coveredBy(range: Ipv4Range, { nodes = [], networks = [], clusters = [] }: Draft<Site>): string[] {
  const names = nodes.flatMap((node) =>
    node?.name !== undefined && node.nics?.some((nic) => nic?.ip && contains(range, nic.ip)) ? node.name : [],
  );
  return [
    ...(names.length > 0 ? [nameRanges([...new Set(names)])] : []),
    ...clusters.flatMap((one) => (one?.vip && contains(range, one.vip) ? `the VIP of ${one.name}` : [])),
    ...networks.flatMap((one) =>
      one?.dhcp?.pool && overlap(one.dhcp.pool, range) ? `the DHCP pool of ${one.name}` : [],
    ),
  ];
}
