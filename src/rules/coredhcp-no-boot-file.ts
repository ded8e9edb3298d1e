import { isBroken, placeOf } from '../origin.ts';
import type { Rule } from './rule.ts';

export const coredhcpNoBootFile: Rule = {
  code: 'coredhcp-no-boot-file',
  severity: 'warning',
  what: 'Machines that boot from a network of coredhcp start iPXE by themselves, from an image or a ROM that has the embedded script.',
  why: 'A machine that has a reservation gets an address of coredhcp, and no boot file: its plugins `file` and `nbp` each end the answer. Only with the plugin coresmd, of OpenCHAMI, does firmware get iPXE, and GRUB with none.',
  check({ networks = [], nodes = [], server }, report) {
    for (const network of networks) {
      if (network?.dhcp?.server !== 'coredhcp' || (server && isBroken(server, 'compat'))) continue;
      const here = nodes.filter((one) => one?.bootNic?.network === network && one?.os !== 'local');
      const byGrub = here.find((one) => one?.loader === 'grub');
      if (server?.compat?.includes('ochami')) {
        if (byGrub)
          report({
            message: `coredhcp hands out no GRUB: with its plugin coresmd the firmware of ${byGrub.name} would load iPXE.`,
            at: placeOf(network.dhcp, 'server'),
            related: [{ message: `${byGrub.name} is to load GRUB by`, at: placeOf(byGrub, 'loader') }],
            help: 'have another server, such as dnsmasq; or take boot.loader out, and machines boot by iPXE',
          });
        continue;
      }
      const [node] = here;
      if (!node) continue;
      report({
        message: `coredhcp tells no machine of ${network.name} what to boot: the firmware of ${node.name} would find nothing.`,
        at: placeOf(network.dhcp, 'server'),
        help: 'start iPXE from an image with the embedded script; or say server.compat: [ochami] and run coredhcp with its plugin coresmd; or have another server',
      });
    }
  },
};
