import { isOwnDhcpServer, OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import type { Site } from '../../site/model.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { selfLocation } from '../../source/origin.ts';
import { scriptOf } from '../../targets/ipxe/ipxe.ts';
import { SMD, SMD_READY } from '../../targets/ochami/smd.ts';
import { rendererOf } from '../../targets/render.ts';
import { BOOT_SCRIPT, BUILD_IPXE, WWW } from '../../tree/paths.ts';
import type { Tree } from '../../tree/tree.ts';
import { movedNode, newNode } from './boots.ts';
import {
  type BootChange,
  bootChange,
  type NodePlan,
  type PlacedPlan,
  type Plan,
  type SiteChange,
  type Trees,
} from './change.ts';
import { compareNodes } from './compare-nodes.ts';
import { INVENTORY, type NodeFacts, readFacts, SIGN_MEDIA, type SiteFacts, withNewFacts } from './facts.ts';
import { fileChanges } from './files.ts';
import { machineIds, machineIdsHere, type Owners } from './identity.ts';
import { iscsiSiteChanges } from './iscsi.ts';
import { planServer } from './server.ts';
import { among, otherKeys, type Plain, turn } from './values.ts';

/**
 * Says what distinguishes two trees of a site, by node and by file; the earlier one may be of another version, or damaged.
 * Both have marks in place of secrets; where the values stand in what is built, `filled` says what distinguishes those. `site` is
 * what the later one is of: it tells what of a script is by a template of the site's own.
 */
export function plan(before: Tree, after: Tree, filled?: Trees['filled'], site?: Site): Plan {
  const files = fileChanges(before, after, filled?.changed);
  const unchanged = after.size - files.filter(({ change }) => change !== 'removed').length;
  const nothing = { nodes: [], changes: [], files, unchanged, came: [], went: [] };
  const old = readFacts(before);
  const now = readFacts(after);
  const untold = (which: string, fault: string) =>
    `what nodes will do cannot be said: ${INVENTORY} of ${which} build ${fault}`;
  if ('fault' in old) return { ...nothing, untold: untold('the earlier', old.fault) };
  if ('fault' in now) return { ...nothing, untold: untold('the new', now.fault) };
  // Of a first build it goes without saying that all is new.
  if (before.size === 0) return { ...nothing, ...planNodes(old, now) };
  const trees = { before: old, after: now, files, tree: after, filled };
  const changes = [...planSite(trees), ...planServer(trees)];
  return {
    ...nothing,
    ...planNodes(old, now, site && templateChanges(site, old)),
    changes,
    ...(now.hasPods ? { hasPods: true } : {}),
  };
}

/**
 * Returns what says whether a script changes by a template of the site's own: in a line beside those of the built-in one that
 * no script had before, or in the lack of one that it had.
 */
function templateChanges(site: Site, before: SiteFacts) {
  const render = rendererOf(new Map(), selfLocation(site), new Report());
  const nodes = new Map(site.nodes.map((node) => [node.name, node]));
  const linesOf = (...scripts: (string | undefined)[]) =>
    new Set(scripts.flatMap((text = '') => text.split('\n')));
  const known = linesOf(...[...before.nodes.values()].map(({ script }) => script));
  return (old: NodeFacts, now: NodeFacts) => {
    const node = nodes.get(now.name);
    if (!node || old.script === undefined) return false;
    const plain = linesOf(scriptOf(site, node, render));
    const was = linesOf(old.script, withNewFacts(old.script, old, now));
    const is = linesOf(now.script);
    const isNew = (line: string) => !plain.has(line) && !was.has(line) && !known.has(line);
    return [...is].some(isNew) || [...plain].some((line) => was.has(line) && !is.has(line));
  };
}

/* Which nodes are the same in two trees, and between sites. */

/** Says which nodes are not what they were, matched by name; a known machine whose name is new is renamed. */
function planNodes(
  before: SiteFacts,
  after: SiteFacts,
  isByTemplate: Parameters<typeof compareNodes>[3] = () => false,
): Pick<Plan, 'nodes' | 'came' | 'went'> {
  const owners = byId(before);
  const now = byId(after);
  const who: Owners = { was: (id) => owners.get(id)?.name, is: (id) => now.get(id)?.name };
  const matched = new Set<string>();
  const plans: NodePlan[] = [];
  const came: NodeFacts[] = [];
  for (const node of after.nodes.values()) {
    const old = before.nodes.get(node.name) ?? formerSelf(node);
    if (!old) {
      came.push(node);
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
  const went = gone.filter((node) => !isHere(node));
  return { nodes: [...plans, ...gone.map((node) => goneNode(node, who, isHere(node)))], came, went };

  function formerSelf(node: NodeFacts): NodeFacts | undefined {
    // By the NIC that it boots from; another one may have been put into it.
    const ids = machineIdsHere({ ...node, nics: node.bootNic ? [node.bootNic] : [] });
    return ids
      .map((id) => owners.get(id))
      .find((owner) => owner && !after.nodes.has(owner.name) && !matched.has(owner.name));
  }
}

function planOf({ name: node }: NodeFacts, change: NodePlan['change'], boot: BootChange): NodePlan {
  const { consequence, ...told } = boot;
  return { node, change, consequence, changes: [told] };
}

function goneNode(node: NodeFacts, who: Owners, isHere: boolean): NodePlan {
  const { mac, ip, domain } = node;
  const isOther = mac === undefined ? isHere : who.is(`mac ${mac}`) !== undefined;
  const where = isOther
    ? 'its machine is another node now'
    : `a machine with its ${mac === undefined ? '' : 'MAC '}address is a stranger now`;
  const ofDomain = domain ? 'its domain is powered off and removed from the host, its images stay; ' : '';
  const text = `gone: ${ofDomain}${ofStore(node)}${where}`;
  return planOf(node, 'gone', bootChange('stranger', 'gone', 'boot', text, { before: mac ?? ip }));
}

/** What goes with a node that boots a disk of the store, and what does not. */
function ofStore({ iscsi, loader }: NodeFacts): string {
  const hasMenu = loader === 'pxelinux';
  if (iscsi?.disk === undefined && !hasMenu) return '';
  const script = `its script ${hasMenu ? 'and its menu entry go' : 'goes'} with this build`;
  if (iscsi?.disk === undefined) return `${script}; `;
  return `${script}, and its target once put-targets.sh runs while it is off; its disk ${iscsi.disk} stays in the store until images.sh prune; `;
}

function byId({ nodes }: SiteFacts): Map<string, NodeFacts> {
  return new Map(
    [...nodes.values()].flatMap((node) => machineIdsHere(node).map((id) => [id, node] as const)),
  );
}

/** Returns plans with the machines that are gone from one site and new in another told of as moved. */
export function detectMoves(plans: readonly PlacedPlan[]): PlacedPlan[] {
  const went = new Map(
    plans.flatMap((placed) =>
      placed.plan.went.flatMap((node) => machineIds(node).map((id) => [id, { node, placed }] as const)),
    ),
  );
  // A name that is gone may be another machine's now.
  const keyOf = (placed: PlacedPlan, change: NodePlan['change'], name: string) =>
    `${plans.indexOf(placed)} ${change} ${name}`;
  const told = new Map<string, NodePlan>();
  for (const placed of plans)
    for (const node of placed.plan.came) {
      const from = machineIds(node)
        .map((id) => went.get(id))
        .find((one) => one && one.placed !== placed);
      if (!from) continue;
      const [before, to] = [from.placed.site, placed.site];
      const here = movedNode(from.node, node, before, to);
      told.set(keyOf(placed, 'new', node.name), planOf(node, 'moved', here));
      const text = `moved to ${to}${from.node.name === node.name ? '' : `, as ${node.name}`}`;
      const away = bootChange('boots-otherwise', 'moved-to', 'boot', text, { before, after: to });
      told.set(keyOf(from.placed, 'gone', from.node.name), planOf(from.node, 'moved', away));
    }
  return plans.map((placed) => {
    const nodes = placed.plan.nodes.map((one) => told.get(keyOf(placed, one.change, one.node)) ?? one);
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
  'libvirt.address': 'address of the host',
};

/** Says what changes that is not of a node: where machines fetch from, the first script, networks and clusters. */
function planSite(trees: Trees): SiteChange[] {
  const { before, after } = trees;
  return [
    ...urlChanges(before, after),
    ...bootScriptChange(trees),
    ...compatChange(trees),
    ...iscsiSiteChanges(trees),
    ...among(before.networks, after.networks).flatMap(([name, old, now]) =>
      old && now
        ? [...dhcpChange(name, old, now, after), ...networkChanges(name, old, now)]
        : [comesOrGoes('network', name, now)],
    ),
    ...among(before.clusters, after.clusters).flatMap(([name, old, now]) =>
      old && now ? vipChange(name, old.vip, now.vip) : [comesOrGoes('cluster', name, now)],
    ),
    ...imageChange(trees),
  ];
}

function comesOrGoes(what: 'network' | 'cluster', name: string, now: unknown): SiteChange {
  return { what, name, text: `${what} ${name} is ${now ? 'new' : 'gone'}` };
}

function urlChanges(old: SiteFacts, now: SiteFacts): SiteChange[] {
  const isSame = old.configUrl === old.url && now.configUrl === now.url;
  return [
    ...urlChange('url', 'fetches', old.url, now.url),
    ...(isSame ? [] : urlChange('config-url', 'fetches its configuration', old.configUrl, now.configUrl)),
  ];
}

function urlChange(what: string, fetches: string, before?: string, after?: string): SiteChange[] {
  if (before === undefined || after === undefined || before === after) return [];
  return [{ what, before, after, text: `every machine ${fetches} from ${after} instead of ${before}` }];
}

function bootScriptChange({ files }: Trees): SiteChange[] {
  const isOther = files.some(({ path, change }) => path === `${WWW}/${BOOT_SCRIPT}` && change === 'changed');
  return isOther ? [{ what: 'boot-script', text: 'the first script of every machine changes' }] : [];
}

/** What OpenCHAMI's services answered is answered now, or not any more. */
function compatChange({ files }: Trees): SiteChange[] {
  const change = files.find(({ path }) => path === `${WWW}/${SMD}/${SMD_READY}`)?.change;
  const urls = "the URLs of OpenCHAMI's BSS, SMD and cloud-init server are";
  if (change === 'added') return [{ what: 'compat', after: 'ochami', text: `${urls} answered now` }];
  if (change !== 'removed') return [];
  const text = `${urls} not answered any more: who asks there gets 404`;
  return [{ what: 'compat', before: 'ochami', text }];
}

/** A network that has DHCP no more, or did not have it: what that means to the machines that boot from it. */
function dhcpChange(name: string, before: Plain, after: Plain, site: SiteFacts): SiteChange[] {
  const [old, now] = [dhcpOf(before), dhcpOf(after)];
  if (Boolean(old) === Boolean(now)) return [];
  const boots = [...site.nodes.values()].some(({ networkName }) => networkName === name);
  const image = `an iPXE image that has embed/${site.name ?? '<site>'}.ipxe built in`;
  const text = now
    ? `has DHCP now: machines on it get their addresses from ${serverOf(now.server)}${boots ? `, and boot without ${image}` : ''}`
    : `has no DHCP any more: machines on it get no address by DHCP${boots ? `, and boot only from ${image}` : ''}`;
  return [{ what: 'network', name, key: 'dhcp', before: old, after: now, text: `network ${name} ${text}` }];
}

function serverOf(server: unknown): string {
  if (server === 'libvirt') return "libvirt's dnsmasq on the host";
  if (typeof server !== 'string' || !isOwnDhcpServer(server)) return "a server that is not harvgen's";
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
    const text = `network ${name}: ${words} ${turn(old, now)}`;
    return { what: 'network', name, key, before: old, after: now, text };
  });
}

function vipChange(name: string, before: string | undefined, after: string | undefined): SiteChange[] {
  if (before === undefined || after === undefined || before === after) return [];
  const text = `cluster ${name}: VIP ${turn(before, after)}; a cluster that is installed keeps the one that it has`;
  return [{ what: 'cluster', name, key: 'vip', before, after, text }];
}

/** Says that images of iPXE are due: the built-in script changes in where machines ask, addresses, or what is signed. */
function imageChange({ before, after, files, tree }: Trees): SiteChange[] {
  const embedded = files.find(({ path, after }) => after && /^embed\/[^/]+\.ipxe$/.test(path));
  if (!embedded || !tree.has(BUILD_IPXE)) return [];
  const isSigned = tree.has(SIGN_MEDIA);
  const asksElsewhere = before.url !== undefined && after.url !== undefined && before.url !== after.url;
  if (!asksElsewhere && !isSigned && !hasStaticNode(before) && !hasStaticNode(after)) return [];
  const old = asksElsewhere && embedded.before ? `; until then it asks ${before.url}` : '';
  const what = isSigned
    ? `iPXE has ${embedded.path} built in: build its programs and images anew, as README.md says`
    : `where machines start from an image, which has ${embedded.path} built in, build it anew`;
  return [{ what: 'image', text: `${what} (${BUILD_IPXE})${old}` }];
}

function hasStaticNode({ nodes }: SiteFacts): boolean {
  return [...nodes.values()].some(({ leases }) => leases === false);
}
