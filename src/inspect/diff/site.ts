import { isOwnDhcpServer, OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { BOOT_SCRIPT, BUILD_IPXE, IMAGES, WWW } from '../../tree/paths.ts';
import { parseAddressOrCidr } from '../../values/addresses.ts';
import { joinSpans, type Span } from '../../values/spans.ts';
import { otherValue, type SiteChange, step, type Trees } from './change.ts';
import { heldDisks } from './domain.ts';
import { SIGN_MEDIA, type SiteFacts } from './facts.ts';
import { hasDhcp, siteKeyChanges } from './keys.ts';
import { missing, type Plain, pairByName } from './values.ts';

/** Returns the changes beside the nodes: URLs, the entry script, clients, and what has a name or is the iSCSI server. */
export function siteChanges(trees: Trees): SiteChange[] {
  const { before, after, files } = trees;
  const fetches = (what: string) => (from: string, to: string) =>
    `every machine fetches${what} from ${to} instead of ${from}`;
  const hasOneUrl = before.configUrl === before.url && after.configUrl === after.url;
  const isOtherEntry = files.some(
    ({ path, change }) => path === `${WWW}/${BOOT_SCRIPT}` && change === 'changed',
  );
  const noRecord = `the earlier build has no record of the sources of images and the secrets of disks: compare ${IMAGES} and the scripts of nodes yourself`;
  return [
    ...otherValue('url', before.url, after.url, fetches('')),
    ...(hasOneUrl
      ? []
      : otherValue('config-url', before.configUrl, after.configUrl, fetches(' its configuration'))),
    ...step('boot-script', isOtherEntry && 'the entry script of every machine changes'),
    ...answerChanges(trees),
    ...accessChanges(trees),
    ...(before.iscsi && after.iscsi
      ? siteKeyChanges('iscsi', 'iSCSI server', before.iscsi, after.iscsi)
      : []),
    ...namedChanges('tenant', 'tenant', before.tenants, after.tenants),
    ...namedChanges(
      'disk-image',
      'image',
      before.images,
      after.images,
      '; it stays in the store until images.sh prune',
    ),
    ...step('iscsi', before.iscsi && !before.server && noRecord),
    ...heldDisks(trees),
    ...pairByName(before.networks, after.networks).flatMap(([name, old, now]) =>
      old && now ? dhcpChange(name, old, now, after) : [],
    ),
    ...namedChanges('network', 'network', before.networks, after.networks),
    ...namedChanges('cluster', 'cluster', before.clusters, after.clusters),
    ...imageChange(trees),
  ];
}

type Things = ReadonlyMap<string, Plain>;

/** Returns the changes of things with names: that they are new or gone, or their changed keys. `stays` is the effect of one that is gone. */
function namedChanges(what: string, word: string, before: Things, after: Things, stays = ''): SiteChange[] {
  return pairByName(before, after).flatMap(([name, old, now]) =>
    old && now
      ? siteKeyChanges(what, `${word} ${name}`, old, now, name)
      : step(what, `${word} ${name} is ${now ? 'new' : `gone${stays}`}`, { name }),
  );
}

/** The URLs of each entry of `server.compat`. */
const COMPAT: Readonly<Record<string, string>> = {
  phs: 'the URLs of phs (ipxe/<mac>, config/<mac>)',
  'phs-all': 'the list of all nodes (/all)',
  oci: 'the URL of oci-harvester (harvester/boot.php)',
  ochami: "the URLs of OpenCHAMI's BSS, SMD and cloud-init server",
};

/** Reports that the boot server starts or stops to answer URLs of `server.compat` or on `server.ports`. Trees of earlier versions lack them. */
function answerChanges({ before, after }: Trees): SiteChange[] {
  if (!before.server) return [];
  const hasPorts = before.server.ports !== undefined;
  const [old, now] = [before, after].map(({ server }) => [
    ...(server?.compat ?? []),
    ...((hasPorts && server?.ports) || []),
  ]) as [(string | number)[], (string | number)[]];
  const text = (entry: string | number, isNew: boolean) => {
    const isPort = typeof entry === 'number';
    const what = isPort ? `on port ${entry}` : COMPAT[entry];
    const verb = `${isNew ? 'now' : 'no longer'} answers`;
    if (entry === 'phs' || entry === 'oci') return `a plain web server ${verb} ${what}; nginx always does`;
    const effect = isPort ? 'machines whose boot image has this port get no script' : 'clients get 404';
    return what && `the boot server ${verb} ${what}${isNew ? '' : `: ${effect}`}`;
  };
  const changes = (entries: readonly (string | number)[], side: 'before' | 'after') =>
    entries.flatMap((entry) =>
      step(typeof entry === 'number' ? 'ports' : 'compat', text(entry, side === 'after'), { [side]: entry }),
    );
  return [
    ...changes(missing(old, [...now, portOf(after.url)]), 'before'),
    ...changes(missing(now, [...old, portOf(before.url)]), 'after'),
  ];
}

/** Returns the port of the URL of a boot server. */
function portOf(url = ''): number {
  return Number(/:(\d+)$/.exec(url)?.[1] ?? (url.startsWith('https:') ? 443 : 80));
}

/** The list whose clients may fetch every file: other lists grant them nothing more. */
const ALLOW = 'server.allow';

/** Reports the clients that may fetch more than before by `server.allow`, `allow_scripts` or `tenants.*.allow`. */
function accessChanges({ before: { access: old }, after: { access: now } }: Trees): SiteChange[] {
  const lists = [...(now ?? [])];
  if (!old) {
    const text = `the earlier build has no record of its clients: compare ${listed(lists.map(([key]) => key))} yourself`;
    return step('access', lists.length > 0 && text);
  }
  return lists.flatMap(([key, clients]) => {
    const known = joinSpans([old.get(ALLOW), old.get(key)].flatMap((list = []) => list.flatMap(spanOf)));
    const added = [...new Set(clients)].filter((client) =>
      spanOf(client).some(({ start, end }) => !known.some((span) => span.start <= start && span.end >= end)),
    );
    const tenant = key === ALLOW ? '' : ` of ${key.split('.')[1]}`;
    const files =
      key === 'server.allow_scripts'
        ? 'the script of every node'
        : `the files of every node${tenant}, with their secrets`;
    return step('access', added.length > 0 && `${listed(added)} may now fetch ${files} (${key})`, {
      after: added,
    });
  });
}

/** Returns the IP addresses of a client in a list, as numbers; empty for another form. */
function spanOf(client: string): Span[] {
  const range = parseAddressOrCidr(client);
  return range ? [{ start: range.first, end: range.last + 1 }] : [];
}

/** Reports that a network gains or loses DHCP, with the effect on the machines that boot from it. */
function dhcpChange(name: string, before: Plain, after: Plain, site: SiteFacts): SiteChange[] {
  if (hasDhcp(before) === hasDhcp(after)) return [];
  const [old, now] = [before, after].map((network) => {
    const { 'dhcp.server': server, 'dhcp.pool': pool, 'dhcp.lease': lease } = network;
    return hasDhcp(network) ? { server, pool, lease } : undefined;
  });
  const boots = [...site.nodes.values()].some(({ networkName }) => networkName === name);
  const image = `an iPXE image that embeds embed/${site.name ?? '<site>'}.ipxe`;
  const text = now
    ? `now has DHCP: its machines get their IP addresses from ${serverText(now.server)}${boots ? ` and boot without ${image}` : ''}`
    : `no longer has DHCP: its machines get no IP address by DHCP${boots ? ` and boot only from ${image}` : ''}`;
  return step('network', `network ${name} ${text}`, { name, key: 'dhcp', before: old, after: now });
}

function serverText(server: unknown): string {
  if (server === 'libvirt') return "libvirt's dnsmasq on the host";
  if (typeof server !== 'string' || !isOwnDhcpServer(server)) return 'an external server';
  const { name } = OWN_DHCP_SERVERS[server];
  return server === 'isc' ? `${name} on the boot server` : `the boot server's ${name}`;
}

/** Reports that iPXE images must be rebuilt: the embedded script changes in its URL, in IP addresses or in signatures. */
function imageChange({ before, after, files, tree }: Trees): SiteChange[] {
  const embedded = files.find(({ path, after }) => after && /^embed\/[^/]+\.ipxe$/.test(path));
  if (!embedded || !tree.has(BUILD_IPXE)) return [];
  const isSigned = tree.has(SIGN_MEDIA);
  const isOtherUrl = before.url !== undefined && after.url !== undefined && before.url !== after.url;
  if (!isOtherUrl && !isSigned && !hasStaticNode(before) && !hasStaticNode(after)) return [];
  const old = isOtherUrl && embedded.before ? `; until then it requests ${before.url}` : '';
  const what = isSigned
    ? `iPXE embeds ${embedded.path}: rebuild its binaries and images as README.md describes`
    : `if machines start from an iPXE image, which embeds ${embedded.path}, rebuild it`;
  return step('image', `${what} (${BUILD_IPXE})${old}`);
}

function hasStaticNode({ nodes }: SiteFacts): boolean {
  return [...nodes.values()].some(({ leases }) => leases === false);
}
