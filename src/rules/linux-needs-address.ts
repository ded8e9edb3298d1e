import type { Network } from '../site/model.ts';
import { isBroken, keyPlaceOf, lacks, placeOf, selfPlace } from '../source/origin.ts';
import { kernelWords, setsParameter } from '../values/kernel-words.ts';
import type { Rule } from './rule.ts';

export const linuxNeedsAddress: Rule = {
  code: 'linux-needs-address',
  severity: 'warning',
  what: 'A node that boots Linux on a network without DHCP has its address on the kernel line.',
  why: "The initrd would ask for an address that nobody gives, and fetch neither its root file system nor cloud-init's data.",
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const { linux, bootNic } = node ?? {};
      const network = bootNic?.network;
      if (!node || !linux?.args || !network || !lacks(network, 'dhcp')) continue;
      if (node.boot && isBroken(node.boot, 'args')) continue;
      const words = linux.args.flatMap((arg) => kernelWords(arg ?? ''));
      if (words.some((word) => setsParameter(word, 'ip'))) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} boots Linux on ${network.name}, which has no DHCP, and is not told its address.`,
        at: node.boot ? keyPlaceOf(node.boot, 'args') : placeOf(node, 'os'),
        related: [{ message: `${network.name} is defined at`, at: selfPlace(network as Network) }],
        help: `add to boot.args what dracut reads, "ip=\${node:ip}::\${node:gateway}:\${node:netmask}:\${node:name}:${bootNic?.name ? '${node:nic}' : ''}:none", or as the distribution has it; silence this where the image knows its address`,
      });
    }
  },
};
