import { isBroken, lacks, placeOf } from '../source/origin.ts';
import { parseMac } from '../values/mac.ts';
import type { Rule } from './rule.ts';

export const unknownNic: Rule = {
  code: 'unknown-nic',
  severity: 'error',
  what: 'Interfaces of the configuration are NICs of the node.',
  why: 'The installer stops with "no interface matching name found"; names also differ between releases (harvester/harvester#9815).',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const wanted = node?.said?.install?.management_interface?.interfaces;
      if (
        node?.os !== 'harvester' ||
        !node.nics?.length ||
        !wanted ||
        node.nics.some((nic) => !nic || isBroken(nic, 'mac') || isBroken(nic, 'name'))
      )
        continue;
      wanted.forEach((one, index) => {
        if (!one?.hwAddr && !one?.name) return;
        // A NIC of which that is not known may be the one.
        if (node.nics?.some((nic) => nic && lacks(nic, 'mac') && (one.hwAddr || lacks(nic, 'name')))) return;
        const known = one.hwAddr
          ? node.nics?.some((nic) => nic?.mac === parseMac(one.hwAddr ?? ''))
          : node.nics?.some((nic) => nic?.name === one.name);
        if (known) return;
        const names = node.nics?.map((nic) => nic?.name ?? nic?.mac).join(', ');
        report({
          node,
          oncePerPlace: true,
          message: `${node.name} has no NIC ${one.hwAddr ?? one.name}, so its MAC address is not known, and names alone change between releases.`,
          at: placeOf(wanted, index),
          help: `list it under nics with its name and MAC address; known are: ${names}`,
        });
      });
    }
  },
};
