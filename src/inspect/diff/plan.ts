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
  const owners = byId(before);
  const now = byId(after);
  const who: Owners = { was: (id) => owners.get(id)?.name, is: (id) => now.get(id)?.name };
  const matched = new Set<string>();
  const plans: NodePlan[] = [];
  const added: NodeFacts[] = [];
  for (const node of after.nodes.values()) {
    const old = before.nodes.get(node.name) ?? formerSelf(node);
    if (!old) {
      added.push(node);
      plans.push(planOf(node, 'new', newNode(node)));
    } else {
      matched.add(old.name);
      const compared = compareNodes(old, node, who, isByTemplate);
      const change = old.name === node.name ? 'changed' : 'renamed';
      if (compared.changes.length > 0) plans.push({ node: node.name, change, ...compared });
    }
  }
  const gone = [...before.nodes.values()].filter(({ name }) => !matched.has(name));
  const isHere = (node: NodeFacts) => machineIdsHere(node).some((id) => now.has(id));
  const removed = gone.filter((node) => !isHere(node));
  return { nodes: [...plans, ...gone.map((node) => goneNode(node, who, isHere(node)))], added, removed };

  function formerSelf(node: NodeFacts): NodeFacts | undefined {
    // Compares the boot NIC only: another NIC may have been moved into the machine.
    const ids = machineIdsHere({ ...node, nics: node.bootNic ? [node.bootNic] : [] });
    return ids
      .map((id) => owners.get(id))
      .find((owner) => owner && !after.nodes.has(owner.name) && !matched.has(owner.name));
  }
}

function planOf({ name: node }: NodeFacts, nodeState: NodePlan['change'], boot: BootChange): NodePlan {
  const { consequence, ...change } = boot;
  return { node, change: nodeState, consequence, changes: [change] };
}

function goneNode(node: NodeFacts, who: Owners, isHere: boolean): NodePlan {
  const { mac, ip, domain } = node;
  const isOther = mac === undefined ? isHere : who.is(`mac ${mac}`) !== undefined;
  const where = isOther
    ? 'its machine is now another node'
    : `a machine with its ${mac === undefined ? '' : 'MAC '}address is now unknown`;
  const ofDomain = domain ? 'its domain is powered off and removed from the host, its images stay; ' : '';
  const text = `gone: ${ofDomain}${ofStore(node)}${where}`;
  return planOf(node, 'gone', bootChange('stranger', 'gone', 'boot', text, { before: mac ?? ip }));
}

/** Returns what a gone node that boots a disk of the store leaves behind, and what removes it. */
function ofStore({ iscsi, loader }: NodeFacts): string {
  const hasMenu = loader === 'pxelinux';
  if (iscsi?.disk === undefined && !hasMenu) return '';
  const script = `this build removes its script${hasMenu ? ' and its menu entry' : ''}`;
  if (iscsi?.disk === undefined) return `${script}; `;
  return `${script}, put-targets.sh its target while it is off, and images.sh prune its disk ${iscsi.disk}; `;
}

function byId({ nodes }: SiteFacts): Map<string, NodeFacts> {
  return new Map(
    [...nodes.values()].flatMap((node) => machineIdsHere(node).map((id) => [id, node] as const)),
  );
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
  const { before, after } = trees;
  return [
    ...urlChanges(before, after),
    ...bootScriptChange(trees),
    ...compatChange(trees),
    ...accessChanges(trees),
    ...iscsiSiteChanges(trees),
    ...heldDisks(trees),
    ...pairByName(before.networks, after.networks).flatMap(([name, old, now]) =>
      old && now
        ? [...dhcpChange(name, old, now, after), ...networkChanges(name, old, now)]
        : [presenceChange('network', name, now)],
    ),
    ...pairByName(before.clusters, after.clusters).flatMap(([name, old, now]) =>
      old && now
        ? otherValue(
            'cluster',
            old.vip,
            now.vip,
            (from, to) =>
              `cluster ${name}: VIP ${describeChange(from, to)}; an installed cluster keeps its VIP`,
          ).map(({ what, ...change }) => ({ what, name, key: 'vip', ...change }))
        : [presenceChange('cluster', name, now)],
    ),
    ...imageChange(trees),
  ];
}

