import { ruleTest } from '../../test/support/rule-test.ts';
import { infrastructureInDhcpPool } from './infrastructure-in-dhcp-pool.ts';

const POOL = '192.168.178.200-192.168.178.250';
const message = (address: string, whose: string) =>
  `The address ${address} of ${whose} is inside the DHCP pool ${POOL}: a stranger can be given it.`;

ruleTest(infrastructureInDhcpPool, {
  'the gateway inside the pool': {
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.178.200']],
    finds: [{ at: '12:13', message: message('192.168.178.200', 'the gateway of mgmt'), related: ['9:14'] }],
  },
  'a DNS server inside the pool': {
    edits: [['dns: [192.168.178.1]', 'dns: [192.168.178.1, 192.168.178.250]']],
    finds: [{ at: '12:13', message: message('192.168.178.250', 'a DNS server of mgmt'), related: ['10:10'] }],
  },
  'the boot server inside the pool': {
    edits: [['http://192.168.178.7', 'http://192.168.178.201:8080']],
    finds: [{ at: '12:13', message: message('192.168.178.201', 'the boot server'), related: ['5:8'] }],
  },
  'all of them next to the pool': {
    edits: [
      ['gateway: 192.168.178.1', 'gateway: 192.168.178.199'],
      ['dns: [192.168.178.1]', 'dns: [192.168.178.251]'],
      ['http://192.168.178.7', 'http://192.168.178.251'],
    ],
  },
});
