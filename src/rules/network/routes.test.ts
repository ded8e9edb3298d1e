import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

const GATEWAY = ['    gateway: 10.1.0.1\n', ''] as const;
const ARGUMENTS = [
  '[ip=dhcp, "console=ttyS0,115200"]',
  '["inst.repo=http://10.2.0.1/r quiet", "ds=nocloud;s=http://10.3.0.1/"]',
] as const;

ruleTest('url-unreachable', {
  'a boot server on another network, without a gateway': {
    of: LINUX_PLANT,
    edits: [GATEWAY, ['http://10.1.0.1', 'http://10.2.0.1']],
    finds: [
      {
        at: '5:3',
        message:
          'cg01 fetches its script from 10.2.0.1, which is not on mgmt, a network without a gateway: it cannot boot.',
        related: ['3:8'],
        help: 'add gateway; or, if the server has an IP address on mgmt, set that in the URL',
      },
    ],
  },
  'a kernel, initrds and a root file system on other servers, without a gateway': {
    of: LINUX_PLANT,
    edits: [
      GATEWAY,
      ['kernel: rocky9/vmlinuz', 'kernel: http://10.2.0.1/vmlinuz'],
      ['initrd: rocky9/initramfs.img', 'initrd: [a.img, "http://10.3.0.1:8080/b.img"]'],
      ['squashfs: rocky9/root.squashfs', 'squashfs: "http://10.4.0.1/root"'],
    ],
    finds: [
      ['initrd', '10.3.0.1', '17:23'],
      ['kernel', '10.2.0.1', '16:15'],
      ['root file system', '10.4.0.1', '18:25'],
    ].map(([what, address, at = '']) => ({
      at: '5:3',
      message: `cg01 fetches its ${what} from ${address}, which is not on mgmt, a network without a gateway: it cannot boot.`,
      related: [at],
    })),
  },
  'data of cloud-init on another network': {
    of: LINUX_PLANT,
    edits: [
      GATEWAY,
      [
        '  url: http://10.1.0.1\n',
        '  url: http://10.1.0.1\n  tls: { certificate: /etc/ssl/b.pem, key: /etc/ssl/b.key, url: "https://10.2.0.1" }\n',
      ],
    ],
    silence: ['tls-needs-public-ca'],
    finds: [
      {
        at: '6:3',
        message:
          'cg01 fetches its configuration from 10.2.0.1, which is not on mgmt, a network without a gateway: it cannot boot.',
        related: ['4:65'],
      },
    ],
  },
  'the entry script of a node with an iSCSI disk, whose own server is on its network': {
    of: ISCSI_PLANT,
    edits: [[', gateway: 10.3.0.1', '']],
    finds: [
      {
        at: '9:3',
        message:
          'cn03 fetches its script from 10.1.0.1, which is not on biology, a network without a gateway: it cannot boot.',
        related: ['3:8'],
      },
    ],
  },
  'an ISO outside an isolated network': {
    of: NESTED,
    edits: [
      ['dhcp: {', 'libvirt: { forward: isolated }\n    dhcp: {'],
      ['os: { ntp_servers', 'install: { iso_url: "http://10.9.0.1/h.iso" }\n    os: { ntp_servers'],
    ],
    silence: ['isolated-away'],
    finds: [
      {
        at: '14:3',
        message:
          'harvester-1 fetches its ISO from 10.9.0.1, which is not on mgmt, an isolated network: it cannot boot.',
        related: ['23:25'],
        help: 'forward it: `libvirt: {forward: nat}`; or, if the server has an IP address on mgmt, set that in the URL',
      },
    ],
  },
  'the kernel of unknown machines': {
    of: LINUX_PLANT,
    edits: [GATEWAY, ['groups:\n', 'unknown_machines: { boot: { kernel: "http://10.2.0.1/k" } }\ngroups:\n']],
    finds: [
      {
        at: '5:3',
        message:
          'An unknown machine fetches its kernel from 10.2.0.1, which is not on mgmt, a network without a gateway: it cannot boot.',
        related: ['9:37'],
      },
    ],
  },
  'URLs in kernel arguments': {
    of: LINUX_PLANT,
    edits: [GATEWAY, ARGUMENTS],
    finds: [
      ['ds', '10.3.0.1', '19:51'],
      ['inst.repo', '10.2.0.1', '19:14'],
    ].map(([what, address, at = '']) => ({
      at: '5:3',
      message: `cg01 fetches its argument ${what} from ${address}, which is not on mgmt, a network without a gateway: it cannot boot.`,
      related: [at],
    })),
  },
  'URLs in kernel arguments that also set a gateway': {
    of: LINUX_PLANT,
    edits: [GATEWAY, [ARGUMENTS[0], ARGUMENTS[1].replace('[', '["ip=10.1.0.11::10.1.0.1:255.255.255.0", ')]],
  },
  'the network of the boot server needs no gateway': { of: LINUX_PLANT, edits: [GATEWAY] },
  'a gateway': { of: LINUX_PLANT, edits: [['http://10.1.0.1', 'http://10.2.0.1']] },
  'an external DHCP server, which may send a gateway': {
    of: LINUX_PLANT,
    edits: [
      GATEWAY,
      ['http://10.1.0.1', 'http://10.2.0.1'],
      ['dhcp: { pool: 10.1.0.200-10.1.0.250 }', 'dhcp: { server: external }'],
    ],
  },
  'the host of an isolated network': {
    of: NESTED,
    edits: [['dhcp: {', 'libvirt: { forward: isolated }\n    dhcp: {']],
    silence: ['isolated-away'],
  },
});

