import { FOR_TESTS } from '../knowledge/tables/harvester-hardware.ts';
import { type Declared, memoryOf, threadsOf } from '../site/hardware.ts';
import { checksHardware } from '../site/installer-checks.ts';
import { lacks } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const hardwareBelowMinimum: Rule = {
  code: 'hardware-below-minimum',
  severity: 'error',
  what: 'A machine that is no virtual one has at least the 8 CPU threads and 32 GiB of memory that Harvester names for tests.',
  why: 'Harvester alone takes most of a smaller machine: the installation is let through, and then pods do not start ("Hardware Requirements" in its documentation).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || !node.facts || !lacks(node.facts, 'vm')) continue;
      // Where the installer stops at it, hardware-too-small says so.
      if (checksHardware(node)) continue;
      const find = (what: string, least: string, { at }: Declared) =>
        report({
          node,
          message: `The machine has ${what}, and Harvester wants at least ${least} even for tests.`,
          at,
          help: 'use a larger machine; or declare it as vm, if it is a virtual one',
        });
      const threads = threadsOf(node.facts);
      if (threads && threads.value < FOR_TESTS.threads)
        find(`${threads.text} CPU threads`, String(FOR_TESTS.threads), threads);
      const memory = memoryOf(node.facts);
      if (memory && memory.value < FOR_TESTS.memoryGib)
        find(`${memory.text} of memory`, `${FOR_TESTS.memoryGib}Gi`, memory);
    }
  },
};
