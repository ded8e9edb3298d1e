import { ruleTest } from '../../test/support/rule-test.ts';
import { vipByDhcp } from './vip-by-dhcp.ts';

const VIP = '  vip: 192.168.178.40\n';

ruleTest(vipByDhcp, {
  'by DHCP, without a MAC address': {
    silence: ['vip-mode-dhcp'],
    edits: [[VIP, `${VIP}  vip_mode: dhcp\n`]],
    finds: [
      {
        at: '15:13',
        message: 'The VIP of plant is had by DHCP, and no MAC address says for whom it is reserved.',
      },
    ],
  },
  'static, with a MAC address': {
    edits: [[VIP, `${VIP}  vip_mode: static\n  vip_hw_addr: 02:00:00:03:3d:61\n`]],
    finds: [{ at: '16:16', message: 'The VIP of plant is static, so vip_hw_addr has no effect.' }],
  },
  'static because nothing is said, with a MAC address': {
    edits: [[VIP, `${VIP}  vip_hw_addr: 02:00:00:03:3d:61\n`]],
    finds: [{ at: '15:16', message: 'The VIP of plant is static, so vip_hw_addr has no effect.' }],
  },
  'one of two clusters': {
    silence: ['vip-mode-dhcp'],
    edits: [
      [
        `cluster:\n${VIP}  token: \${secret:cluster_token}\n`,
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}", vip_mode: dhcp }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
    ],
    finds: [
      {
        at: '15:67',
        message: 'The VIP of west is had by DHCP, and no MAC address says for whom it is reserved.',
      },
    ],
  },
  'by DHCP, with a MAC address': {
    silence: ['vip-mode-dhcp'],
    edits: [[VIP, `${VIP}  vip_mode: dhcp\n  vip_hw_addr: 02:00:00:03:3d:61\n`]],
  },
  'static, and nothing else': { edits: [[VIP, `${VIP}  vip_mode: static\n`]] },
});
