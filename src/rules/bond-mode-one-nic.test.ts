import { ruleTest } from '../../test/support/rule-test.ts';
import { bondModeOneNic } from './bond-mode-one-nic.ts';

const THIRD = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
const TWO_NICS =
  'nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { name: eno2, mac: 52:54:00:aa:01:04 }]';
const OPTIONS = 'bond_options: { mode: balance-alb, miimon: "100" }';

function forAll(mode: string) {
  return [
    'install:\n',
    `install:\n      management_interface: { bond_options: { mode: ${mode}, miimon: "100" } }\n`,
  ] as const;
}

function found(mode: string, at: string) {
  return {
    at,
    message: `The bond has one NIC, and its mode ${mode} is for several: it brings nothing, and may want something of the switch.`,
  };
}

ruleTest(bondModeOneNic, {
  'nodes of one NIC': { edits: [forAll('balance-tlb')], finds: [found('balance-tlb', '21:53')] },
  'a node of two NICs with one in the bond': {
    edits: [
      [
        THIRD,
        `{ ${TWO_NICS},\n    config: { install: { management_interface: { interfaces: [{ name: eno1 }], ${OPTIONS} } } } }`,
      ],
    ],
    finds: [found('balance-alb', '26:102')],
  },
  'a node of two NICs': {
    edits: [[THIRD, `{ ${TWO_NICS}, config: { install: { management_interface: { ${OPTIONS} } } } }`]],
  },
  'a node of one NIC without a MAC address': {
    edits: [
      ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', '    dhcp: { server: external }\n'],
      [THIRD, `{ ip: 192.168.178.43,\n    config: { install: { management_interface: { ${OPTIONS} } } } }`],
    ],
    finds: [found('balance-alb', '25:72')],
  },
  'active-backup': { edits: [forAll('active-backup')] },
  '802.3ad, which another rule is about': {
    edits: [
      forAll('802.3ad'),
      ['defaults:\n', 'defaults:\n  silence: { bond-lacp: this is about one NIC }\n'],
    ],
  },
});
