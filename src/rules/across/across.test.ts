import { basename, dirname } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, plantCalled } from '../../../test/support/plant.ts';
import { scratchFolder, writeFiles } from '../../../test/support/scratch.ts';
import { compileSites } from '../../compile-sites.ts';
import { multiSiteRules } from './index.ts';

const test = suite('rules across sites');

/** What a rule says of the sites a, b and c, each with edits: its code, where, the message, and the other places. */
interface Case {
  readonly a?: readonly Edit[];
  readonly b?: readonly Edit[];
  readonly c?: readonly Edit[];
  /** Whether b has the addresses of a. */
  readonly alike?: true;
  readonly finds?: readonly { code: string; at: string; message: string; related: readonly string[] }[];
}

const OWN_TLS = '  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key }';
const TLS = OWN_TLS.replace(' }', ', url: https://boot.example.org }');

/** A node of a site by its number that boots by iSCSI, and whatever else the site needs for that. */
function diskless(site: number, boot: string, others = ''): readonly Edit[] {
  return [
    ['networks:\n', `${others}networks:\n`],
    [
      'nodes:\n',
      `nodes:\n  cn01: { mac: 52:54:00:bb:0${site}:01, ip: 192.168.${site}.61, boot: { os: iscsi, ${boot} } }\n`,
    ],
  ];
}

/** One that boots a disk of a store, on a server by a number. */
function ofStore(site: number, server: number): readonly Edit[] {
  const store = `  iscsi: { address: 10.0.0.${server}, prefix: lab- }\nimages: { rocky9: {} }\n`;
  return diskless(site, 'image: rocky9', store);
}

/** One that makes its image in a store. */
function ofFile(site: number, others = ''): readonly Edit[] {
  const store = `  iscsi: { address: 10.0.0.9, prefix: lab- }\nimages: { rocky9: { source: a.raw }${others} }\n`;
  return diskless(site, 'image: rocky9', store).map(([from, to]) => [from, to.replace('cn01', `cn0${site}`)]);
}

/** One that boots a LUN of somebody else's target. */
function ofTarget(site: number, lun: number): readonly Edit[] {
  return diskless(site, `target: "iqn.2015-02.oracle.boot:uefi", server: 10.0.0.9, lun: ${lun}`);
}

