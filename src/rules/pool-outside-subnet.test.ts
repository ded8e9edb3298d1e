import { ruleTest } from '../../test/support/rule-test.ts';
import { poolOutsideSubnet } from './pool-outside-subnet.ts';

const POOL = 'pool: 192.168.178.200-192.168.178.250';

/** What is said of a pool of the network mgmt. */
function found(pool: string) {
  return {
    at: '12:13',
    message: `The DHCP pool ${pool} does not lie among the host addresses of 192.168.178.0/24: what it gives out would lead nowhere.`,
    related: ['8:13'],
  };
}

ruleTest(poolOutsideSubnet, {
  'a pool of another subnet': {
    edits: [[POOL, 'pool: 192.168.187.200-192.168.187.250']],
    finds: [found('192.168.187.200-192.168.187.250')],
  },
  'a pool that begins inside and ends outside': {
    edits: [[POOL, 'pool: 192.168.178.200-192.168.179.10']],
    finds: [found('192.168.178.200-192.168.179.10')],
  },
  'a pool with the broadcast address': {
    edits: [[POOL, 'pool: 192.168.178.200 - 192.168.178.255']],
    finds: [found('192.168.178.200-192.168.178.255')],
  },
  'a pool with the network address': {
    edits: [[POOL, 'pool: 192.168.178.0-192.168.178.0']],
    finds: [found('192.168.178.0-192.168.178.0')],
  },
  'a pool up to the last address that a host can have': {
    edits: [[POOL, 'pool: 192.168.178.44-192.168.178.254']],
  },
  'a pool of one address': { edits: [[POOL, 'pool: 192.168.178.254-192.168.178.254']] },
});
