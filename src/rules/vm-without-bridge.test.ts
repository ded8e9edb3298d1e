import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { vmWithoutBridge } from './vm-without-bridge.ts';

const LAN = '  lan: { subnet: 10.20.0.0/24 }\ncluster:';
const TWO_NICS =
  'harvester-2: { nics: [{ mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }, { mac: 52:54:00:0c:02:02, network: lan }] }';
const ONE_NIC = 'harvester-2: { mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }';

ruleTest(vmWithoutBridge, {
  'a second NIC on a network of which nothing is known': {
    of: NESTED,
    edits: [
      ['cluster:', LAN],
      [ONE_NIC, TWO_NICS],
    ],
    finds: [
      {
        at: '19:3',
        message:
          'libvirt does not make the network lan, and it names no bridge of the host: harvester-2 could not be plugged into it.',
      },
    ],
  },
  'all machines on a network of a server elsewhere': {
    of: NESTED,
    edits: [['server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d', 'server: external']],
    finds: [
      {
        at: '14:3',
        message:
          'libvirt does not make the network mgmt, and it names no bridge of the host: harvester-1, harvester-2 and harvester-3 could not be plugged into it.',
      },
    ],
  },
  'a bridge of the host': {
    of: NESTED,
    edits: [
      ['cluster:', '  lan: { subnet: 10.20.0.0/24, interface: br0 }\ncluster:'],
      [ONE_NIC, TWO_NICS],
    ],
  },
  'a network that libvirt makes, without DHCP': {
    of: NESTED,
    edits: [
      ['cluster:', '  lan: { subnet: 10.20.0.0/24, libvirt: { forward: isolated } }\ncluster:'],
      [ONE_NIC, TWO_NICS],
    ],
  },
  'a network that no machine is on': {
    of: NESTED,
    edits: [['cluster:', LAN]],
  },
});