const CASES: Readonly<Record<string, Case>> = {
  'sites that have nothing in common are right': {},
  'a disk of a store that two sites have': {
    a: ofStore(1, 9),
    b: ofStore(2, 9),
    finds: [
      {
        code: 'disk-in-two-sites',
        at: 'b:25:79',
        message:
          'cn01 boots the disk lab-cn01.rocky9 of the store, as cn01 of the site a does: two machines that write one disk destroy what is on it.',
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
          'rocky9 is the image lab-image.rocky9 of the store, as rocky9 of the site a is: only the first that is made is there.',
        related: ['a:7:11'],
      },
    ],
  },
  'disks of one name, on servers of their own': { a: ofStore(1, 8), b: ofStore(2, 9) },
  'a LUN of one target': {
    a: ofTarget(1, 0),
    b: ofTarget(2, 0),
    c: ofTarget(3, 1),
    finds: [
      {
        code: 'disk-in-two-sites',
        at: 'b:23:80',
        message:
          'cn01 boots LUN 0 of iqn.2015-02.oracle.boot:uefi, as cn01 of the site a does: two machines that write one disk destroy what is on it.',
        related: ['a:23:80'],
      },
    ],
  },
  'a MAC address twice within one site is not said again': {
    a: [['52:54:00:aa:01:03', '52:54:00:aa:01:02']],
  },
  'the NIC of a node in two sites': {
    b: [['52:54:00:aa:02:03', '52:54:00:AA:01:02']],
    finds: [
      {
        code: 'mac-in-two-sites',
        at: 'b:25:18',
        message:
          'The MAC address 52:54:00:aa:01:02 of harv-3 is also that of harv-2 in the site a: it is one machine, and can be one of them only.',
        related: ['a:24:18'],
      },
    ],
  },
  'in three sites: each of the later two': {
    b: [['52:54:00:aa:02:03', '52:54:00:aa:01:02']],
    c: [['52:54:00:aa:03:03', '52:54:00:aa:01:02']],
    finds: ['b', 'c'].map((site) => ({
      code: 'mac-in-two-sites',
      at: `${site}:25:18`,
      message:
        'The MAC address 52:54:00:aa:01:02 of harv-3 is also that of harv-2 in the site a: it is one machine, and can be one of them only.',
      related: ['a:24:18'],
    })),
  },
  'a management controller, and the MAC address of a VIP': {
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
          'The MAC address 52:54:00:aa:09:01 of harv-2 is also that of the BMC of harv-3 in the site a: it is one machine, and can be one of them only.',
        related: ['a:28:67'],
      },
      {
        code: 'mac-in-two-sites',
        at: 'b:25:18',
        message:
          'The MAC address 52:54:00:aa:09:02 of harv-3 is also that of the VIP of a in the site a: it is one machine, and can be one of them only.',
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
          'The UUID 4c4c4544-0042-3510-8057-b7c04f4d3332 of harv-2 is also that of harv-3 in the site a: it most probably is one machine.',
        related: ['a:25:61'],
      },
      {
        code: 'machine-id-in-two-sites',
        at: 'b:25:63',
        message:
          'The serial number b5w7m32 of harv-3 is also that of harv-3 in the site a: it most probably is one machine.',
        related: ['a:25:107'],
      },
    ],
  },
  'one machine in two sites, which its MAC address says already': {
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
          'The MAC address 52:54:00:aa:01:03 of harv-3 is also that of harv-3 in the site a: it is one machine, and can be one of them only.',
        related: ['a:25:18'],
      },
    ],
  },
  'the VIP of two clusters, in plants that are numbered alike': {
    alike: true,
    finds: [
      {
        code: 'url-in-two-sites',
        at: 'b:5:8',
        message:
          'b and a are both served as http://192.168.1.7: where that is one machine, nginx serves a or b, never both.',
        related: ['a:5:8'],
      },
      {
        code: 'vip-in-two-sites',
        at: 'b:14:8',
        message:
          'The VIP 192.168.1.40 of b is also the VIP of a in the site a: where the two sites reach each other, neither works.',
        related: ['a:14:8'],
      },
    ],
  },
  'the VIP of one, and the address of a node of the other': {
    alike: true,
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
          'The VIP 192.168.1.40 of a is also the address of harv-3 in the site b: where the two sites reach each other, neither works.',
        related: ['b:25:41'],
      },
    ],
  },
  'either of the two can silence it': {
    alike: true,
    b: [
      [
        'site: b',
        'site: b\nsilence: { vip-in-two-sites: the two never meet, url-in-two-sites: two machines }',
      ],
    ],
  },
  'the silence of one hides nothing of two others': {
    a: [['site: a', 'site: a\nsilence: { mac-in-two-sites: a lab copy }']],
    b: [['52:54:00:aa:02:03', '52:54:00:aa:01:02']],
    c: [['52:54:00:aa:03:03', '52:54:00:aa:01:02']],
    finds: [
      {
        code: 'mac-in-two-sites',
        at: 'c:25:18',
        message:
          'The MAC address 52:54:00:aa:01:02 of harv-3 is also that of harv-3 in the site b: it is one machine, and can be one of them only.',
        related: ['b:25:18'],
      },
    ],
  },
  'a silence is not idle where there is nothing to silence': {
    a: [
      [
        'site: a',
        'site: a\nsilence: { vip-in-two-sites: x, mac-in-two-sites: x, root-in-two-sites: x, url-in-two-sites: x }',
      ],
    ],
  },
  'configurations at one port of one name': {
    a: [['url: http://192.168.1.7', `url: http://192.168.1.7\n${TLS}`]],
    b: [['url: http://192.168.2.7', `url: http://192.168.1.7:81\n${TLS}`]],
    finds: [
      {
        code: 'url-in-two-sites',
        at: 'b:5:8',
        message:
          'b and a are both served as boot.example.org:443: where that is one machine, nginx serves a or b, never both.',
        related: ['a:5:8'],
      },
    ],
  },
  "iPXE's programs, which firmware fetches at port 80, are those of all sites by https, and of no other": {
    a: [['url: http://192.168.1.7', `url: https://boot.example.org\n${TLS}`]],
    b: [['url: http://192.168.2.7', `url: https://boot.example.org:444\n${OWN_TLS}`]],
    c: [['url: http://192.168.3.7', 'url: http://boot.example.org']],
    finds: [
      {
        code: 'url-in-two-sites',
        at: 'c:5:8',
        message:
          'c and b are both served as boot.example.org:80: where that is one machine, nginx serves b or c, never both.',
        related: ['b:5:8'],
      },
    ],
  },
  'trees in one another, on one boot server': {
    b: [['  url: http://192.168.2.7', '  url: http://192.168.1.7:8080\n  root: /srv/harvgen/a/more']],
    finds: [
      {
        code: 'root-in-two-sites',
        at: 'b:6:9',
        message:
          'The tree of b lies in /srv/harvgen/a/more, and that of a in /srv/harvgen/a, on the same boot server: deploying a would delete it.',
        related: ['a:5:3'],
      },
    ],
  },
  'a way from site to site that ends, and one of two machines': {
    a: [['url: http://192.168.1.7', 'url: http://192.168.1.7\n  next: http://192.168.2.7']],
    b: [['url: http://192.168.2.7', 'url: http://192.168.2.7\n  next: http://192.168.4.7:81']],
  },
  'a way from site to site that leads back, by a further port': {
    a: [['url: http://192.168.1.7', 'url: http://192.168.1.7\n  next: http://192.168.2.7:10000']],
    b: [['url: http://192.168.2.7', 'url: http://192.168.2.7\n  ports: [10000]\n  next: http://192.168.3.7']],
    c: [['url: http://192.168.3.7', 'url: http://192.168.3.7\n  next: http://192.168.2.7']],
    finds: [
      {
        code: 'next-in-a-circle',
        at: 'b:7:9',
        message: 'b sends machines on to c, and that back to b.',
        related: ['c:6:9'],
      },
    ],
  },
  'a way from site to site that leads to where there are no scripts, and to another scheme': {
    a: [['url: http://192.168.1.7', 'url: http://192.168.1.7\n  next: https://boot.example.org']],
    b: [['url: http://192.168.2.7', `url: http://192.168.2.7\n${TLS}\n  next: https://192.168.3.7:8080`]],
    c: [['url: http://192.168.3.7', 'url: http://192.168.3.7:8080']],
    finds: [
      {
        code: 'next-without-scripts',
        at: 'a:6:9',
        message: 'a sends machines on to https://boot.example.org, where b has configurations alone.',
        related: ['b:6:71'],
      },
      {
        code: 'next-without-scripts',
        at: 'b:7:9',
        message: 'b sends machines on to https://192.168.3.7:8080, where c speaks http.',
        related: ['c:5:8'],
      },
    ],
  },
  'a circle by way of where configurations are alone is none, and is no way either': {
    a: [['url: http://192.168.1.7', `url: http://192.168.1.7\n${TLS}\n  next: http://192.168.2.7`]],
    b: [['url: http://192.168.2.7', 'url: http://192.168.2.7\n  next: https://boot.example.org']],
    finds: [
      {
        code: 'next-without-scripts',
        at: 'b:6:9',
        message: 'b sends machines on to https://boot.example.org, where a has configurations alone.',
        related: ['a:6:71'],
      },
    ],
  },
  'a way from site to site that leads to another port of theirs, and one to somebody else': {
    a: [['url: http://192.168.1.7', 'url: http://192.168.1.7\n  next: http://192.168.2.7:10002']],
    b: [['url: http://192.168.2.7', 'url: http://192.168.2.7:10001\n  next: http://192.168.9.7:10002']],
    finds: [
      {
        code: 'next-unknown',
        at: 'a:6:9',
        message: 'a sends machines on to http://192.168.2.7:10002, where none of these sites answers.',
        related: [],
      },
    ],
  },
  'addresses that may fetch scripts, and are sent on to where they may not': {
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
        message: '192.168.1.252 may fetch the scripts of a, and is sent on to b and c, which do not let it.',
        related: ['b:5:8', 'c:5:8'],
      },
      {
        code: 'next-refuses',
        at: 'a:7:34',
        message: '10.0.0.0/24 may fetch the scripts of a, and is sent on to c, which does not let it.',
        related: ['c:5:8'],
      },
      {
        code: 'next-refuses',
        at: 'b:7:19',
        message: '10.0.0.128/25 may fetch the scripts of b, and is sent on to c, which does not let it.',
        related: ['c:5:8'],
      },
      {
        code: 'next-refuses',
        at: 'b:7:34',
        message: '10.0.2.0/24 may fetch the scripts of b, and is sent on to c, which does not let it.',
        related: ['c:5:8'],
      },
    ],
  },
  'LoadBalancers at one address, whatever the ports, and one of its own': {
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
        message: 'The LoadBalancers of b and of a are both to have the address 192.168.1.7.',
        related: ['a:6:8'],
      },
    ],
  },
  'NodePorts that two sites have, said, derived, and by a further port': {
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
        message: 'b and a both have the NodePort 30080.',
        related: ['a:6:8'],
      },
      {
        code: 'node-port-in-two-sites',
        at: 'c:7:11',
        message: 'c and a both have the NodePort 30081.',
        related: ['a:7:11'],
      },
    ],
  },
  'NodePorts that Kubernetes chooses, or of other sites': {
    a: [['server:\n', 'server:\n  kubernetes: { media_claim: media, service: NodePort }\n']],
    b: [['server:\n', 'server:\n  kubernetes: { media_claim: media, service: NodePort }\n']],
    c: [['url: http://192.168.3.7', 'url: http://192.168.3.7:30080']],
  },
  'signatures in one folder, or one within the other': {
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
      message: `${site} has signatures at ${path}, and a at /srv/signatures, on the same boot server: signing for one removes those of the other.`,
      related: ['a:5:37'],
    })),
  },
  "one include for two sites' secrets": {
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
          "b has the secrets' include at /etc/nginx/secrets.conf, and a at /etc/nginx/secrets.conf, on the same boot server: the one that is put there last is that of both, and nginx hands out no configuration of the other.",
        related: ['a:5:12'],
      },
    ],
  },
  "iPXE's programs of a signed site, where another has its own": {
    b: [
      ['server:\n', 'server:\n  tftp: /srv/harvgen/tftp\n  sign: { signer: boot.plant }\n'],
      ['  url: http://192.168.2.7', '  url: http://192.168.1.7:82'],
    ],
    c: [['  url: http://192.168.3.7', '  url: http://192.168.1.7:83']],
    finds: ['a', 'c'].map((site) => ({
      code: 'path-in-two-sites',
      at: `${site}:5:3`,
      message: `${site} has iPXE's programs at /srv/harvgen/tftp, and b at /srv/harvgen/tftp, on the same boot server: those that are put there last boot all machines, and they have the first step of one site built in.`,
      related: ['b:5:9'],
    })),
  },
  'signed sites have folders of their own, unless said': {
    a: [['server:\n', 'server:\n  sign: { signer: boot.plant }\n']],
    b: [['server:\n', 'server:\n  sign: { signer: boot.plant }\n']],
  },
  'a further port of one at the port of the other, by the same name': {
    a: [['url: http://192.168.1.7', 'url: http://boot.example.org\n  ports: [9000, 10000]']],
    b: [['url: http://192.168.2.7', 'url: http://boot.example.org:10000']],
    c: [['url: http://192.168.3.7', 'url: http://boot.example.org:8080\n  ports: [8081]']],
    finds: [
      {
        code: 'url-in-two-sites',
        at: 'b:5:8',
        message:
          'b and a are both served as boot.example.org:10000: where that is one machine, nginx serves a or b, never both.',
        related: ['a:6:17'],
      },
    ],
  },
  'a further port by http, and https at it by another name': {
    a: [['url: http://192.168.1.7', `url: https://a.example.org:8443\n${OWN_TLS}`]],
    b: [['url: http://192.168.2.7', 'url: http://192.168.2.7\n  ports: [10000, 8443]']],
    finds: [
      {
        code: 'https-in-two-sites',
        at: 'b:6:18',
        message:
          'b speaks http at port 8443, and a https: where that is one machine, nginx speaks one of the two there.',
        related: ['a:5:8'],
      },
    ],
  },
  'http and https at one port, by two names': {
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
          'b speaks http at port 8443, and a https: where that is one machine, nginx speaks one of the two there.',
        related: ['a:6:71'],
      },
    ],
  },
  'https at the port of another, whose machine is another one': {
    a: [['url: http://192.168.1.7', 'url: http://192.168.1.7:443']],
    b: [
      ['site: b', 'site: b\nsilence: { https-in-two-sites: two machines }'],
      ['url: http://192.168.2.7', `url: https://b.example.org\n${OWN_TLS}`],
    ],
  },
  'trees that only begin alike, or lie on two servers': {
    a: [['  url: http://192.168.1.7', '  url: http://192.168.1.7\n  root: /srv/harvgen/x']],
    b: [['  url: http://192.168.2.7', '  url: http://192.168.1.7:81\n  root: /srv/harvgen/xy']],
    c: [['  url: http://192.168.3.7', '  url: http://192.168.3.7\n  root: /srv/harvgen/x']],
  },
};

for (const [name, { a = [], b = [], c = [], alike, finds = [] }] of Object.entries(CASES)) {
  test(name, async () => {
    const second = plantCalled('b', 2).replaceAll('192.168.2.', alike ? '192.168.1.' : '192.168.2.');
    const home = writeFiles(scratchFolder(), {
      'a/site.yaml': edited(plantCalled('a', 1), ...a),
      'b/site.yaml': edited(second, ...b),
      'c/site.yaml': edited(plantCalled('c', 3), ...c),
    });
    const { diagnostics } = await compileSites(['a', 'b', 'c'].map((site) => `${home}/${site}`));
    const codes = new Set(multiSiteRules.map(({ code }) => code));
    const place = ({
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
          at: place(at),
          message,
          related: related.map((one) => place(one.at)),
        })),
      finds,
    );
    if (finds.length === 0 && name.includes('silence ')) assert.equal(diagnostics, []);
  });
}

test('each says what holds, and why', () => {
  for (const { what, why } of multiSiteRules)
    for (const text of [what, why]) assert.match(text, /^[A-Z].*\.$/s);
});

test.run();
