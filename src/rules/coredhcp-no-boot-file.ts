import { isBroken, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const coredhcpNoBootFile: Rule = {
  code: 'coredhcp-no-boot-file',
  severity: 'warning',
  what: 'Machines that boot from a network of coredhcp start iPXE by themselves, from an image or a ROM that has the embedded script.',
  why: 'A machine that has a reservation gets an address of coredhcp, and no boot file: its plugins `file` and `nbp` each end the answer. Only with the plugin coresmd, of OpenCHAMI, does firmware get iPXE, and GRUB and pxelinux with none.',
  check({ networks = [], nodes = [], server }, report) {
    for (const network of networks) {
      if (network?.dhcp?.server !== 'coredhcp' || (server && isBroken(server, 'compat'))) continue;
      const here = nodes.filter((one) => one?.bootNic?.network === network && one?.os !== 'local');
      const other = here.find((one) => one?.loader === 'grub' || one?.loader === 'pxelinux');
      if (server?.compat?.includes('ochami')) {
        const what = other?.loader === 'grub' ? 'GRUB' : 'pxelinux';
        if (other)
          report({
            message: `coredhcp hands out no ${what}: with its plugin coresmd the firmware of ${other.name} would load iPXE.`,
            at: placeOf(network.dhcp, 'server'),
            related: [{ message: `${other.name} is to load ${what} by`, at: placeOf(other, 'loader') }],
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
