import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const VM = 'vm: { preset: small, disks: [{ size: 300Gi }] }';
const DEVICE = '    os: { ntp_servers';
const WITH_DEVICE = '    install: { device: /dev/vda }\n    os: { ntp_servers';

const SECOND = 'ip: 192.168.178.42 }';

ruleTest('vm-without-host', {
  'a machine with CPUs': {
    edits: [[SECOND, 'ip: 192.168.178.42, vm: { preset: small } }']],
    finds: [
      { at: '24:61', message: 'harv-2 has vm, but the site has no host: the tree has no libvirt/ for it.' },
    ],
  },
  'machines of another system': {
    edits: [
      [SECOND, 'ip: 192.168.178.42, vm: {} }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, vm: { memory: 64Gi } }'],
    ],
  },
});

ruleTest('vm-incomplete', {
  'machines without any hardware': {
    of: NESTED,
    edits: [
      [DEVICE, WITH_DEVICE],
      [VM, 'vm: {}'],
    ],
    finds: [
      {
        at: '24:7',
        message:
          'The virtual machines harvester-1, harvester-2 and harvester-3 have no vcpus, memory and disks: libvirt cannot create them.',
      },
    ],
  },
  'a machine without a disk': {
    of: NESTED,
    edits: [
      ['192.168.150.42 }', '192.168.150.42, vm: { disks: [] }, config: { install: { device: /dev/vda } } }'],
    ],
    finds: [
      {
        at: '26:66',
        message: 'The virtual machine harvester-2 has no disks: libvirt cannot create it.',
      },
    ],
  },
  'machines with only memory and disks': {
    of: NESTED,
    edits: [['preset: small', 'memory: 32Gi']],
    finds: [
      {
        at: '23:7',
        message:
          'The virtual machines harvester-1, harvester-2 and harvester-3 have no vcpus: libvirt cannot create them.',
      },
    ],
  },
  'all values without a preset': {
    of: NESTED,
    edits: [['preset: small', 'memory: 32Gi, vcpus: 8']],
  },
  'a machine that boots Linux from the network': {
    of: NESTED,
    edits: [
      ['memory: 128Gi', 'memory: 256Gi'],
      [
        '192.168.150.43 }',
        '192.168.150.43 }\n  tools: { mac: 52:54:00:0c:02:09, ip: 192.168.150.49, boot: { os: linux, kernel: vmlinuz }, vm: { disks: [] } }',
      ],
    ],
  },
  'a virtual machine outside libvirt': {
    edits: [['ip: 192.168.178.42 }', 'ip: 192.168.178.42, vm: { memory: 64Gi } }']],
  },
  'a virtual machine with only an iSCSI disk': {
    of: ISCSI_PLANT,
    edits: [
      ['networks:\n', 'host: { address: 10.1.0.1 }\nnetworks:\n'],
      ['gateway: 10.2.0.1,', 'gateway: 10.2.0.1, interface: br0,'],
      ['iscsi: 10.3.0.2,', 'iscsi: 10.3.0.2, interface: br1,'],
      ['    image: rocky9\n', '    image: rocky9\n  vm: { vcpus: 2, memory: 4Gi }\n'],
    ],
  },
});

const LAN = '  lan: { subnet: 10.20.0.0/24 }\ncluster:';
const TWO_NICS =
  'harvester-2: { nics: [{ mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }, { mac: 52:54:00:0c:02:02, network: lan }] }';
const ONE_NIC = 'harvester-2: { mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }';

