import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const secureBootBios: Rule = {
  code: 'secure-boot-bios',
  severity: 'error',
  what: 'A virtual machine with Secure Boot has UEFI.',
  why: 'A BIOS has no Secure Boot, and runs whatever it loads.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.facts?.vm?.secure_boot || node.firmware !== 'bios') continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is to boot with Secure Boot, and its firmware is bios, which has none.`,
        at: placeOf(node.facts.vm, 'secure_boot'),
        help: 'leave secure_boot out, or say firmware: uefi',
      });
    }
  },
};
