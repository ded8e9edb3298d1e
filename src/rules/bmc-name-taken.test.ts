import { ruleTest } from '../../test/support/rule-test.ts';
import { bmcNameTaken } from './bmc-name-taken.ts';

const BMC = 'bmc: { mac: 52:54:00:aa:09:01, address: 192.168.178.141 }';

ruleTest(bmcNameTaken, {
  'a node of that name': {
    edits: [
      ['ip: 192.168.178.41,', `ip: 192.168.178.41, ${BMC},`],
      ['  harv-3:', '  harv-1-bmc:'],
    ],
    finds: [
      {
        at: '25:3',
        message: 'The management controller of harv-1 is harv-1-bmc to DHCP, which is the name of a node.',
        related: ['23:3'],
      },
    ],
  },
  'a node of that name, and a controller that no DHCP server knows': {
    edits: [
      ['ip: 192.168.178.41,', 'ip: 192.168.178.41, bmc: { address: 192.168.178.141 },'],
      ['  harv-3:', '  harv-1-bmc:'],
    ],
  },
  'no node of that name': { edits: [['ip: 192.168.178.41,', `ip: 192.168.178.41, ${BMC},`]] },
  'a node of the name that a controller has by the second of its nodes alone': {
    edits: [
      ['ip: 192.168.178.41,', `ip: 192.168.178.41, ${BMC},`],
      ['ip: 192.168.178.42 }', `ip: 192.168.178.42, ${BMC} }`],
      ['  harv-3:', '  harv-2-bmc:'],
    ],
  },
});