ruleTest('vm-without-bridge', {
  'a second NIC on a network without a bridge': {
    of: NESTED,
    edits: [
      ['cluster:', LAN],
      [ONE_NIC, TWO_NICS],
    ],
    finds: [
      {
        at: '19:3',
        message:
          'The network lan is neither created by libvirt nor on a bridge of the host: harvester-2 cannot be connected to it.',
      },
    ],
  },
  'all machines on a network of an external server': {
    silence: ['boot-server-without-dns'],
    of: NESTED,
    edits: [['server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d', 'server: external']],
    finds: [
      {
        at: '14:3',
        message:
          'The network mgmt is neither created by libvirt nor on a bridge of the host: harvester-1, harvester-2 and harvester-3 cannot be connected to it.',
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
  'a network that libvirt creates, without DHCP': {
    of: NESTED,
    edits: [
      ['cluster:', '  lan: { subnet: 10.20.0.0/24, libvirt: { forward: isolated } }\ncluster:'],
      [ONE_NIC, TWO_NICS],
    ],
  },
  'a network without machines': {
    of: NESTED,
    edits: [['cluster:', LAN]],
  },
});

fixableRuleTest('vnc-open', {
  'screens on every IP address of the host, set for all machines': {
    of: NESTED,
    edits: [['preset: small,', 'preset: small, vnc: { listen: 0.0.0.0 },']],
    finds: [
      {
        at: '23:39',
        message: 'The screen of harvester-1 listens on every IP address of the host: VNC has no password.',
      },
    ],
  },
  'a screen on a public IP address': {
    of: NESTED,
    edits: [['192.168.150.42 }', '192.168.150.42, vm: { vnc: { listen: 203.0.113.7 } } }']],
    finds: [
      {
        at: '26:83',
        message: 'The screen of harvester-2 listens on 203.0.113.7 of the host: VNC has no password.',
      },
    ],
  },
  'another IP address of the loopback interface': {
    of: NESTED,
    edits: [['preset: small,', 'preset: small, vnc: { listen: 127.0.0.2 },']],
  },
});

const screen = (ip: string, vnc: string) => [`${ip} }`, `${ip}, vm: { vnc: ${vnc} } }`] as const;

const ALLOWED = [
  '{ url: http://192.168.150.1 }',
  '{ url: http://192.168.150.1, allow: [192.168.150.1] }',
] as const;

ruleTest('console-without-allow', {
  'no operator': {
    of: NESTED,
    edits: [screen('192.168.150.42', '{ websocket: 5701 }')],
    finds: [
      {
        at: '26:86',
        message:
          'The screen of harvester-2 is available in a browser, but server.allow lists no client: nginx rejects all of them.',
        help: 'add the IP addresses of the operators, or of the host for SSH tunnels: `server: {allow: [203.0.113.0/24]}`',
      },
    ],
  },
  'an operator, and screens without a browser': {
    of: NESTED,
    edits: [
      ALLOWED,
      screen('192.168.150.42', '{ websocket: 5701 }'),
      screen('192.168.150.43', '{ port: 5911 }'),
    ],
  },
});

fixableRuleTest('vnc-port-taken', {
  'the same port of two screens in a browser': {
    of: NESTED,
    edits: [
      ALLOWED,
      screen('192.168.150.42', '{ websocket: 5701 }'),
      screen('192.168.150.43', '{ websocket: 5701 }'),
    ],
    finds: [
      {
        at: '27:86',
        message:
          'The port 5701 of the screen of harvester-3 is also that of harvester-2: only one of them can start.',
        related: ['26:86'],
        help: 'set a different port for each',
      },
    ],
  },
  'the same port for two screens': {
    of: NESTED,
    edits: [screen('192.168.150.42', '{ port: 5911 }'), screen('192.168.150.43', '{ port: 5911 }')],
    finds: [
      {
        at: '27:81',
        message:
          'The port 5911 of the screen of harvester-3 is also that of harvester-2: only one of them can start.',
        related: ['26:81'],
      },
    ],
  },
  'one of them on every IP address': {
    of: NESTED,
    silence: ['vnc-open'],
    edits: [
      screen('192.168.150.42', '{ port: 5911, listen: 0.0.0.0 }'),
      screen('192.168.150.43', '{ port: 5911 }'),
    ],
    finds: [
      {
        at: '27:81',
        message:
          'The port 5911 of the screen of harvester-3 is also that of harvester-2: only one of them can start.',
        related: ['26:81'],
      },
    ],
  },
  'a port for all machines': {
    of: NESTED,
    edits: [['preset: small,', 'preset: small, vnc: { port: 5911 },']],
    finds: [
      {
        at: '23:37',
        message:
          'The port 5911 of the screen of harvester-2 is also that of harvester-1: only one of them can start.',
      },
    ],
  },
  'the same port on two IP addresses': {
    of: NESTED,
    silence: ['vnc-open'],
    edits: [
      screen('192.168.150.42', '{ port: 5911, listen: 203.0.113.7 }'),
      screen('192.168.150.43', '{ port: 5911 }'),
    ],
  },
  'a port that libvirt may choose for another machine': {
    of: NESTED,
    edits: [screen('192.168.150.42', '{ port: 5901 }')],
    finds: [
      {
        at: '26:81',
        message:
          'libvirt may choose the port 5901 of the screen of harvester-2 for harvester-1 and harvester-3, which have no port: harvester-2 then does not start.',
      },
    ],
  },
  'a port after those that libvirt chooses': {
    of: NESTED,
    edits: [screen('192.168.150.42', '{ port: 5902 }')],
  },
});

const PORTS = '    - { port: 443 }\n    - { port: 6443, allow: [203.0.113.0/24] }\n';

/** Returns the nested site with these entries of host.expose. */
function exposing(...entries: readonly string[]) {
  return { of: NESTED, edits: [[PORTS, entries.map((entry) => `    - { ${entry} }\n`).join('')]] as const };
}

ruleTest('exposed-port-twice', {
  'one port for two ports of the VIP': {
    ...exposing('port: 443', 'port: 443, to: 6443'),
    finds: [
      {
        at: '12:15',
        message: 'Port 443 of the host is already exposed: it can have only one destination.',
        related: ['11:15'],
      },
    ],
  },
  'a port on one IP address, and on all of them': {
    ...exposing('port: 8443, address: 203.0.113.7', 'port: 443', 'port: 443, address: 203.0.113.7'),
    finds: [
      {
        at: '13:15',
        message: 'Port 443 of the host on 203.0.113.7 is already exposed: it can have only one destination.',
        related: ['12:15'],
      },
    ],
  },
  'three times': {
    ...exposing('port: 443', 'port: 443', 'port: 443'),
    finds: [
      {
        at: '12:15',
        message: 'Port 443 of the host is already exposed: it can have only one destination.',
        related: ['11:15'],
      },
      {
        at: '13:15',
        message: 'Port 443 of the host is already exposed: it can have only one destination.',
        related: ['11:15'],
      },
    ],
  },
  'one port on two IP addresses, and two ports for one port of the VIP': exposing(
    'port: 443, address: 203.0.113.7',
    'port: 443, address: 203.0.113.8',
    'port: 8443, to: 443',
  ),
});

const NGINX = 'nginx, which serves boot files';
const message = (port: number, who: string) =>
  `Port ${port} of the host is that of ${who}: it cannot lead to a VIP as well.`;

ruleTest('exposed-port-taken', {
  'the port of nginx': {
    of: NESTED,
    edits: [['{ port: 443 }', '{ port: 80, to: 443, address: 203.0.113.7 }']],
    finds: [{ at: '11:15', message: message(80, NGINX), related: ['3:16'] }],
  },
  'the port for configurations of nginx': {
    of: NESTED,
    edits: [
      [
        'http://192.168.150.1 }',
        'http://192.168.150.1, tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key, url: https://boot.example.org } }',
      ],
    ],
    finds: [{ at: '11:15', message: message(443, NGINX), related: ['3:106'] }],
  },
  "the host's own SSH": {
    of: NESTED,
    edits: [['{ port: 443 }', '{ port: 22 }']],
    finds: [{ at: '11:15', message: message(22, 'SSH') }],
  },
  'SSH of the VIP on another port': {
    of: NESTED,
    edits: [['{ port: 443 }', '{ port: 2222, to: 22 }']],
  },
  'SSH of the host on another port': {
    of: NESTED,
    edits: [
      ['{ port: 443 }', '{ port: 22 }'],
      ['site: plant\n', 'site: plant\nsilence: { exposed-port-taken: sshd of the host listens at 2222 }\n'],
    ],
  },
});

fixableRuleTest('tftp-server-of-host', {
  'another TFTP server on a host': {
    of: NESTED,
    edits: [['server: { url', 'server: { tftp_server: xinetd, url']],
    finds: [
      {
        at: '3:24',
        message: 'The TFTP server is xinetd, but host-setup.sh sets up only dnsmasq: machines get no files.',
      },
    ],
  },
  'dnsmasq on a host': {
    of: NESTED,
    edits: [['server: { url', 'server: { tftp_server: dnsmasq, url']],
  },
  'another TFTP server on a boot server': {
    of: ISCSI_PLANT,
    edits: [['server:\n', 'server:\n  tftp_server: xinetd\n']],
  },
});