function presenceChange(what: 'network' | 'cluster', name: string, now: unknown): SiteChange {
  return { what, name, text: `${what} ${name} is ${now ? 'new' : 'gone'}` };
}

function urlChanges(old: SiteFacts, now: SiteFacts): SiteChange[] {
  const isSame = old.configUrl === old.url && now.configUrl === now.url;
  const fetches = (what: string) => (from: string, to: string) =>
    `every machine fetches${what} from ${to} instead of ${from}`;
  return [
    ...otherValue('url', old.url, now.url, fetches('')),
    ...(isSame ? [] : otherValue('config-url', old.configUrl, now.configUrl, fetches(' its configuration'))),
  ];
}

function bootScriptChange({ files }: Trees): SiteChange[] {
  const isOther = files.some(({ path, change }) => path === `${WWW}/${BOOT_SCRIPT}` && change === 'changed');
  return isOther ? [{ what: 'boot-script', text: 'the entry script of every machine changes' }] : [];
}

/** Reports that the boot server starts or stops to answer for OpenCHAMI's services. Trees of earlier versions do not contain it. */
function compatChange({ before, after }: Trees): SiteChange[] {
  const [old, now] = [before, after].map(({ server }) => server?.compat?.includes('ochami') ?? false);
  if (!before.server || old === now) return [];
  const urls = "the URLs of OpenCHAMI's BSS, SMD and cloud-init server";
  if (now) return [{ what: 'compat', after: 'ochami', text: `the boot server now answers ${urls}` }];
  const text = `the boot server no longer answers ${urls}: clients get 404`;
  return [{ what: 'compat', before: 'ochami', text }];
}

/** Reports that a network gains or loses DHCP, and the effect on the machines that boot from it. */
function dhcpChange(name: string, before: Plain, after: Plain, site: SiteFacts): SiteChange[] {
  const [old, now] = [dhcpOf(before), dhcpOf(after)];
  if (Boolean(old) === Boolean(now)) return [];
  const boots = [...site.nodes.values()].some(({ networkName }) => networkName === name);
  const image = `an iPXE image that embeds embed/${site.name ?? '<site>'}.ipxe`;
  const text = now
    ? `now has DHCP: its machines get their IP addresses from ${serverOf(now.server)}${boots ? ` and boot without ${image}` : ''}`
    : `no longer has DHCP: its machines get no IP address by DHCP${boots ? ` and boot only from ${image}` : ''}`;
  return [{ what: 'network', name, key: 'dhcp', before: old, after: now, text: `network ${name} ${text}` }];
}

function serverOf(server: unknown): string {
  if (server === 'libvirt') return "libvirt's dnsmasq on the host";
  if (typeof server !== 'string' || !isOwnDhcpServer(server)) return 'an external server';
  const { name } = OWN_DHCP_SERVERS[server];
  return server === 'isc' ? `${name} on the boot server` : `the boot server's ${name}`;
}

function dhcpOf(network: Plain) {
  const { 'dhcp.server': server, 'dhcp.pool': pool, 'dhcp.lease': lease } = network;
  return server === undefined ? undefined : { server, pool, lease };
}

function networkChanges(name: string, before: Plain, after: Plain): SiteChange[] {
  const isTurned = Boolean(dhcpOf(before)) !== Boolean(dhcpOf(after));
  const keys = otherKeys(before, after).filter(
    (key) => !(isTurned && /^dhcp\.(server|pool|lease)$/.test(key)),
  );
  return keys.map((key): SiteChange => {
    const [old, now] = [before[key], after[key]];
    const words = Object.hasOwn(WORDS, key) ? WORDS[key] : key;
    const text = `network ${name}: ${words} ${describeChange(old, now)}`;
    return { what: 'network', name, key, before: old, after: now, text };
  });
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
