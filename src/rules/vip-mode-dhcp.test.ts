import { ruleTest } from '../../test/support/rule-test.ts';
import { vipModeDhcp } from './vip-mode-dhcp.ts';

const VIP = '  vip: 192.168.178.40\n';
const BY_DHCP = `${VIP}  vip_mode: dhcp\n  vip_hw_addr: 02:00:00:03:3d:61\n`;

ruleTest(vipModeDhcp, {
  'a VIP by DHCP': {
    edits: [[VIP, BY_DHCP]],
    finds: [
      {
        at: '15:13',
        message:
          'The VIP of plant is had by DHCP: if the server ever gives another address, or none, the cluster cannot be reached.',
      },
    ],
  },
  'a VIP by DHCP, for a reason': {
    edits: [
      [VIP, BY_DHCP],
      ['site: plant\n', 'site: plant\nsilence: { vip-mode-dhcp: the network team reserves all addresses }\n'],
    ],
  },
  'a static VIP': { edits: [[VIP, `${VIP}  vip_mode: static\n`]] },
  'a static VIP, because nothing is said': { edits: [] },
});
