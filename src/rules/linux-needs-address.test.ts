import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { linuxNeedsAddress } from './linux-needs-address.ts';

const NO_DHCP = ['    dhcp: { pool: 10.1.0.200-10.1.0.250 }\n', ''] as const;

ruleTest(linuxNeedsAddress, {
  'a network without DHCP': {
    of: LINUX_PLANT,
    edits: [NO_DHCP, ['[ip=dhcp, ', '[']],
    finds: [
      {
        at: '19:7',
        message: 'cg01 boots Linux on mgmt, which has no DHCP, and is not told its address.',
        related: ['5:3'],
        help: 'add to boot.args what dracut reads, "ip=${node:ip}::${node:gateway}:${node:netmask}:${node:name}::none", or as the distribution has it; silence this where the image knows its address',
      },
    ],
  },
  'an address on the kernel line': {
    of: LINUX_PLANT,
    edits: [
      NO_DHCP,
      ['[ip=dhcp, ', '["ip=${node:ip}::${node:gateway}:${node:netmask}:${node:name}::none", '],
    ],
  },
});
