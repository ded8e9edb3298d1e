import type { Tree } from '../../tree/tree.ts';
import { movedNode, newNode } from './boots.ts';
import {
  type BootChange,
  bootChange,
  type FilledChange,
  type NodePlan,
  type PlacedPlan,
  type Plan,
} from './change.ts';
import { compareNodes } from './compare-nodes.ts';
import { INVENTORY, type NodeFacts, readFacts, type SiteFacts } from './facts.ts';
import { fileChanges } from './files.ts';
import { machineIds, machineIdsHere, type Owners } from './identity.ts';
import { planServer } from './server.ts';
import { planSite } from './site.ts';

/**
 * Says what distinguishes two trees of a site, by node and by file. Both are read in the same way, so that what one of
 * them does not say is not guessed; the earlier one may be of another version, or damaged. Both have marks in place of
 * secrets; where the values stand in what is built, `filled` says what distinguishes those.
 */
export function plan(before: Tree, after: Tree, filled?: FilledChange): Plan {
  const files = fileChanges(before, after, filled?.changed);
  const unchanged = after.size - files.filter(({ change }) => change !== 'removed').length;
  const nothing = { nodes: [], changes: [], files, unchanged, came: [], went: [] };
  const old = readFacts(before);
  const now = readFacts(after);
  if ('fault' in old) return { ...nothing, untold: untold('the earlier', old.fault) };
  if ('fault' in now) return { ...nothing, untold: untold('the new', now.fault) };
  // Of a first build it goes without saying that all is new.
  if (before.size === 0) return { ...nothing, ...planNodes(old, now) };
  const trees = { before: old, after: now, files, tree: after, filled };
  const changes = [...planSite(trees), ...planServer(trees)];
  return { ...nothing, ...planNodes(old, now), changes, ...(now.hasPods ? { hasPods: true } : {}) };
}

function untold(which: string, fault: string): string {
  return `what nodes will do cannot be said: ${INVENTORY} of ${which} build ${fault}`;
}

/* Which nodes are the same in two trees, and between sites. */

/**
 * Says which nodes are not what they were: in the order of the inventory, those that are gone after them. Nodes are
 * matched by name; one whose name is new, and whose machine was one whose name is gone, is renamed.
 */
function planNodes(before: SiteFacts, after: SiteFacts): Pick<Plan, 'nodes' | 'came' | 'went'> {
  const owners = byId(before);
  const now = byId(after);
  const who: Owners = {
    was: (id) => owners.get(id)?.name,
    is: (id) => now.get(id)?.name,
  };
  const matched = new Set<string>();
  const plans: NodePlan[] = [];
  const came: NodeFacts[] = [];
  for (const node of after.nodes.values()) {
    const old = before.nodes.get(node.name) ?? formerSelf(node);
    if (!old) {
      came.push(node);
      plans.push(planOf(node, 'new', newNode(node)));
      continue;
    }
    matched.add(old.name);
    const compared = compareNodes(old, node, who);
    const change = old.name === node.name ? 'changed' : 'renamed';
    if (compared.changes.length > 0) plans.push({ node: node.name, change, ...compared });
  }
  const gone = [...before.nodes.values()].filter(({ name }) => !matched.has(name));
  const isHere = (node: NodeFacts) => machineIdsHere(node).some((id) => now.has(id));
  const went = gone.filter((node) => !isHere(node));
  return { nodes: [...plans, ...gone.map((node) => goneNode(node, who, isHere(node)))], came, went };

  /** What a node was under another name, if that is free. */
  function formerSelf(node: NodeFacts): NodeFacts | undefined {
    // By the NIC that it boots from; another one may have been put into it.
    const ids = machineIdsHere({ ...node, nics: node.bootNic ? [node.bootNic] : [] });
    return ids
      .map((id) => owners.get(id))
      .find((owner) => owner && !after.nodes.has(owner.name) && !matched.has(owner.name));
  }
}

/** The plan of a node of which one thing is to be said. */
function planOf(
  { name: node }: NodeFacts,
  change: NodePlan['change'],
  { consequence, ...told }: BootChange,
): NodePlan {
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

/** The nodes by all that their machines are known by. */
function byId({ nodes }: SiteFacts): Map<string, NodeFacts> {
  return new Map(
    [...nodes.values()].flatMap((node) => machineIdsHere(node).map((id) => [id, node] as const)),
  );
}

/** A node, and the plan of the site that it is gone from or new in. */
interface Placed {
  readonly node: NodeFacts;
  readonly placed: PlacedPlan;
}

/** Returns plans with the machines that are gone from one site and new in another told of as moved. */
export function tellMoves(plans: readonly PlacedPlan[]): PlacedPlan[] {
  const went = new Map<string, Placed>();
  for (const placed of plans) {
    for (const node of placed.plan.went) for (const id of machineIds(node)) went.set(id, { node, placed });
  }
  const told = new Map(plans.map((placed) => [placed, new Map<string, NodePlan>()]));
  for (const placed of plans) {
    for (const node of placed.plan.came) {
      const from = machineIds(node)
        .map((id) => went.get(id))
        .find((one) => one && one.placed !== placed);
      if (!from) continue;
      const [before, to] = [from.placed.site, placed.site];
      const here = movedNode(from.node, node, before, to);
      told.get(placed)?.set(keyOf('new', node.name), planOf(node, 'moved', here));
      const text = `moved to ${to}${from.node.name === node.name ? '' : `, as ${node.name}`}`;
      const away = bootChange('boots-otherwise', 'moved-to', 'boot', text, { before, after: to });
      told.get(from.placed)?.set(keyOf('gone', from.node.name), planOf(from.node, 'moved', away));
    }
  }
  return plans.map((placed) => {
    const moved = told.get(placed);
    const nodes = placed.plan.nodes.map((node) => moved?.get(keyOf(node.change, node.node)) ?? node);
    return { ...placed, plan: { ...placed.plan, nodes } };
  });
}

/** A name that is gone may be another machine's now. */
function keyOf(change: NodePlan['change'], name: string): string {
  return `${change} ${name}`;
}
