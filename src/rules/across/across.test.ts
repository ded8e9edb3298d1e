import { basename, dirname } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, plantCalled } from '../../../test/support/plant.ts';
import { scratchFolder, writeFiles } from '../../../test/support/scratch.ts';
import { compileSites } from '../../compile-sites.ts';
import { multiSiteRules } from './index.ts';

const test = suite('multi-site rules');

/** Edits of the sites a, b and c, and the findings: code, location, message and related locations. */
interface Case {
  readonly a?: readonly Edit[];
  readonly b?: readonly Edit[];
  readonly c?: readonly Edit[];
  /** Whether b has the IP addresses of a. */
  readonly sameAddresses?: true;
  readonly finds?: readonly { code: string; at: string; message: string; related: readonly string[] }[];
}

const OWN_TLS = '  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key }';
const TLS = OWN_TLS.replace(' }', ', url: https://boot.example.org }');

/** Returns edits that add a node with an iSCSI disk to the site with a number, and the other keys that it needs. */
function diskless(site: number, boot: string, others = ''): readonly Edit[] {
  return [
    ['networks:\n', `${others}networks:\n`],
    [
      'nodes:\n',
      `nodes:\n  cn01: { mac: 52:54:00:bb:0${site}:01, ip: 192.168.${site}.61, boot: { os: iscsi, ${boot} } }\n`,
    ],
  ];
}

/** Returns edits that add a node with a disk in a store, on the server with a number. */
function ofStore(site: number, server: number): readonly Edit[] {
  const store = `  iscsi: { address: 10.0.0.${server}, prefix: lab- }\nimages: { rocky9: {} }\n`;
  return diskless(site, 'image: rocky9', store);
}

/** Returns edits that add a node whose image is made in a store. */
function ofFile(site: number, others = ''): readonly Edit[] {
  const store = `  iscsi: { address: 10.0.0.9, prefix: lab- }\nimages: { rocky9: { source: a.raw }${others} }\n`;
  return diskless(site, 'image: rocky9', store).map(([from, to]) => [from, to.replace('cn01', `cn0${site}`)]);
}

/** Returns edits that add a node with a LUN of an external target. */
function ofTarget(site: number, lun: number): readonly Edit[] {
  return diskless(site, `target: "iqn.2015-02.oracle.boot:uefi", server: 10.0.0.9, lun: ${lun}`);
}

/** An edit of the site with a number: its network contains those of the others. */
const WIDE = (site: number): Edit => [`subnet: 192.168.${site}.0/24`, 'subnet: 192.168.0.0/22'];

const EXTERNAL = (site: number): Edit => [
  `    dhcp:\n      pool: 192.168.${site}.200-192.168.${site}.250\n`,
  '    dhcp: { server: external }\n',
];

