import type { Tree } from '../../tree/tree.ts';
import { movedNode, newNode } from './boots.ts';
import { type Found, type NodePlan, nodeChange, type Plan, type SitePlan, type Trees } from './change.ts';
import { compareNodes } from './compare-nodes.ts';
import { INVENTORY, type NodeFacts, readFacts, type SiteFacts, withNewFacts } from './facts.ts';
import { fileChanges } from './files.ts';
import { machineIds, machineIdsHere } from './identity.ts';
import { rebootOrder } from './installed.ts';
import { objectChanges } from './objects.ts';
import { planServer } from './server.ts';
import { siteChanges } from './site.ts';

/** Returns the script of a node, by its name, as the built-in templates write it; undefined without such a node. */
type BuiltInScript = (node: string) => string | undefined;

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
    changes: [...siteChanges(trees), ...installed, ...planServer(trees)],
    ...(now.hasPods ? { hasPods: true } : {}),
  };
}

/** Returns whether a site template changes a script: it gains a line that no script had, or loses one of the built-in script. */
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
  isByTemplate: (old: NodeFacts, now: NodeFacts) => boolean = () => false,
): Pick<Plan, 'nodes' | 'added' | 'removed'> {
  const [old, now] = [before, after].map(
    ({ nodes }) =>
      new Map([...nodes.values()].flatMap((node) => machineIdsHere(node).map((id) => [id, node]))),
  ) as [Map<string, NodeFacts>, Map<string, NodeFacts>];
  const machine = { was: (id: string) => old.get(id)?.name, is: (id: string) => now.get(id)?.name };
  const matched = new Set<string>();
  const formerSelf = (node: NodeFacts) =>
    // Compares the boot NIC only: another NIC may have been moved into the machine.
    machineIdsHere({ ...node, nics: node.bootNic ? [node.bootNic] : [] })
      .map((id) => old.get(id))
      .find((owner) => owner && !after.nodes.has(owner.name) && !matched.has(owner.name));
  const added: NodeFacts[] = [];
  const plans = [...after.nodes.values()].flatMap((node): NodePlan[] => {
    const earlier = before.nodes.get(node.name) ?? formerSelf(node);
    if (!earlier) {
      added.push(node);
      return [planOf(node, 'new', newNode(node))];
    }
    matched.add(earlier.name);
    const pair = { before: earlier, after: node, machine, isByTemplate: () => isByTemplate(earlier, node) };
    const compared = compareNodes(pair);
    const change = earlier.name === node.name ? 'changed' : 'renamed';
    return compared.changes.length > 0 ? [{ node: node.name, change, ...compared }] : [];
  });
  const gone = [...before.nodes.values()].filter(({ name }) => !matched.has(name));
  const isHere = (node: NodeFacts) => machineIdsHere(node).some((id) => now.has(id));
  const isOther = (node: NodeFacts) => (node.mac === undefined ? isHere(node) : now.has(`mac ${node.mac}`));
  const removed = gone.filter((node) => !isHere(node));
  return { nodes: [...plans, ...gone.map((node) => goneNode(node, isOther(node)))], added, removed };
}

function planOf({ name: node }: NodeFacts, change: NodePlan['change'], found: Found): NodePlan {
  const { consequence = 'boots-otherwise', ...first } = found;
  return { node, change, consequence, changes: [first] };
}

function goneNode(node: NodeFacts, isOther: boolean): NodePlan {
  const { mac, ip, domain, iscsi, loader } = node;
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
  const sides = { before: mac ?? ip, consequence: 'stranger' } as const;
  return planOf(node, 'gone', nodeChange('gone', 'boot', `gone: ${ofDomain}${ofStore}${where}`, sides));
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
        .find((gone) => gone && gone.placed !== placed);
      if (!from) continue;
      const [before, to] = [from.placed.site, placed.site];
      const here = movedNode(from.node, node, before, to);
      moved.set(keyOf(placed, 'new', node.name), planOf(node, 'moved', here));
      const text = `moved to ${to}${from.node.name === node.name ? '' : `, as ${node.name}`}`;
      const away = nodeChange('moved-to', 'boot', text, { before, after: to });
      moved.set(keyOf(from.placed, 'gone', from.node.name), planOf(from.node, 'moved', away));
    }
  return plans.map((placed) => {
    const nodes = placed.plan.nodes.map((node) => moved.get(keyOf(placed, node.change, node.node)) ?? node);
    return { ...placed, plan: { ...placed.plan, nodes } };
  });
}
