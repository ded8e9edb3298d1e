import { lacks, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const pxelinuxByBios: Rule = {
  code: 'pxelinux-by-bios',
  severity: 'error',
  what: 'A node that boots by pxelinux has a BIOS, and its MAC address is known.',
  why: 'UEFI firmware does not run lpxelinux.0. pxelinux finds the menu of a machine by its MAC address.',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.loader !== 'pxelinux') continue;
      if (node.firmware === 'uefi') {
        report({
          node,
          oncePerPlace: true,
          message: `${node.name} is to boot by pxelinux, and its firmware is UEFI, which does not run it.`,
          at: placeOf(node, 'loader'),
          help: 'say `firmware: bios`, where it is one; or take boot.loader out: iPXE boots the same by UEFI',
        });
      } else if (node.bootNic && lacks(node.bootNic, 'mac')) {
        report({
          node,
          message: `${node.name} is to boot by pxelinux, which would not find its menu: its MAC address is not known.`,
          at: placeOf(node, 'name'),
          related: [{ message: 'pxelinux is said at', at: placeOf(node, 'loader') }],
          help: 'give it the MAC address: `mac: 52:54:00:aa:01:01`; or take boot.loader out: iPXE finds it by its address',
        });
      }
    }
  },
};