const CASES: Readonly<Record<string, Case>> = {
  'sites that have nothing in common': {},
  'a disk in a store that two sites have': {
    a: ofStore(1, 9),
    b: ofStore(2, 9),
    finds: [
      {
        code: 'disk-in-two-sites',
        at: 'b:25:79',
        message:
          'cn01 boots the disk lab-cn01.rocky9 of the store, like cn01 of the site a: two machines that write to one disk destroy its content.',
        related: ['a:25:79'],
      },
    ],
  },
  'an image that two sites make': {
    a: ofFile(1),
    b: ofFile(2, ', win11: {}'),
    finds: [
      {
        code: 'disk-in-two-sites',
        at: 'b:7:11',
        message:
          'rocky9 is the image lab-image.rocky9 of the store, like rocky9 of the site a: only the first site makes its image.',
        related: ['a:7:11'],
      },
    ],
  },
  'disks with the same name on separate servers': { a: ofStore(1, 8), b: ofStore(2, 9) },
  'a LUN of one target': {
    a: ofTarget(1, 0),
    b: ofTarget(2, 0),
    c: ofTarget(3, 1),
    finds: [
      {
        code: 'disk-in-two-sites',
        at: 'b:23:80',
        message:
          'cn01 boots LUN 0 of iqn.2015-02.oracle.boot:uefi, like cn01 of the site a: two machines that write to one disk destroy its content.',
        related: ['a:23:80'],
      },
    ],
  },
  'a MAC address that is twice within one site is not reported again': {
    a: [['52:54:00:aa:01:03', '52:54:00:aa:01:02']],
  },
  'the NIC of a node in two sites': {
    b: [['52:54:00:aa:02:03', '52:54:00:AA:01:02']],
    finds: [
      {
        code: 'mac-in-two-sites',
        at: 'b:25:18',
        message:
          'The MAC address 52:54:00:aa:01:02 of harv-3 is also set for harv-2 in the site a: one machine can be only one of them.',
        related: ['a:24:18'],
      },
    ],
  },
  'the NIC of a node in three sites: reports the second and the third': {
    b: [['52:54:00:aa:02:03', '52:54:00:aa:01:02']],
    c: [['52:54:00:aa:03:03', '52:54:00:aa:01:02']],
    finds: ['b', 'c'].map((site) => ({
      code: 'mac-in-two-sites',
      at: `${site}:25:18`,
      message:
        'The MAC address 52:54:00:aa:01:02 of harv-3 is also set for harv-2 in the site a: one machine can be only one of them.',
      related: ['a:24:18'],
    })),
  },
  'the MAC addresses of a BMC and of a VIP': {
    a: [
      ['ip: 192.168.1.43 }', 'ip: 192.168.1.43, bmc: { mac: 52:54:00:aa:09:01 } }'],
      ['  vip: 192.168.1.40', '  vip: 192.168.1.40\n  vip_mode: dhcp\n  vip_hw_addr: 52:54:00:aa:09:02'],
      ['site: a', 'site: a\nsilence: { vip-mode-dhcp: guarded }'],
    ],
    b: [
      ['52:54:00:aa:02:02', '52:54:00:aa:09:01'],
      ['52:54:00:aa:02:03', '52:54:00:aa:09:02'],
    ],
    finds: [
      {
        code: 'mac-in-two-sites',
        at: 'b:24:18',
        message:
          'The MAC address 52:54:00:aa:09:01 of harv-2 is also set for the BMC of harv-3 in the site a: one machine can be only one of them.',
        related: ['a:28:67'],
      },
      {
        code: 'mac-in-two-sites',
        at: 'b:25:18',
        message:
          'The MAC address 52:54:00:aa:09:02 of harv-3 is also set for the VIP of a in the site a: one machine can be only one of them.',
        related: ['a:17:16'],
      },
    ],
  },
  'a UUID and a serial number in two sites': {
    a: [
      [
        'ip: 192.168.1.43 }',
        'ip: 192.168.1.43, uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332, serial: B5W7M32 }',
      ],
    ],
    b: [
      ['ip: 192.168.2.42 }', 'ip: 192.168.2.42, uuid: 4C4C4544-0042-3510-8057-B7C04F4D3332 }'],
      ['ip: 192.168.2.43 }', 'ip: 192.168.2.43, serial: b5w7m32 }'],
    ],
    finds: [
      {
        code: 'machine-id-in-two-sites',
        at: 'b:24:61',
        message:
          'The UUID 4c4c4544-0042-3510-8057-b7c04f4d3332 of harv-2 is also set for harv-3 in the site a: it is most likely one machine.',
        related: ['a:25:61'],
      },
      {
        code: 'machine-id-in-two-sites',
        at: 'b:25:63',
        message:
          'The serial number b5w7m32 of harv-3 is also set for harv-3 in the site a: it is most likely one machine.',
        related: ['a:25:107'],
      },
    ],
  },
  'one machine in two sites is reported only once, by its MAC address': {
    a: [['ip: 192.168.1.43 }', 'ip: 192.168.1.43, serial: B5W7M32 }']],
    b: [
      ['52:54:00:aa:02:03', '52:54:00:aa:01:03'],
      ['ip: 192.168.2.43 }', 'ip: 192.168.2.43, serial: B5W7M32 }'],
    ],
    finds: [
      {
        code: 'mac-in-two-sites',
        at: 'b:25:18',
        message:
          'The MAC address 52:54:00:aa:01:03 of harv-3 is also set for harv-3 in the site a: one machine can be only one of them.',
        related: ['a:25:18'],
      },
    ],
  },
  'the VIP of two clusters in identically numbered sites': {
    sameAddresses: true,
    finds: [
      {
        code: 'url-in-two-sites',
        at: 'b:5:8',
        message:
          'b and a are both served as http://192.168.1.7: if this is one machine, nginx serves only one of them.',
        related: ['a:5:8'],
      },
      {
        code: 'vip-in-two-sites',
        at: 'b:14:8',
        message: 'The VIP 192.168.1.40 of b is also the VIP of a in the site a: clients reach only one.',
        related: ['a:14:8'],
      },
    ],
  },
  'the VIP of one site, and the IP address of a node of the other': {
    sameAddresses: true,
    b: [
      ['http://192.168.1.7', 'http://192.168.1.8'],
      ['  vip: 192.168.1.40', '  vip: 192.168.1.39'],
      ['ip: 192.168.1.43', 'ip: 192.168.1.40'],
    ],
    finds: [
      {
        code: 'vip-in-two-sites',
        at: 'a:14:8',
        message:
          'The VIP 192.168.1.40 of a is also the IP address of harv-3 in the site b: clients reach only one.',
        related: ['b:25:41'],
      },
      {
        code: 'dhcp-in-two-sites',
        at: 'b:11:5',
        message:
          'b and a both have a DHCP server on 192.168.1.0/24: on one network, each rejects the nodes of the other.',
        related: ['a:11:5'],
      },
    ],
  },
  'one VIP for two clusters, and a node of a third site: names all three places': {
    b: [WIDE(2), EXTERNAL(2), ['  vip: 192.168.2.40', '  vip: 192.168.1.40']],
    c: [WIDE(3), EXTERNAL(3), ['ip: 192.168.3.43', 'ip: 192.168.1.40']],
    finds: [
      {
        code: 'vip-in-two-sites',
        at: 'b:13:8',
        message:
          'The VIP 192.168.1.40 of b is also the VIP of a in the site a and the IP address of harv-3 in the site c: clients reach only one.',
        related: ['a:14:8', 'c:24:41'],
      },
    ],
  },
  'the IP address of a node in two sites on one boot server': {
    b: [
      ['url: http://192.168.2.7', 'url: http://192.168.1.7:81'],
      [
        '{ mac: 52:54:00:aa:02:03, ip: 192.168.2.43 }',
        '{ nics: [{ mac: 52:54:00:aa:02:03, ip: 192.168.2.43 }, { mac: 52:54:00:aa:02:13, ip: 192.168.1.42 }] }',
      ],
      ['cluster:\n', '  other: { subnet: 192.168.1.0/24, dhcp: { server: external } }\ncluster:\n'],
    ],
    finds: [
      {
        code: 'address-in-two-sites',
        at: 'b:26:96',
        message:
          'The IP address 192.168.1.42 of harv-3 is also set for harv-2 in the site a, on one boot server: a machine with it may fetch the files of both.',
        related: ['a:24:41'],
      },
    ],
  },
  'the same IP addresses on two boot servers, and a machine that moved between sites of one': {
    b: [
      ['url: http://192.168.2.7', 'url: http://192.168.1.7:81'],
      ['mac: 52:54:00:aa:02:03, ip: 192.168.2.43', 'mac: 52:54:00:aa:01:03, ip: 192.168.1.43'],
      WIDE(2),
      EXTERNAL(2),
    ],
    c: [['ip: 192.168.3.43', 'ip: 192.168.1.43'], WIDE(3), EXTERNAL(3)],
    finds: [
      {
        code: 'mac-in-two-sites',
        at: 'b:24:18',
        message:
          'The MAC address 52:54:00:aa:01:03 of harv-3 is also set for harv-3 in the site a: one machine can be only one of them.',
        related: ['a:25:18'],
      },
      {
        code: 'address-in-two-sites',
        at: 'c:24:41',
        message:
          'The IP address 192.168.1.43 of harv-3 is also set for harv-3 in the site b, whose boot server is in 192.168.0.0/22, too: on one network, only one machine can have it.',
        related: ['b:24:41'],
      },
    ],
  },
  'the same IP addresses with boot servers in one subnet, one of which has DHCP': {
    sameAddresses: true,
    b: [
      ['http://192.168.1.7', 'http://192.168.1.8'],
      ['  vip: 192.168.1.40', '  vip: 192.168.1.50'],
      EXTERNAL(1),
    ],
    finds: [41, 42, 43].map((number, index) => ({
      code: 'address-in-two-sites',
      at: `b:${22 + index}:41`,
      message: `The IP address 192.168.1.${number} of harv-${index + 1} is also set for harv-${index + 1} in the site a, whose boot server is in 192.168.1.0/24, too: on one network, only one machine can have it.`,
      related: [`a:${23 + index}:41`],
    })),
  },
  'the same IP addresses behind a boot server elsewhere': {
    sameAddresses: true,
    b: [
      ['http://192.168.1.7', 'http://10.9.0.8'],
      ['  vip: 192.168.1.40', '  vip: 192.168.1.50'],
      EXTERNAL(1),
    ],
  },
  'a node and a VIP in the DHCP pool of another site, and a BMC beside it': {
    a: [
      [
        '    dhcp:\n      pool: 192.168.1.200-192.168.1.250\n',
        '    dhcp: { server: external, pool: 192.168.1.40-192.168.1.42 }\n',
      ],
      ['vip: 192.168.1.40', 'vip: 192.168.1.60'],
      ['ip: 192.168.1.41', 'ip: 192.168.1.61'],
      ['ip: 192.168.1.42', 'ip: 192.168.1.62'],
      ['ip: 192.168.1.43', 'ip: 192.168.1.63'],
    ],
    b: [
      ['http://192.168.1.7', 'http://192.168.1.8'],
      ['ip: 192.168.1.43 }', 'ip: 192.168.1.44, bmc: { address: 192.168.1.43 } }'],
    ],
    sameAddresses: true,
    finds: [
      {
        code: 'address-in-pool-of-other-site',
        at: 'a:11:37',
        message:
          'The DHCP pool 192.168.1.40-192.168.1.42 of a contains the IP address of harv-1, harv-2 and the VIP of b, in the site b: DHCP can lease it to another machine.',
        related: ['b:23:41'],
      },
    ],
  },
  'DHCP servers of two sites on one subnet': {
    b: [
      ['http://192.168.1.7', 'http://192.168.1.8'],
      ['  vip: 192.168.1.40', '  vip: 192.168.1.50'],
    ],
    sameAddresses: true,
    finds: [
      {
        code: 'dhcp-in-two-sites',
        at: 'b:11:5',
        message:
          'b and a both have a DHCP server on 192.168.1.0/24: on one network, each rejects the nodes of the other.',
        related: ['a:11:5'],
      },
    ],
  },
  'numbering that is declared as identical, with a DHCP server on each of the networks': {
    c: [
      ['site: c', 'site: c\nsilence: { vip-in-two-sites: another plant }'],
      ['subnet: 192.168.3.0/24', 'subnet: 192.168.1.0/24'],
      ['gateway: 192.168.3.1', 'gateway: 192.168.1.1'],
      ['pool: 192.168.3.200-192.168.3.250', 'pool: 192.168.1.200-192.168.1.250'],
      ['vip: 192.168.3.40', 'vip: 192.168.1.40'],
      ['ip: 192.168.3.41', 'ip: 192.168.1.41'],
      ['ip: 192.168.3.42', 'ip: 192.168.1.42'],
      ['ip: 192.168.3.43', 'ip: 192.168.1.43'],
    ],
  },
  'numbering that is declared as identical, with a pool over the nodes of the other': {
    c: [
      ['site: c', 'site: c\nsilence: { vip-in-two-sites: another plant }'],
      ['subnet: 192.168.3.0/24', 'subnet: 192.168.1.0/24'],
      ['gateway: 192.168.3.1', 'gateway: 192.168.1.1'],
      ['pool: 192.168.3.200-192.168.3.250', 'pool: 192.168.1.40-192.168.1.60'],
      ['vip: 192.168.3.40', 'vip: 192.168.1.70'],
      ['ip: 192.168.3.41', 'ip: 192.168.1.71'],
      ['ip: 192.168.3.42', 'ip: 192.168.1.72'],
      ['ip: 192.168.3.43', 'ip: 192.168.1.73'],
    ],
  },
  'nodes of a second site that join the cluster of the first: only their machines must differ': {
    sameAddresses: true,
    a: [['${secret:cluster_token}', 'a-token-of-0123456789abcdef0123456789']],
    b: [
      ['http://192.168.1.7', 'http://192.168.1.8'],
      ['    dhcp:\n      pool: 192.168.1.200-192.168.1.250\n', '    dhcp: { server: external }\n'],
      ['  vip: 192.168.1.40', '  exists: true\n  vip: 192.168.1.40'],
      ['${secret:cluster_token}', 'a-token-of-0123456789abcdef0123456789'],
      ['ip: 192.168.1.41, mode: create', 'ip: 192.168.1.51'],
      ['ip: 192.168.1.42', 'ip: 192.168.1.52'],
      ['52:54:00:aa:02:03, ip: 192.168.1.43', '52:54:00:aa:01:03, ip: 192.168.1.53'],
    ],
    finds: [
      {
        code: 'mac-in-two-sites',
        at: 'b:25:18',
        message:
          'The MAC address 52:54:00:aa:01:03 of harv-3 is also set for harv-3 in the site a: one machine can be only one of them.',
        related: ['a:25:18'],
      },
    ],
  },
  'either site can silence it': {
    sameAddresses: true,
    b: [
      [
        'site: b',
        'site: b\nsilence: { vip-in-two-sites: the two never meet, url-in-two-sites: two machines }',
      ],
    ],
  },
  'the silence of one site hides no finding between two others': {
    a: [['site: a', 'site: a\nsilence: { mac-in-two-sites: a lab copy }']],
    b: [['52:54:00:aa:02:03', '52:54:00:aa:01:02']],
    c: [['52:54:00:aa:03:03', '52:54:00:aa:01:02']],
    finds: [
      {
        code: 'mac-in-two-sites',
        at: 'c:25:18',
        message:
          'The MAC address 52:54:00:aa:01:02 of harv-3 is also set for harv-3 in the site b: one machine can be only one of them.',
        related: ['b:25:18'],
      },
    ],
  },
  'an unused silence is not reported': {
    a: [
      [
        'site: a',
        'site: a\nsilence: { vip-in-two-sites: x, mac-in-two-sites: x, root-in-two-sites: x, url-in-two-sites: x }',
      ],
    ],
  },
  'configurations at the same port and name': {
    a: [['url: http://192.168.1.7', `url: http://192.168.1.7\n${TLS}`]],
    b: [['url: http://192.168.2.7', `url: http://192.168.1.7:81\n${TLS}`]],
    finds: [
      {
        code: 'url-in-two-sites',
        at: 'b:5:8',
        message:
          'b and a are both served as boot.example.org:443: if this is one machine, nginx serves only one of them.',
        related: ['a:5:8'],
      },
    ],
  },
  'sites with https share port 80, which serves only iPXE binaries; other sites do not': {
    a: [['url: http://192.168.1.7', `url: https://boot.example.org\n${TLS}`]],
    b: [['url: http://192.168.2.7', `url: https://boot.example.org:444\n${OWN_TLS}`]],
    c: [['url: http://192.168.3.7', 'url: http://boot.example.org']],
    finds: [
      {
        code: 'url-in-two-sites',
        at: 'c:5:8',
        message:
          'c and b are both served as boot.example.org:80: if this is one machine, nginx serves only one of them.',
        related: ['b:5:8'],
      },
    ],
  },
  'nested output trees on one boot server': {
    b: [['  url: http://192.168.2.7', '  url: http://192.168.1.7:8080\n  root: /srv/harvgen/a/more']],
    finds: [
      {
        code: 'root-in-two-sites',
        at: 'b:6:9',
        message:
          'The output tree of b is in /srv/harvgen/a/more, and that of a in /srv/harvgen/a, on one boot server: deploying a deletes it.',
        related: ['a:5:3'],
      },
    ],
  },
  'a chain of redirects that ends, and a redirect to another machine': {
    a: [['url: http://192.168.1.7', 'url: http://192.168.1.7\n  next: http://192.168.2.7']],
    b: [['url: http://192.168.2.7', 'url: http://192.168.2.7\n  next: http://192.168.4.7:81']],
  },
  'a chain of redirects that leads back, by another port': {
    a: [['url: http://192.168.1.7', 'url: http://192.168.1.7\n  next: http://192.168.2.7:10000']],
    b: [['url: http://192.168.2.7', 'url: http://192.168.2.7\n  ports: [10000]\n  next: http://192.168.3.7']],
    c: [['url: http://192.168.3.7', 'url: http://192.168.3.7\n  next: http://192.168.2.7']],
    finds: [
      {
        code: 'next-in-a-circle',
        at: 'b:7:9',
        message:
          'b redirects machines to c, which redirects them back to b: an unknown machine is redirected forever.',
        related: ['c:6:9'],
      },
    ],
  },
  'redirects to a URL without scripts, and to another scheme': {
    a: [['url: http://192.168.1.7', 'url: http://192.168.1.7\n  next: https://boot.example.org']],
    b: [['url: http://192.168.2.7', `url: http://192.168.2.7\n${TLS}\n  next: https://192.168.3.7:8080`]],
    c: [['url: http://192.168.3.7', 'url: http://192.168.3.7:8080']],
    finds: [
      {
        code: 'next-without-scripts',
        at: 'a:6:9',
        message: 'a redirects machines to https://boot.example.org: b serves only configurations there.',
        related: ['b:6:71'],
      },
      {
        code: 'next-without-scripts',
        at: 'b:7:9',
        message: 'b redirects machines to https://192.168.3.7:8080: c uses http there.',
        related: ['c:5:8'],
      },
    ],
  },
  'a URL that serves only configurations completes no circle': {
    a: [['url: http://192.168.1.7', `url: http://192.168.1.7\n${TLS}\n  next: http://192.168.2.7`]],
    b: [['url: http://192.168.2.7', 'url: http://192.168.2.7\n  next: https://boot.example.org']],
    finds: [
      {
        code: 'next-without-scripts',
        at: 'b:6:9',
        message: 'b redirects machines to https://boot.example.org: a serves only configurations there.',
        related: ['a:6:71'],
      },
    ],
  },
  'redirects to an unused port of a site, and to an external server': {
    a: [['url: http://192.168.1.7', 'url: http://192.168.1.7\n  next: http://192.168.2.7:10002']],
    b: [['url: http://192.168.2.7', 'url: http://192.168.2.7:10001\n  next: http://192.168.9.7:10002']],
    finds: [
      {
        code: 'next-unknown',
        at: 'a:6:9',
        message: 'a redirects machines to http://192.168.2.7:10002: none of these sites uses the port.',
        related: [],
      },
    ],
  },
  'IP addresses that may fetch scripts, but are redirected to sites that reject them': {
    a: [
      [
        'url: http://192.168.1.7',
        'url: http://192.168.1.7\n  next: http://192.168.2.7\n  allow_scripts: [192.168.1.252, 10.0.0.0/24, 192.168.1.252, 10.0.2.0/24]',
      ],
    ],
    b: [
      [
        'url: http://192.168.2.7',
        'url: http://192.168.2.7\n  next: http://192.168.3.7\n  allow_scripts: [10.0.0.128/25, 10.0.2.0/24]\n  allow: [10.0.0.0/25]',
      ],
    ],
    finds: [
      {
        code: 'next-refuses',
        at: 'a:7:19',
        message: '192.168.1.252 may fetch the scripts of a, but is redirected to b and c, which reject it.',
        related: ['b:5:8', 'c:5:8'],
      },
      {
        code: 'next-refuses',
        at: 'a:7:34',
        message: '10.0.0.0/24 may fetch the scripts of a, but is redirected to c, which rejects it.',
        related: ['c:5:8'],
      },
      {
        code: 'next-refuses',
        at: 'b:7:19',
        message: '10.0.0.128/25 may fetch the scripts of b, but is redirected to c, which rejects it.',
        related: ['c:5:8'],
      },
      {
        code: 'next-refuses',
        at: 'b:7:34',
        message: '10.0.2.0/24 may fetch the scripts of b, but is redirected to c, which rejects it.',
        related: ['c:5:8'],
      },
    ],
  },
  'LoadBalancers with the same IP address and different ports, and one with its own': {
    a: [['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']],
    b: [
      ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n'],
      ['url: http://192.168.2.7', 'url: http://192.168.1.7:10001'],
    ],
    c: [['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']],
    finds: [
      {
        code: 'pods-at-one-address',
        at: 'b:6:8',
        message: 'The LoadBalancers of b and a are both set to 192.168.1.7: the second one gets none.',
        related: ['a:6:8'],
      },
    ],
  },
  'the same NodePort in two sites: set, derived, and by another port': {
    a: [
      ['server:\n', 'server:\n  kubernetes: { media_claim: media, service: NodePort }\n'],
      ['url: http://192.168.1.7', 'url: http://192.168.1.7:30080\n  ports: [30081]'],
    ],
    b: [
      ['site: b', 'site: b\nsilence: { kubernetes-node-port: a balancer leads there }'],
      ['server:\n', 'server:\n  kubernetes: { media_claim: media, service: NodePort, node_port: 30080 }\n'],
    ],
    c: [
      ['server:\n', 'server:\n  kubernetes: { media_claim: media, service: NodePort }\n'],
      ['url: http://192.168.3.7', 'url: http://192.168.3.7:30082\n  ports: [30081]'],
    ],
    finds: [
      {
        code: 'node-port-in-two-sites',
        at: 'b:6:67',
        message: 'b and a both have the NodePort 30080: one cluster rejects the second.',
        related: ['a:6:8'],
      },
      {
        code: 'node-port-in-two-sites',
        at: 'c:7:11',
        message: 'c and a both have the NodePort 30081: one cluster rejects the second.',
        related: ['a:7:11'],
      },
    ],
  },
  'NodePorts that Kubernetes chooses, and a port without a NodePort': {
    a: [['server:\n', 'server:\n  kubernetes: { media_claim: media, service: NodePort }\n']],
    b: [['server:\n', 'server:\n  kubernetes: { media_claim: media, service: NodePort }\n']],
    c: [['url: http://192.168.3.7', 'url: http://192.168.3.7:30080']],
  },
  'signatures in the same directory, or in nested ones': {
    a: [['server:\n', 'server:\n  sign: { signer: boot.plant, path: /srv/signatures }\n']],
    b: [
      ['server:\n', 'server:\n  sign: { signer: boot.plant, path: /srv//signatures/ }\n'],
      ['  url: http://192.168.2.7', '  url: http://192.168.1.7:82'],
    ],
    c: [
      ['server:\n', 'server:\n  sign: { signer: boot.plant, path: /srv/signatures/c }\n'],
      ['  url: http://192.168.3.7', '  url: http://192.168.1.7:83'],
    ],
    finds: [
      ['b', '/srv//signatures/'],
      ['c', '/srv/signatures/c'],
    ].map(([site = '', path]) => ({
      code: 'path-in-two-sites',
      at: `${site}:5:37`,
      message: `${site} has signatures at ${path}, and a at /srv/signatures, on one boot server: signing for one removes those of the other.`,
      related: ['a:5:37'],
    })),
  },
  'one secrets include for two sites': {
    a: [['server:\n', 'server:\n  secrets: /etc/nginx/secrets.conf\n']],
    b: [
      ['server:\n', 'server:\n  secrets: /etc/nginx/secrets.conf\n'],
      ['  url: http://192.168.2.7', '  url: http://192.168.1.7:82'],
    ],
    c: [['server:\n', 'server:\n  secrets: /etc/nginx/secrets.conf\n']],
    finds: [
      {
        code: 'path-in-two-sites',
        at: 'b:5:12',
        message:
          'b has the secrets include at /etc/nginx/secrets.conf, and a at /etc/nginx/secrets.conf, on one boot server: the last one replaces the other, and nginx serves no configuration of that site.',
        related: ['a:5:12'],
      },
    ],
  },
  'iPXE binaries of a signed site, and of a site at the same path': {
    b: [
      ['server:\n', 'server:\n  tftp: /srv/harvgen/tftp\n  sign: { signer: boot.plant }\n'],
      ['  url: http://192.168.2.7', '  url: http://192.168.1.7:82'],
    ],
    c: [['  url: http://192.168.3.7', '  url: http://192.168.1.7:83']],
    finds: ['a', 'c'].map((site) => ({
      code: 'path-in-two-sites',
      at: `${site}:5:3`,
      message: `${site} has iPXE binaries at /srv/harvgen/tftp, and b at /srv/harvgen/tftp, on one boot server: all machines boot the last ones, which contain the entry script of one site.`,
      related: ['b:5:9'],
    })),
  },
  'signed sites have separate directories by default': {
    a: [['server:\n', 'server:\n  sign: { signer: boot.plant }\n']],
    b: [['server:\n', 'server:\n  sign: { signer: boot.plant }\n']],
  },
  'a port of `ports` that is the port of another site with the same name': {
    a: [['url: http://192.168.1.7', 'url: http://boot.example.org\n  ports: [9000, 10000]']],
    b: [['url: http://192.168.2.7', 'url: http://boot.example.org:10000']],
    c: [['url: http://192.168.3.7', 'url: http://boot.example.org:8080\n  ports: [8081]']],
    finds: [
      {
        code: 'url-in-two-sites',
        at: 'b:5:8',
        message:
          'b and a are both served as boot.example.org:10000: if this is one machine, nginx serves only one of them.',
        related: ['a:6:17'],
      },
    ],
  },
  'http on a port of `ports`, and https on it with another name': {
    a: [['url: http://192.168.1.7', `url: https://a.example.org:8443\n${OWN_TLS}`]],
    b: [['url: http://192.168.2.7', 'url: http://192.168.2.7\n  ports: [10000, 8443]']],
    finds: [
      {
        code: 'https-in-two-sites',
        at: 'b:6:18',
        message:
          'b uses http on port 8443, and a https: if this is one machine, nginx uses only one of them.',
        related: ['a:5:8'],
      },
    ],
  },
  'http and https on one port with different names': {
    a: [
      [
        'url: http://192.168.1.7',
        `url: http://192.168.1.7\n${OWN_TLS.replace(' }', ', url: https://a.example.org:8443 }')}`,
      ],
    ],
    b: [['url: http://192.168.2.7', 'url: http://b.example.org:8443']],
    c: [['url: http://192.168.3.7', `url: https://c.example.org\n${OWN_TLS}`]],
    finds: [
      {
        code: 'https-in-two-sites',
        at: 'b:5:8',
        message:
          'b uses http on port 8443, and a https: if this is one machine, nginx uses only one of them.',
        related: ['a:6:71'],
      },
    ],
  },
  'https on the port of another site, on another machine': {
    a: [['url: http://192.168.1.7', 'url: http://192.168.1.7:443']],
    b: [
      ['site: b', 'site: b\nsilence: { https-in-two-sites: two machines }'],
      ['url: http://192.168.2.7', `url: https://b.example.org\n${OWN_TLS}`],
    ],
  },
  'output trees whose names begin alike, or that are on two servers': {
    a: [['  url: http://192.168.1.7', '  url: http://192.168.1.7\n  root: /srv/harvgen/x']],
    b: [['  url: http://192.168.2.7', '  url: http://192.168.1.7:81\n  root: /srv/harvgen/xy']],
    c: [['  url: http://192.168.3.7', '  url: http://192.168.3.7\n  root: /srv/harvgen/x']],
  },
};

