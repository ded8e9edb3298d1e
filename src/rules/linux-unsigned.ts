import type { BootSaid } from '../site/model.ts';
import { keyPlaceOf, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const linuxUnsigned: Rule = {
  code: 'linux-unsigned',
  severity: 'error',
  what: 'A site whose boots are signed has no node that boots Linux, or a disk by iSCSI.',
  why: "Signatures are made of Harvester's kernels and initrds alone: iPXE would refuse any other, and GRUB verifies none. The script of a node that boots by iSCSI has secrets that nginx fills in, so that no signature fits it, and nothing verifies what is on the disk.",
  essential: true,
  check({ server, nodes = [] }, report) {
    if (!server?.sign) return;
    for (const node of nodes) {
      if (node?.os !== 'linux' && !node?.iscsi) continue;
      const [what, consequence] = node.iscsi
        ? ['a disk by iSCSI', 'no signature would fit its script, into which secrets are filled']
        : ['Linux', 'its kernel would have no signature'];
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} boots ${what}, and the boots of this site are signed: ${consequence}.`,
        at:
          node.os === 'harvester' && node.boot
            ? keyPlaceOf(node.boot as BootSaid, 'disk')
            : placeOf(node, 'os'),
        related: [{ message: 'signatures are asked for at', at: placeOf(server, 'sign') }],
        help: `give machines that boot ${what} a site of their own, without server.sign`,
      });
    }
  },
};
