import { ruleTest } from '../../test/support/rule-test.ts';
import { bootNicOutsideBond } from './boot-nic-outside-bond.ts';

const THIRD = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';

/** Gives the third node two NICs, of which it boots from the first, and interfaces. */
function third(interfaces: string, first = '') {
  return [
    THIRD,
    `{ nics: [
      { name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43${first} },
      { name: eno2, mac: 52:54:00:aa:01:04 }],
    config: { install: { management_interface: { interfaces: ${interfaces} } } } }`,
  ] as const;
}

/** Somebody else's DHCP server gives out the addresses: a NIC needs no MAC address. */
const EXTERNAL = [
  '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n',
  '    dhcp: { server: external }\n',
] as const;
const MACS = /, mac: 52:54:00:aa:01:0[34]/g;

const FOUND = {
  at: '28:50',
  message:
    "The interfaces leave out the NIC that the node boots from: DHCP would not give the installed node the address that is reserved for that NIC's MAC address.",
  related: ['26:26'],
};

ruleTest(bootNicOutsideBond, {
  'another NIC, by name': { edits: [third('[{ name: eno2 }]')], finds: [FOUND] },
  'another NIC, by MAC': { edits: [third('[{ hwAddr: 52:54:00:AA:01:04 }]')], finds: [FOUND] },
  'another NIC, and a static address': {
    edits: [
      ['version: v1.4.1', 'version: v1.4.2'],
      [THIRD, third('[{ name: eno2 }], method: static')[1]],
    ],
    finds: [
      {
        ...FOUND,
        message:
          'The interfaces leave out the NIC that the node boots from: its address would be on NICs that need not be on its network.',
      },
    ],
  },
  'another NIC, where neither has a MAC address': {
    edits: [EXTERNAL, [THIRD, third('[{ name: eno2 }]')[1].replaceAll(MACS, '')]],
    finds: [{ ...FOUND, at: '27:50', related: ['25:7'] }],
  },
  'the NIC that boots, which has no MAC address': {
    edits: [EXTERNAL, [THIRD, third('[{ name: eno1 }]')[1].replaceAll(MACS, '')]],
  },
  'the MAC address of another NIC, where that of the one that boots is not known': {
    edits: [
      EXTERNAL,
      [THIRD, third('[{ hwAddr: 52:54:00:AA:01:04 }]')[1].replace('mac: 52:54:00:aa:01:03, ', '')],
    ],
    finds: [{ ...FOUND, at: '27:50', related: ['25:7'] }],
  },
  'the NIC that boots among others': { edits: [third('[{ name: eno2 }, { name: eno1 }]')] },
  'the NIC that boots, by MAC': { edits: [third('[{ hwAddr: 52:54:00:AA:01:03 }]')] },
});