for (const [name, { a = [], b = [], c = [], sameAddresses, finds = [] }] of Object.entries(CASES)) {
  test(name, async () => {
    const second = plantCalled('b', 2).replaceAll('192.168.2.', sameAddresses ? '192.168.1.' : '192.168.2.');
    const home = writeFiles(scratchFolder(), {
      'a/site.yaml': edited(plantCalled('a', 1), ...a),
      'b/site.yaml': edited(second, ...b),
      'c/site.yaml': edited(plantCalled('c', 3), ...c),
    });
    const { diagnostics } = await compileSites(['a', 'b', 'c'].map((site) => `${home}/${site}`));
    const codes = new Set(multiSiteRules.map(({ code }) => code));
    const location = ({
      source,
      start,
    }: {
      source: { file: string; position: (at: number) => object };
      start: number;
    }) => `${basename(dirname(source.file))}:${Object.values(source.position(start)).join(':')}`;
    assert.equal(
      diagnostics
        .filter(({ code }) => codes.has(code))
        .map(({ code, message, at, related = [] }) => ({
          code,
          at: location(at),
          message,
          related: related.map((one) => location(one.at)),
        })),
      finds,
    );
    if (finds.length === 0 && name.includes('silence ')) assert.equal(diagnostics, []);
  });
}

test('each rule has a requirement and a reason', () => {
  for (const { what, why } of multiSiteRules)
    for (const text of [what, why]) assert.match(text, /^[A-Z].*\.$/s);
});

test.run();
