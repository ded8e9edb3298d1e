import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { libvirtWithoutHost } from './libvirt-without-host.ts';

const HOST = NESTED.slice(NESTED.indexOf('host:\n'), NESTED.indexOf('networks:'));
const DEVICE: readonly [string, string] = ['    os: {', '    install: { device: /dev/vda }\n    os: {'];

ruleTest(libvirtWithoutHost, {
  'DHCP by libvirt, and no host': {
    edits: [[HOST, ''], DEVICE],
    of: NESTED,
    finds: [
      {
        at: '9:13',
        message: 'libvirt is to make the network mgmt, and the site has no host: nobody would bring it up.',
      },
    ],
  },
  'a network without DHCP, and no host': {
    edits: [
      [HOST, ''],
      ['dhcp: { server: libvirt,', 'dhcp: { server: external,'],
      ['cluster:', '  vlans:\n    subnet: 192.168.151.0/24\n    libvirt: { forward: isolated }\ncluster:'],
      DEVICE,
    ],
    of: NESTED,
    finds: [
      {
        at: '12:5',
        message: 'libvirt is to make the network vlans, and the site has no host: nobody would bring it up.',
      },
    ],
  },
  'virtual machines of a libvirt that somebody else looks after': {
    edits: [[HOST, ''], ['dhcp: { server: libvirt,', 'dhcp: { server: external,'], DEVICE],
    of: NESTED,
  },
});
