import { FOR_TESTS, LEAST_DISK_GIB, LEAST_MEMORY_GIB } from '../knowledge/tables/harvester-hardware.ts';
import { diskLimits } from '../site/disk-limits.ts';
import { sizeOf } from '../site/disks.ts';
import { type Declared, memoryOf, threadsOf } from '../site/hardware.ts';
import { checksHardware, checksSizes } from '../site/installer-checks.ts';
import { isUnknown } from '../site/is-unknown.ts';
import type { Node } from '../site/model.ts';
import { isBroken } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { wholeGib } from '../values/size.ts';
import type { Rule } from './rule.ts';

export const vmBelowMinimum: Rule = {
  code: 'vm-below-minimum',
  severity: 'warning',
  what: 'A virtual machine that is no witness has what Harvester names as the least for tests: 8 virtual CPUs, 32 GiB of memory, and disks as large as the release wants them.',
  why: 'The checks of hardware are skipped for virtual machines: a smaller one is installed, and then pods do not start or volumes have no room ("Hardware Requirements" in Harvester\'s documentation).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || !node.facts?.vm) continue;
      // A witness only votes. Nobody knows who is one where the role is broken.
      if (isBroken(node, 'role') || isUnknown(node, 'install.role')) continue;
      if (node.config?.install?.role === 'witness') continue;
      for (const { what, least, at } of shortfalls(node)) {
        report({
          node,
          oncePerPlace: true,
          message: `The virtual machine has ${what}, and Harvester wants at least ${least} even for tests.`,
          at,
          help: `give it ${least}; or silence vm-below-minimum with the reason, where that is enough for what it is for`,
        });
      }
    }
  },
};

interface Shortfall {
  readonly what: string;
  readonly least: string;
  readonly at: Declared['at'];
}

/** What a machine has less of than for tests; what is too little to install at all is said by vm-too-small. */
function* shortfalls(node: Draft<Node>): Iterable<Shortfall> {
  const { facts } = node;
  const release = node.cluster?.version;
  if (!facts || !release) return;
  if (checksHardware(node) === false) {
    const threads = threadsOf(facts);
    if (threads && threads.value < FOR_TESTS.threads)
      yield { what: `${threads.text} virtual CPUs`, least: String(FOR_TESTS.threads), at: threads.at };
    const memory = memoryOf(facts);
    if (memory && memory.value < FOR_TESTS.memoryGib && memory.value >= LEAST_MEMORY_GIB)
      yield { what: `${memory.text} of memory`, least: `${FOR_TESTS.memoryGib}Gi`, at: memory.at };
  }
  if (checksSizes(node) !== false || isUnknown(node, 'install.data_disk')) return;
  const limits = diskLimits(node, release);
  for (const key of ['device', 'data_disk'] as const) {
    const size = sizeOf(node, key);
    if (!size) continue;
    const gib = wholeGib(size.bytes);
    if (gib >= limits[key] || (key === 'device' && gib < LEAST_DISK_GIB)) continue;
    yield { what: `${size.text} of disk as its ${key}`, least: `${limits[key]}Gi`, at: size.at };
  }
}
