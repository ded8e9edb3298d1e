import { ruleTest } from '../../test/support/rule-test.ts';
import { staticNeedsDefaultRoute } from './static-needs-default-route.ts';

/** A site without DHCP. */
const STATIC = `site: plant
harvester:
  version: v1.4.1
server:
  url: http://192.168.178.7
networks:
  mgmt:
    subnet: 192.168.178.0/24
    gateway: 192.168.178.1
    dns: [192.168.178.1]
    ntp: [192.168.178.1]
cluster:
  vip: 192.168.178.40
  token: \${secret:cluster_token}
defaults:
  config:
    os:
      ssh_authorized_keys: ["github:your_username"]
    install:
      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1
nodes:
  harv-1: { mode: create, nics: [{ name: eno1, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }] }
  harv-2: { nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }] }
  harv-3: { nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }] }
`;

ruleTest(staticNeedsDefaultRoute, {
  'the last release with the fault': {
    of: STATIC,
    edits: [],
    finds: [
      {
        at: '3:12',
        message:
          'The network mgmt has no DHCP server, and the installer of v1.4.1 looks for a default route before it sets static addresses: it stops with "No default route found".',
        related: ['7:3'],
      },
    ],
  },
  'the first release with the fault': {
    of: STATIC,
    edits: [['v1.4.1', 'v1.3.1']],
    finds: [
      {
        at: '3:12',
        message:
          'The network mgmt has no DHCP server, and the installer of v1.3.1 looks for a default route before it sets static addresses: it stops with "No default route found".',
        related: ['7:3'],
      },
    ],
  },
  'the release before': { of: STATIC, edits: [['v1.4.1', 'v1.3.0']] },
  'the release after': { of: STATIC, edits: [['v1.4.1', 'v1.4.2']] },
  'static addresses, but a DHCP server on the network': {
    of: STATIC,
    edits: [
      ['    ntp: [192.168.178.1]\n', '    ntp: [192.168.178.1]\n    dhcp: { server: external }\n'],
      ['      device:', '      management_interface: { method: static }\n      device:'],
    ],
  },
  'nodes that are never installed': {
    of: STATIC,
    edits: [['defaults:\n', 'defaults:\n  install: never\n']],
  },
});
