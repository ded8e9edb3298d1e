import type { Consequence, NodeChange } from './change.ts';
import type { NodeFacts } from './facts.ts';

/** A change, and what the machine does by it. */
interface Decided {
  readonly change: NodeChange;
  readonly consequence: Consequence;
}

/** Says what a node does that was not there before. */
export function newNode(node: NodeFacts): Decided {
  const change = { what: 'new', effect: 'boot', after: node.mac } as const;
  if (!installs(node)) {
    const text =
      node.os === 'harvester' || node.os === 'local' ? 'boots its disk' : `boots ${node.os ?? 'its script'}`;
    return { change: { ...change, text: `new: ${text}` }, consequence: 'boots-otherwise' };
  }
  const isAlways = node.install === 'always';
  const rest = isAlways ? ', and again at every one after' : ', if its disk has no system';
  const cluster = node.cluster === undefined ? '' : ` and ${node.mode ?? 'join'} cluster ${node.cluster}`;
  const text = `new: will install ${harvester(node)}${cluster} at its first boot${rest}`;
  return { change: { ...change, text }, consequence: isAlways ? 'reinstalls' : 'installs' };
}

/** Says what a node does otherwise since it boots something else, or installs at other times; undefined where neither. */
export function bootChange(before: NodeFacts, after: NodeFacts): Decided | undefined {
  const isOtherOs = before.os !== undefined && after.os !== undefined && before.os !== after.os;
  if (isOtherOs) {
    const text = `boots ${after.os} instead of ${before.os}${installs(after) ? `: ${willInstall(after)}` : ''}`;
    const change: NodeChange = { what: 'os', before: before.os, after: after.os, effect: 'boot', text };
    return { change, consequence: consequenceOf(after) };
  }
  const [from, to] = [before.install, after.install];
  if (from === undefined || to === undefined || from === to) return undefined;
  const change = { what: 'install', before: from, after: to } as const;
  const how = `(install: ${from} → ${to})`;
  if (after.os === 'local') {
    // It only boots its disk, whatever is said of installing.
    return {
      change: { ...change, effect: 'inventory', text: `install: ${from} → ${to}` },
      consequence: 'none',
    };
  }
  const text =
    to === 'never'
      ? 'only boots its disk'
      : to === 'once' && from === 'always'
        ? 'no longer reinstalls'
        : willInstall(after);
  const isLess = to === 'never' || from === 'always';
  return {
    change: { ...change, effect: 'boot', text: `${text} ${how}` },
    consequence: isLess ? 'boots-otherwise' : consequenceOf(after),
  };
}

/** Whether a node is installed at every boot. */
export function isAlwaysInstalled(node: NodeFacts): boolean {
  return installs(node) && node.install === 'always';
}

function installs({ os, install }: NodeFacts): boolean {
  return os === 'harvester' && install !== 'never';
}

function willInstall(node: NodeFacts): string {
  return node.install === 'always'
    ? 'will reinstall at its next boot, and at every one after'
    : 'will install if its disk has no system';
}

function consequenceOf(node: NodeFacts): Consequence {
  if (!installs(node)) return 'boots-otherwise';
  return node.install === 'always' ? 'reinstalls' : 'installs';
}

function harvester({ release }: NodeFacts): string {
  return release === undefined ? 'Harvester' : `Harvester ${release}`;
}
