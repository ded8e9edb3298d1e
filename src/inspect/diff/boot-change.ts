import { createsAnew } from '../../site/creates-anew.ts';
import type { Consequence, NodeChange } from './change.ts';
import type { NodeFacts } from './facts.ts';
import { diskStays, iscsiText } from './iscsi-changes.ts';
import { linuxText } from './linux-changes.ts';
import { stepOf } from './step.ts';

/** A change of what a machine boots, and what that comes to. */
export interface BootChange {
  readonly change: NodeChange;
  readonly consequence: Consequence;
}

/** Says what a node does that was not there before. */
export function newNode(node: NodeFacts): BootChange {
  const { text, consequence } = firstBoot(node);
  return {
    change: { what: 'new', after: node.mac ?? node.ip, effect: 'boot', text: `new: ${text}` },
    consequence,
  };
}

/** Says what a node does that was one of another site before, where it was `before`. */
export function movedNode(before: NodeFacts, after: NodeFacts, from: string, to: string): BootChange {
  const change = { what: 'moved-from', before: from, after: to, effect: 'boot' } as const;
  const { text, consequence } = firstBoot(after);
  // Only a system of Harvester is left alone by all firmware.
  if (consequence !== 'installs' || before.os !== 'harvester')
    return { change: { ...change, text: `moved from ${from}: ${text}` }, consequence };
  const disk = "its disk has that site's system: it is not installed anew unless install is always once";
  return { change: { ...change, text: `moved from ${from} (${disk})` }, consequence: 'boots-otherwise' };
}

function firstBoot(node: NodeFacts): { readonly text: string; readonly consequence: Consequence } {
  if (!installs(node)) {
    const text = `boots ${node.os === 'harvester' ? 'its disk' : osText(node)}`;
    return { text, consequence: 'boots-otherwise' };
  }
  const harvester = node.release === undefined ? 'Harvester' : `Harvester ${node.release}`;
  const cluster = node.cluster === undefined ? '' : ` and ${node.mode ?? 'join'} cluster ${node.cluster}`;
  const isAlways = node.install === 'always';
  const when = `at its first boot${isAlways ? ', and again at every one after, wiping its disk' : ', if its disk has no system'}`;
  const text = `will install ${harvester}${cluster} ${when}`;
  return { text, consequence: isAlways ? 'reinstalls' : 'installs' };
}

/**
 * Says what a node does otherwise since it boots something else, or since it installs at other times; undefined where
 * it is neither, or not known.
 */
export function bootChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  return osChange(before, after) ?? installChange(before, after);
}

/** Whether a node is installed at every boot. */
export function isAlwaysInstalled(node: NodeFacts): boolean {
  return installs(node) && node.install === 'always';
}

function osChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const step = stepOf(before, after, 'os');
  if (!step) return undefined;
  const { from, to } = step;
  const left = to === 'linux' || to === 'iscsi' ? '; its disk is left alone' : '';
  // A disk in the store is not the machine's own.
  const stays = before.iscsi?.disk === undefined ? left : diskStays(before, after);
  const text = `boots ${osText(after)} instead of ${osText(before)}${stays}`;
  const change = { what: 'os', before: from, after: to, effect: 'boot' } as const;
  if (!installs(after)) return { change: { ...change, text }, consequence: 'boots-otherwise' };
  return { change: { ...change, text: `${text}: ${willInstall(after)}` }, consequence: consequenceOf(after) };
}

function installChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const step = stepOf(before, after, 'install');
  if (!step) return undefined;
  const { from, to } = step;
  const change = { what: 'install', before: from, after: to, effect: 'boot' } as const;
  const how = `install: ${from} → ${to}`;
  // What boots something else than Harvester installs nothing, whatever is said of it.
  if (after.os !== 'harvester')
    return { change: { ...change, effect: 'inventory', text: how }, consequence: 'none' };
  const isLess = to === 'never' || from === 'always';
  const text = to === 'never' ? 'only boots its disk' : isLess ? NO_LONGER : willInstall(after);
  return {
    change: { ...change, text: `${text} (${how})` },
    consequence: isLess ? 'boots-otherwise' : consequenceOf(after),
  };
}

function installs({ os, install }: NodeFacts): boolean {
  return os === 'harvester' && install !== 'never';
}

const NO_LONGER = 'is no longer wiped at each boot: boots its disk, and installs if that has no system';

function willInstall(node: NodeFacts): string {
  return node.install === 'always'
    ? `will be wiped and installed anew at its next boot, and at every one after${createsAnew(node)}`
    : 'will install if its disk has no system';
}

function consequenceOf({ install }: NodeFacts): Consequence {
  return install === 'always' ? 'reinstalls' : 'installs';
}

function osText(node: NodeFacts): string {
  const { os = 'another script' } = node;
  if (os === 'linux') return linuxText(node);
  if (os === 'iscsi') return iscsiText(node);
  return os === 'harvester' ? 'Harvester' : os === 'local' ? 'its disk' : os;
}
