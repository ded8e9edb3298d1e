import { ruleTest } from '../../test/support/rule-test.ts';
import { missingMac } from './missing-mac.ts';

const DHCP = '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n';
const EXTERNAL = '    dhcp: { server: external }\n';
const THIRD = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';

/** A site without DHCP, where NICs have names. */
const STATIC: readonly [string, string][] = [
  [DHCP, ''],
  ...[1, 2].map((number): [string, string] => [
    `{ mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number}`,
    `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number} }]`,
  ]),
];
const AT_NAME = '25:3';

ruleTest(missingMac, {
  'an address without the MAC that its reservation needs': {
    edits: [[THIRD, '{ ip: 192.168.178.43 }']],
    finds: [
      {
        at: AT_NAME,
        message:
          'harv-3 has a NIC without a MAC address, and the DHCP server of mgmt reserves 192.168.178.43 by it.',
      },
    ],
  },
  'one of several NICs, which is said at the NIC': {
    edits: [
      [THIRD, '{ nics: [{ mac: 52:54:00:aa:01:03 }, { name: eno2, ip: 192.168.178.43, boot: true }] }'],
    ],
    finds: [
      {
        at: '25:48',
        message:
          'harv-3 has a NIC without a MAC address, and the DHCP server of mgmt reserves 192.168.178.43 by it.',
      },
    ],
  },
  'a machine that only its address would tell, on a network without DHCP': {
    silence: ['static-needs-default-route'],
    edits: [...STATIC, [THIRD, '{ nics: [{ name: eno1, ip: 192.168.178.43 }] }']],
    finds: [
      {
        at: '23:3',
        message:
          "harv-3 has a NIC without a MAC address, and mgmt has no DHCP: the boot image could not tell which address is the machine's.",
      },
    ],
  },
  'one that its firmware tells, there': {
    silence: ['static-needs-default-route'],
    edits: [...STATIC, [THIRD, '{ serial: B5W7M32, nics: [{ name: eno1, ip: 192.168.178.43 }] }']],
  },
  'a member of the bond with neither MAC nor name': {
    edits: [[THIRD, '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, {}] }']],
    finds: [
      {
        at: '25:68',
        message: 'harv-3 has a NIC without a MAC address, nor a name: Harvester could not be told of it.',
      },
    ],
  },
  'a member of the bond by its name': {
    edits: [[THIRD, '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { name: eno2 }] }']],
  },
  "an address that somebody else's DHCP server gives": {
    edits: [
      [DHCP, EXTERNAL],
      [THIRD, '{ ip: 192.168.178.43 }'],
    ],
  },
});
