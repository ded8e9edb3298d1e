import { isBroken, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const secureBootUnsigned: Rule = {
  code: 'secure-boot-unsigned',
  severity: 'error',
  what: 'A virtual machine with Secure Boot that boots from the network loads GRUB.',
  why: 'Its firmware runs nothing but what is signed by a key that it has, and no distribution has a signed iPXE: it says "Access Denied", and boots nothing. Of GRUB there is a signed one, which shim verifies.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const { facts, os } = node ?? {};
      if (!node || !facts?.vm?.secure_boot || os === 'local' || os === undefined) continue;
      if (node.firmware !== 'uefi' || isBroken(node, 'loader') || node.loader === 'grub') continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} boots with Secure Boot, and what its firmware loads is iPXE, which nobody has signed.`,
        at: placeOf(facts.vm, 'secure_boot'),
        help:
          os === 'linux'
            ? 'say loader: grub under boot, or leave secure_boot out'
            : 'leave secure_boot out; one whose firmware has a key of yours, and an iPXE that is signed by it, may silence this',
      });
    }
  },
};
