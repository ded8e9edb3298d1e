import { ruleTest } from '../../test/support/rule-test.ts';
import { vipInDhcpPool } from './vip-in-dhcp-pool.ts';

ruleTest(vipInDhcpPool, {
  'a VIP inside the pool': {
    edits: [['vip: 192.168.178.40', 'vip: 192.168.178.240']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.240 is inside the DHCP pool 192.168.178.200-192.168.178.250: another machine can be given it.',
        related: ['12:13'],
      },
    ],
  },
  'a VIP next to the pool': { edits: [['vip: 192.168.178.40', 'vip: 192.168.178.199']] },
});
