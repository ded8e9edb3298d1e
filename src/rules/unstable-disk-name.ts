import {
  declaredDisk,
  domainDisk,
  isUnstableName,
  namesOf,
  otherThanDisk,
  usedDisks,
} from '../site/disks.ts';
import type { Facts, Node } from '../site/model.ts';
import { isBroken, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const unstableDiskName: Rule = {
  code: 'unstable-disk-name',
  severity: 'error',
  what: 'A machine with several disks is told which to use by names that stay: those below /dev/disk/by-id or /dev/disk/by-path.',
  why: 'The kernel numbers disks anew at each boot: /dev/sda can be another disk than it was, and that one is wiped (harvester/harvester#5574, harvester/harvester#6909).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || !node.facts) continue;
      const { facts } = node;
      const used = usedDisks(node);
      const distinct = new Set(used.map(({ name }) => declaredDisk(facts, name) ?? name));
      const declared = declaredIn(facts);
      if (distinct.size < 2 && !declared) continue;
      for (const use of used) {
        const { key, name } = use;
        if (!isUnstableName(name)) continue;
        // That there is no such disk is said by unknown-disk.
        if (isNoDiskOf(node, name)) continue;
        const disk = declaredDisk(facts, name);
        const stable = disk
          ? namesOf(disk).find((other) => !isUnstableName(other) && !otherThanDisk(other))
          : domainDisk(node.domain, name)?.device;
        const another = used.find((use) => use.name !== name);
        report({
          node,
          message: `${key} names ${name}, which is whatever disk the kernel finds in that place at a boot, and the machine has several: the wrong one could be wiped.`,
          at: use.at,
          related: declared
            ? [{ message: 'its disks are declared at', at: declared }]
            : another && [{ message: 'another one is named at', at: another.at }],
          help: stable
            ? `write ${stable}, which stays the same disk`
            : 'name the disk as it is below /dev/disk/by-id or /dev/disk/by-path',
        });
      }
    }
  },
};

/** Whether a domain's disks are known, and none of them has a name that the kernel gives to disks. */
function isNoDiskOf({ domain, facts }: Draft<Node>, name: string): boolean {
  if (!domain?.disks || isBroken(domain, 'disks') || facts?.disks?.length) return false;
  return /^\/dev\/[sv]d/.test(name) && !domainDisk(domain, name);
}

/** Where a machine declares that it has more than one disk. */
function declaredIn(facts: Draft<Facts>) {
  if ((facts.disks?.length ?? 0) > 1) return placeOf(facts, 'disks');
  const { vm } = facts;
  return vm && (vm.disks?.length ?? 0) > 1 ? placeOf(vm, 'disks') : undefined;
}
