import { lacks, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const grubByUefi: Rule = {
  code: 'grub-by-uefi',
  severity: 'error',
  what: 'A node that boots by GRUB has UEFI firmware, and its MAC address is known.',
  why: 'A BIOS is given iPXE, whatever is said. GRUB finds the script of a machine by its MAC address alone.',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      // Of what boots no Linux, boot-key-of-other-os says that it is no GRUB's.
      if (node?.os !== 'linux' || node.loader !== 'grub') continue;
      if (node.firmware === 'bios') {
        report({
          node,
          oncePerPlace: true,
          message: `${node.name} is to boot by GRUB, and its firmware is a BIOS.`,
          at: placeOf(node, 'loader'),
          related: [{ message: 'its firmware is said at', at: placeOf(node, 'firmware') }],
          help: 'take boot.loader out: iPXE boots Linux on a BIOS, too',
        });
      } else if (node.bootNic && lacks(node.bootNic, 'mac')) {
        report({
          node,
          message: `${node.name} is to boot by GRUB, which would not find its script: its MAC address is not known.`,
          at: placeOf(node, 'name'),
          related: [{ message: 'GRUB is said at', at: placeOf(node, 'loader') }],
          help: 'give it the MAC address: `mac: 52:54:00:aa:01:01`; or take boot.loader out: iPXE finds it by its address',
        });
      }
    }
  },
};
