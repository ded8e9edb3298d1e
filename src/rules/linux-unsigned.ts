import { placeOf } from '../origin.ts';
import type { Rule } from './rule.ts';

export const linuxUnsigned: Rule = {
  code: 'linux-unsigned',
  severity: 'error',
  what: 'A site whose boots are signed has no node that boots Linux.',
  why: "Signatures are made of Harvester's kernels and initrds alone: iPXE would refuse any other, and GRUB verifies none.",
  essential: true,
  check({ server, nodes = [] }, report) {
    if (!server?.sign) return;
    for (const node of nodes) {
      if (node?.os !== 'linux') continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} boots Linux, and the boots of this site are signed: its kernel would have no signature.`,
        at: placeOf(node, 'os'),
        related: [{ message: 'signatures are asked for at', at: placeOf(server, 'sign') }],
        help: 'give machines that boot Linux a site of their own, without server.sign',
      });
    }
  },
};
