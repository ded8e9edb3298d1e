import { isOwnDhcpServer, OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import { BOOT_SCRIPT, BUILD_IPXE, WWW } from '../../tree/paths.ts';
import type { Tree } from '../../tree/tree.ts';
import { accessChanges } from './access.ts';
import { movedNode, newNode } from './boots.ts';
import {
  type BootChange,
  bootChange,
  type NodePlan,
  otherValue,
  type Plan,
  type SiteChange,
  type SitePlan,
  step,
  type Trees,
} from './change.ts';
import { compareNodes } from './compare-nodes.ts';
import { heldDisks } from './domain.ts';
import { INVENTORY, type NodeFacts, readFacts, SIGN_MEDIA, type SiteFacts, withNewFacts } from './facts.ts';
import { fileChanges } from './files.ts';
import { machineIds, machineIdsHere, type Owners } from './identity.ts';
import { rebootOrder } from './installed.ts';
import { iscsiSiteChanges } from './iscsi.ts';
import { objectChanges } from './objects.ts';
import { planServer } from './server.ts';
import { describeChange, otherKeys, type Plain, pairByName } from './values.ts';

/** Returns the script of a node, by its name, as the built-in templates write it; undefined without such a node. */
export type BuiltInScript = (node: string) => string | undefined;

/**
 * Returns the differences between two trees of a site, by node and by file. The earlier tree may be of another version or
 * damaged. Both trees contain placeholders instead of secrets. If the built tree contains the values, `filled` describes their
 * differences. `builtIn` is of the site of the later tree: it shows which script lines come from a site template.
 */
export function plan(before: Tree, after: Tree, filled?: Trees['filled'], builtIn?: BuiltInScript): Plan {
  const files = fileChanges(before, after, filled?.changed);
  const unchanged = after.size - files.filter(({ change }) => change !== 'removed').length;
  const nothing = { nodes: [], changes: [], files, unchanged, added: [], removed: [] };
  const old = readFacts(before);
  const now = readFacts(after);
  const unknownBy = (which: string, error: string) => ({
    ...nothing,
    unknownReason: `node changes are unknown: ${INVENTORY} of ${which} build ${error}`,
  });
  if ('error' in old) return unknownBy('the earlier', old.error);
  if ('error' in now) return unknownBy('the new', now.error);
  // In a first build everything is new, so the site changes are omitted.
  if (before.size === 0) return { ...nothing, ...planNodes(old, now) };
  const trees = { before: old, after: now, files, tree: after, filled };
  const planned = planNodes(old, now, builtIn && templateChanges(builtIn, old));
  const installed = [...rebootOrder(planned.nodes, now), ...objectChanges(files, now)];
  return {
    ...nothing,
    ...planned,
    changes: [...planSite(trees), ...installed, ...planServer(trees)],
    ...(now.hasPods ? { hasPods: true } : {}),
  };
}

/**
 * Returns a function that reports whether a site template changes a node's script. The script then gains a line that neither
 * the built-in nor any earlier script contains, or loses a line of the built-in script that it contained.
 */
function templateChanges(builtIn: BuiltInScript, before: SiteFacts) {
  const linesOf = (...scripts: (string | undefined)[]) =>
    new Set(scripts.flatMap((text = '') => text.split('\n')));
  const known = linesOf(...[...before.nodes.values()].map(({ script }) => script));
  return (old: NodeFacts, now: NodeFacts) => {
    const script = builtIn(now.name);
    if (script === undefined || old.script === undefined) return false;
    const plain = linesOf(script);
    const was = linesOf(old.script, withNewFacts(old.script, old, now));
    const is = linesOf(now.script);
    const isNew = (line: string) => !plain.has(line) && !was.has(line) && !known.has(line);
    return [...is].some(isNew) || [...plain].some((line) => was.has(line) && !is.has(line));
  };
}

/* Matching of nodes between two trees, and between sites. */

/** Returns the changed nodes, matched by name. A known machine with a new name is renamed. */
function planNodes(
  before: SiteFacts,
  after: SiteFacts,
  isByTemplate: Parameters<typeof compareNodes>[3] = () => false,
): Pick<Plan, 'nodes' | 'added' | 'removed'> {
  const [old, now] = [before, after].map(
    ({ nodes }) =>
      new Map([...nodes.values()].flatMap((node) => machineIdsHere(node).map((id) => [id, node]))),
  ) as [Map<string, NodeFacts>, Map<string, NodeFacts>];
  const owners: Owners = { was: (id) => old.get(id)?.name, is: (id) => now.get(id)?.name };
  const matched = new Set<string>();
  const plans: NodePlan[] = [];
  const added: NodeFacts[] = [];
  const formerSelf = (node: NodeFacts) =>
    // Compares the boot NIC only: another NIC may have been moved into the machine.
    machineIdsHere({ ...node, nics: node.bootNic ? [node.bootNic] : [] })
      .map((id) => old.get(id))
      .find((owner) => owner && !after.nodes.has(owner.name) && !matched.has(owner.name));
  for (const node of after.nodes.values()) {
    const earlier = before.nodes.get(node.name) ?? formerSelf(node);
    if (!earlier) {
      added.push(node);
      plans.push(planOf(node, 'new', newNode(node)));
    } else {
      matched.add(earlier.name);
      const compared = compareNodes(earlier, node, owners, isByTemplate);
      const change = earlier.name === node.name ? 'changed' : 'renamed';
      if (compared.changes.length > 0) plans.push({ node: node.name, change, ...compared });
    }
  }
  const gone = [...before.nodes.values()].filter(({ name }) => !matched.has(name));
  const isHere = (node: NodeFacts) => machineIdsHere(node).some((id) => now.has(id));
  const removed = gone.filter((node) => !isHere(node));
  return { nodes: [...plans, ...gone.map((node) => goneNode(node, owners, isHere(node)))], added, removed };
}

function planOf({ name: node }: NodeFacts, nodeState: NodePlan['change'], boot: BootChange): NodePlan {
  const { consequence, ...change } = boot;
  return { node, change: nodeState, consequence, changes: [change] };
}

function goneNode(node: NodeFacts, owners: Owners, isHere: boolean): NodePlan {
  const { mac, ip, domain, iscsi, loader } = node;
  const isOther = mac === undefined ? isHere : owners.is(`mac ${mac}`) !== undefined;
  const where = isOther
    ? 'its machine is now another node'
    : `a machine with its ${mac === undefined ? '' : 'MAC '}address is now unknown`;
  const ofDomain = domain ? 'its domain is powered off and removed from the host, its images stay; ' : '';
  const script = `this build removes its script${loader === 'pxelinux' ? ' and its menu entry' : ''}`;
  const ofStore =
    iscsi?.disk !== undefined
      ? `${script}, put-targets.sh its target while it is off, and images.sh prune its disk ${iscsi.disk}; `
      : loader === 'pxelinux'
        ? `${script}; `
        : '';
  const text = `gone: ${ofDomain}${ofStore}${where}`;
  return planOf(node, 'gone', bootChange('stranger', 'gone', 'boot', text, { before: mac ?? ip }));
}

/** Returns plans in which machines that are gone from one site and new in another are reported as moved. */
export function detectMoves(plans: readonly SitePlan[]): SitePlan[] {
  const goneIds = new Map(
    plans.flatMap((placed) =>
      placed.plan.removed.flatMap((node) => machineIds(node).map((id) => [id, { node, placed }] as const)),
    ),
  );
  // Another machine may now have the name of a gone node.
  const keyOf = (placed: SitePlan, change: NodePlan['change'], name: string) =>
    `${plans.indexOf(placed)} ${change} ${name}`;
  const moved = new Map<string, NodePlan>();
  for (const placed of plans)
    for (const node of placed.plan.added) {
      const from = machineIds(node)
        .map((id) => goneIds.get(id))
        .find((one) => one && one.placed !== placed);
      if (!from) continue;
      const [before, to] = [from.placed.site, placed.site];
      const here = movedNode(from.node, node, before, to);
      moved.set(keyOf(placed, 'new', node.name), planOf(node, 'moved', here));
      const text = `moved to ${to}${from.node.name === node.name ? '' : `, as ${node.name}`}`;
      const away = bootChange('boots-otherwise', 'moved-to', 'boot', text, { before, after: to });
      moved.set(keyOf(from.placed, 'gone', from.node.name), planOf(from.node, 'moved', away));
    }
  return plans.map((placed) => {
    const nodes = placed.plan.nodes.map((one) => moved.get(keyOf(placed, one.change, one.node)) ?? one);
    return { ...placed, plan: { ...placed.plan, nodes } };
  });
}

const WORDS: Readonly<Record<string, string>> = {
  dns: 'DNS servers',
  ntp: 'time servers',
  vlan: 'VLAN',
  mtu: 'MTU',
  'dhcp.server': 'DHCP server',
  'dhcp.pool': 'DHCP pool',
  'dhcp.lease': 'DHCP lease',
  'libvirt.name': 'name in libvirt',
  'libvirt.bridge': 'bridge',
  'libvirt.forward': 'forwarding',
  'libvirt.address': 'IP address of the host',
};

/** Returns the changes beside the nodes: the URLs that machines fetch from, the entry script, networks and clusters. */
function planSite(trees: Trees): SiteChange[] {
  const { before, after, files } = trees;
  const fetches = (what: string) => (from: string, to: string) =>
    `every machine fetches${what} from ${to} instead of ${from}`;
  const isOneUrl = before.configUrl === before.url && after.configUrl === after.url;
  const isOtherEntry = files.some(
    ({ path, change }) => path === `${WWW}/${BOOT_SCRIPT}` && change === 'changed',
  );
  const presence = (what: string, name: string, isNew: unknown) =>
    step(what, `${what} ${name} is ${isNew ? 'new' : 'gone'}`, { name });
  return [
    ...otherValue('url', before.url, after.url, fetches('')),
    ...(isOneUrl
      ? []
      : otherValue('config-url', before.configUrl, after.configUrl, fetches(' its configuration'))),
    ...step('boot-script', isOtherEntry && 'the entry script of every machine changes'),
    ...compatChange(trees),
    ...accessChanges(trees),
    ...iscsiSiteChanges(trees),
    ...heldDisks(trees),
    ...pairByName(before.networks, after.networks).flatMap(([name, old, now]) =>
      old && now ? networkChanges(name, old, now, after) : presence('network', name, now),
    ),
    ...pairByName(before.clusters, after.clusters).flatMap(([name, old, now]) => {
      if (!old || !now) return presence('cluster', name, now);
      const textFor = (from: string, to: string) =>
        `cluster ${name}: VIP ${describeChange(from, to)}; an installed cluster keeps its VIP`;
      const changes = otherValue('cluster', old.vip, now.vip, textFor);
      return changes.map(({ what, ...change }) => ({ what, name, key: 'vip', ...change }));
    }),
    ...imageChange(trees),
  ];
}

/** Reports that the boot server starts or stops to answer for OpenCHAMI's services. Trees of earlier versions do not contain it. */
function compatChange({ before, after }: Trees): SiteChange[] {
  const [old, now] = [before, after].map(({ server }) => server?.compat?.includes('ochami') ?? false);
  if (!before.server || old === now) return [];
  const urls = "the URLs of OpenCHAMI's BSS, SMD and cloud-init server";
  return now
    ? step('compat', `the boot server now answers ${urls}`, { after: 'ochami' })
    : step('compat', `the boot server no longer answers ${urls}: clients get 404`, { before: 'ochami' });
}

/** Returns the changes of a network, and the effect on the machines that boot from it if it gains or loses DHCP. */
function networkChanges(name: string, before: Plain, after: Plain, site: SiteFacts): SiteChange[] {
  const [old, now] = [before, after].map(
    ({ 'dhcp.server': server, 'dhcp.pool': pool, 'dhcp.lease': lease }) =>
      server === undefined ? undefined : { server, pool, lease },
  );
  const hasOtherDhcp = Boolean(old) !== Boolean(now);
  const boots = [...site.nodes.values()].some(({ networkName }) => networkName === name);
  const image = `an iPXE image that embeds embed/${site.name ?? '<site>'}.ipxe`;
  const text = now
    ? `now has DHCP: its machines get their IP addresses from ${serverText(now.server)}${boots ? ` and boot without ${image}` : ''}`
    : `no longer has DHCP: its machines get no IP address by DHCP${boots ? ` and boot only from ${image}` : ''}`;
  const keys = otherKeys(before, after).filter(
    (key) => !(hasOtherDhcp && /^dhcp\.(server|pool|lease)$/.test(key)),
  );
  return [
    ...step('network', hasOtherDhcp && `network ${name} ${text}`, {
      name,
      key: 'dhcp',
      before: old,
      after: now,
    }),
    ...keys.map((key): SiteChange => {
      const [from, to] = [before[key], after[key]];
      const words = Object.hasOwn(WORDS, key) ? WORDS[key] : key;
      const text = `network ${name}: ${words} ${describeChange(from, to)}`;
      return { what: 'network', name, key, before: from, after: to, text };
    }),
  ];
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
  return [{ what: 'image', text: `${what} (${BUILD_IPXE})${old}` }];
}

function hasStaticNode({ nodes }: SiteFacts): boolean {
  return [...nodes.values()].some(({ leases }) => leases === false);
}
