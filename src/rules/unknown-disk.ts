import { type DiskUse, declaredDisk, domainDisk, namesOf, otherThanDisk, usedDisks } from '../site/disks.ts';
import { iscsiDevice } from '../site/iscsi-disk.ts';
import type { Disk, Node } from '../site/model.ts';
import { brokenKeys, isBroken, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { nearest } from '../values/nearest.ts';
import { plainPath } from '../values/plain-path.ts';
import { isAtMost } from '../values/version.ts';
import type { Finding, Rule } from './rule.ts';

export const unknownDisk: Rule = {
  code: 'unknown-disk',
  severity: 'error',
  what: 'Where a machine declares its disks, or libvirt makes them, the configuration uses these and no others.',
  why: 'The installer stops at a disk that is not there ("device not found"), before v1.8.1 also at one that it is only to wipe (harvester/harvester#10591).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || !node.facts) continue;
      if (node.facts.disks?.length) checkDeclared(node, node.facts.disks, report);
      else if (node.domain) checkDomain(node, report);
    }
  },
};

function checkDeclared(
  node: Draft<Node>,
  disks: readonly Draft<Disk>[],
  report: (finding: Finding) => void,
): void {
  const { facts } = node;
  if (!facts || !areKnown(disks)) return;
  const uses = needed(node);
  const used = new Set(usedDisks(node).map(({ name }) => name));
  const free = disks.map((disk) => namesOf(disk)).filter((names) => !names.some((name) => used.has(name)));
  const names = free.flat();
  for (const use of uses) {
    const { key, name } = use;
    if (otherThanDisk(name) || declaredDisk(facts, name)) continue;
    report({
      node,
      message: `${key} names ${name}, which is none of the disks that the machine declares: the installer would stop at it.`,
      at: use.at,
      related: [{ message: 'its disks are declared at', at: placeOf(facts, 'disks') }],
      help: `${names.length > 0 ? `write ${nearest(name, names) ?? names.join(' or ')}; or ` : ''}declare the name under disks, as an alias where it is one`,
    });
  }
}

/** Names of a domain's disks that are known in full: other names of the same disks depend on the system that looks. */
const KNOWN_NAMES = /^\/dev\/((vd|sd)[a-z]+|disk\/by-id\/(virtio|wwn|ata)-.*)$/;

function checkDomain(node: Draft<Node>, report: (finding: Finding) => void): void {
  const { domain, facts } = node;
  const devices = domain?.disks?.map((disk) => disk?.device) ?? [];
  // Of a disk that is at fault nobody knows the name.
  if (!domain?.disks || !facts?.vm || isBroken(domain, 'disks') || devices.length === 0) return;
  if (!devices.every((device) => device !== undefined)) return;
  for (const use of needed(node)) {
    const { key, name } = use;
    if (otherThanDisk(name) || !KNOWN_NAMES.test(plainPath(name)) || domainDisk(domain, name)) continue;
    report({
      node,
      message: `${key} names ${name}, which is none of the disks of the virtual machine: the installer would stop at it.`,
      at: use.at,
      related: [{ message: 'its disks are listed at', at: placeOf(facts.vm, 'disks') }],
      help: helpFor(key, name, devices, node),
    });
  }
}

/** One disk is not for two purposes: of those that the machine has, the ones that are named for nothing else. */
function helpFor(key: DiskUse['key'], name: string, devices: readonly string[], node: Draft<Node>): string {
  const used = usedDisks(node).flatMap((use) =>
    use.key === key ? [] : (domainDisk(node.domain, use.name)?.device ?? []),
  );
  const free = devices.filter((device) => !used.includes(device));
  const more = 'give the machine one more disk, under vm.disks';
  if (free.length === 0) return `${more}; or remove ${key}`;
  const one = `write ${nearest(name, free) ?? free.join(' or ')}`;
  return key === 'device' ? `${one}; without device, it is the first disk` : `${one}; or ${more}`;
}

/** The disks that must be there: since v1.8.1 the installer passes over what is not there to be wiped. */
function needed(node: Draft<Node>): DiskUse[] {
  const version = node.cluster?.version;
  return usedDisks(node).filter(
    ({ key, name }) =>
      (key !== 'wipe_disks_list' || !version || isAtMost(version, 'v1.8.0')) &&
      // A disk by iSCSI is not one of the machine's.
      (!node.iscsi || name !== iscsiDevice(node.iscsi)),
  );
}

function areKnown(disks: readonly Draft<Disk>[]): boolean {
  return disks.every(
    (disk) => disk && brokenKeys(disk).length === 0 && brokenKeys(disk.aliases ?? []).length === 0,
  );
}