ruleTest('server-name-needs-dns', {
  'a name without a DNS server': {
    edits: [
      ['http://192.168.178.7', 'http://boot.example.org:8080'],
      ['    dns: [192.168.178.1]\n', ''],
    ],
    finds: [
      {
        at: '7:3',
        message: 'Machines on mgmt cannot resolve boot.example.org: the network has no DNS servers.',
        related: ['5:8'],
      },
    ],
  },
  'an IP address, and a name for configurations, without a DNS server': {
    edits: [
      [
        'http://192.168.178.7',
        'http://192.168.178.7\n  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key, url: https://boot.example.org }',
      ],
      ['    dns: [192.168.178.1]\n', ''],
    ],
    finds: [
      {
        at: '8:3',
        message: 'Machines on mgmt cannot resolve boot.example.org: the network has no DNS servers.',
        related: ['6:65'],
      },
    ],
  },
  'a name and a DNS server': { edits: [['http://192.168.178.7', 'http://boot.example.org:8080']] },
  'an IP address without a DNS server': { edits: [['    dns: [192.168.178.1]\n', '']] },
  'a name of media, which the installer also fetches': {
    edits: [
      [
        '  url: http://192.168.178.7\n',
        '  url: http://192.168.178.7\n  media: https://mirror.example.org/h\n',
      ],
      ['    dns: [192.168.178.1]\n', ''],
    ],
    finds: [
      {
        at: '8:3',
        message: 'Machines on mgmt cannot resolve mirror.example.org: the network has no DNS servers.',
        related: ['6:10'],
        help: 'add dns to the network mgmt, or set the IP address in the URL',
      },
    ],
  },
  'a name of an ISO, with and without own DNS servers of the node': {
    edits: [
      ['    dns: [192.168.178.1]\n', ''],
      [
        'mode: create }',
        'mode: create, config: { os: { dns_nameservers: [10.9.0.53] }, install: { iso_url: "http://one.example.org/h.iso" } } }',
      ],
      [
        '192.168.178.42 }',
        '192.168.178.42, config: { install: { iso_url: "http://two.example.org/h.iso" } } }',
      ],
    ],
    finds: [
      {
        at: '7:3',
        message: 'Machines on mgmt cannot resolve two.example.org: the network has no DNS servers.',
        related: ['23:87'],
      },
    ],
  },
  'names of a kernel and of a root file system': {
    of: LINUX_PLANT,
    edits: [
      ['    dns: [10.1.0.2]\n', ''],
      ['kernel: rocky9/vmlinuz', 'kernel: http://boot.example.org/vmlinuz'],
      ['squashfs: rocky9/root.squashfs', 'squashfs: "http://files.example.org:9000/root"'],
    ],
    finds: [
      {
        at: '5:3',
        message: 'Machines on mgmt cannot resolve boot.example.org: the network has no DNS servers.',
        related: ['16:15'],
      },
      {
        at: '5:3',
        message: 'Machines on mgmt cannot resolve files.example.org: the network has no DNS servers.',
        related: ['18:25'],
      },
    ],
  },
});
