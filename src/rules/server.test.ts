import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import {
  allowCoversNodes,
  nextIsItself,
  portHasConfigurations,
  seedUrlSlash,
  serverPaths,
  serverUrlByName,
  serverUrlNeedsPort,
  serverUrlNotHost,
} from './server.ts';

const url = (host: string): readonly [string, string] => ['url: http://192.168.150.1', `url: http://${host}`];
const BRIDGE: readonly [string, string] = [
  'dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d }',
  'interface: br0\n    dhcp: { server: external }',
];

ruleTest(serverUrlNotHost, {
  'another machine': {
    edits: [url('192.168.150.2')],
    of: NESTED,
    finds: [
      {
        at: '3:16',
        message:
          'Machines fetch from 192.168.150.2, which is no address of the host that is known: the host has 192.168.150.1.',
        related: ['16:14'],
      },
    ],
  },
  'the gateway, where the host has another address': {
    edits: [['dhcp: {', 'libvirt: { address: 192.168.150.2 }\n    dhcp: {']],
    of: NESTED,
    finds: [
      {
        at: '3:16',
        message:
          'Machines fetch from 192.168.150.1, which is no address of the host that is known: the host has 192.168.150.2.',
        related: ['18:25'],
      },
    ],
  },
  'the address by which people reach the host': {
    edits: [url('203.0.113.7'), ['lab.example.org', '203.0.113.7']],
    of: NESTED,
  },
  'another network of the host': {
    edits: [
      url('192.168.151.1'),
      ['cluster:', '  other: { subnet: 192.168.151.0/24, gateway: 192.168.151.1, libvirt: {} }\ncluster:'],
    ],
    of: NESTED,
  },
  "a bridge of the host's own": { edits: [url('10.0.0.5'), BRIDGE], of: NESTED },
});

const NAMED = [
  'config:\n    os:',
  'config:\n    server_url: https://harvester.plant.example.org\n    os:',
] as const;
const V160 = ['version: v1.4.1', 'version: v1.6.0'] as const;
const FOUND = {
  at: '18:17',
  message:
    "The server_url names harvester.plant.example.org instead of the VIP 192.168.178.40: the node joins only if the name leads there while it installs, and if the cluster's certificate has it.",
  related: ['14:8'],
};

ruleTest(serverUrlByName, {
  'a name, said for all nodes': { edits: [NAMED], finds: [FOUND] },
  'a name that the certificate does not have': { edits: [NAMED, V160], finds: [FOUND] },
  'a name, and another in the certificate': {
    edits: [NAMED, V160, ['    install:\n', '    sans: [other.plant.example.org]\n    install:\n']],
    finds: [FOUND],
  },
  'a name that the certificate has': {
    edits: [NAMED, V160, ['    install:\n', '    sans: [Harvester.plant.example.org]\n    install:\n']],
  },
  'a name on one node that joins': {
    edits: [
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43,\n    config: { server_url: "https://harvester.plant.example.org:443" } }',
      ],
    ],
    finds: [{ ...FOUND, at: '26:27' }],
  },
  'the VIP itself': {
    edits: [['config:\n    os:', 'config:\n    server_url: https://192.168.178.40\n    os:']],
  },
});

const URL = 'config:\n    server_url: https://192.168.178.40\n    os:';

ruleTest(serverUrlNeedsPort, {
  'a server_url without a port, said for all nodes': {
    edits: [
      ['version: v1.4.1', 'version: v1.1.1'],
      ['config:\n    os:', URL],
    ],
    finds: [
      {
        at: '18:17',
        message:
          'The server_url https://192.168.178.40 has no port: v1.1.1 does not add it, and the node would never join.',
      },
    ],
  },
  'a server_url with the port': {
    edits: [
      ['version: v1.4.1', 'version: v1.1.1'],
      ['config:\n    os:', `${URL.replace('.40', '.40:443')}`],
    ],
  },
  'a server_url without a port, and the first release that adds it': {
    edits: [
      ['version: v1.4.1', 'version: v1.1.2'],
      ['config:\n    os:', URL],
    ],
  },
  'the derived one': { edits: [['version: v1.4.1', 'version: v1.1.1']] },
});

/** A boot server that speaks https at two ports of the same or another name, and at further ones. */
function withPorts(name: string, ports: string) {
  const tls = `{ certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key, url: 'https://${name}:8443' }`;
  return [
    'url: http://192.168.178.7',
    `url: https://boot.example.org\n  tls: ${tls}\n  ports: [${ports}]`,
  ] as const;
}

ruleTest(portHasConfigurations, {
  'the port of the configurations': {
    edits: [withPorts('boot.example.org', '10000, 8443')],
    finds: [
      {
        at: '7:18',
        message:
          'Port 8443 is that of server.tls.url, at which nginx hands out configurations and nothing else.',
        related: ['6:71'],
      },
    ],
  },
  'the same by another name': { edits: [withPorts('config.example.org', '8443')] },
  'ports beside it, and that of the URL once more': { edits: [withPorts('boot.example.org', '10000, 443')] },
  'everything at one port': {
    edits: [
      [
        'url: http://192.168.178.7',
        'url: https://boot.example.org\n  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key }\n  ports: [8443, 443]',
      ],
    ],
  },
});

const ds = (text: string) => ['[ip=dhcp, "console=ttyS0,115200"]', `[ip=dhcp, '${text}']`] as const;

ruleTest(seedUrlSlash, {
  'a URL that says where the name goes': {
    of: LINUX_PLANT,
    edits: [ds('ds=nocloud-net;s=http://10.1.0.9/%s.txt')],
  },
  'one whose query ends in the name': {
    of: LINUX_PLANT,
    edits: [ds('ds=nocloud-net;s=http://10.1.0.9/seed?file=')],
  },
  'a folder without its slash': {
    of: LINUX_PLANT,
    edits: [ds('ds=nocloud-net;s=http://10.1.0.9/cloud-init')],
    finds: [
      {
        at: '20:23',
        message:
          'cloud-init would ask for http://10.1.0.9/cloud-initmeta-data: the URL of its data ends in no slash.',
        help: "write s=http://10.1.0.9/cloud-init/; or leave the argument out, and it is the folder of the tree that is the node's own",
      },
    ],
  },
  'the same in quotes, with more behind it': {
    of: LINUX_PLANT,
    edits: [ds('"ds=nocloud;seedfrom=http://10.1.0.9/a;h=b"')],
    finds: [
      {
        at: '20:23',
        message: 'cloud-init would ask for http://10.1.0.9/ameta-data: the URL of its data ends in no slash.',
        help: "write s=http://10.1.0.9/a/; or leave the argument out, and it is the folder of the tree that is the node's own",
      },
    ],
  },
  'with it': { of: LINUX_PLANT, edits: [ds('ds=nocloud-net;s=http://10.1.0.9/cloud-init/')] },
  'no URL at all': { of: LINUX_PLANT, edits: [ds('ds=nocloud')] },
});

const SERVER_URL = 'url: http://192.168.178.7';

ruleTest(nextIsItself, {
  "the site's own URL": {
    edits: [[SERVER_URL, `${SERVER_URL}\n  next: http://192.168.178.7:80/`]],
    finds: [{ at: '6:9', message: "The next boot server, http://192.168.178.7:80, is the site's own." }],
  },
  'a further port of its own': {
    edits: [[SERVER_URL, `${SERVER_URL}\n  ports: [10000]\n  next: http://192.168.178.7:10000`]],
    finds: [{ at: '7:9', message: "The next boot server, http://192.168.178.7:10000, is the site's own." }],
  },
  'where it has its configurations': {
    edits: [
      [
        SERVER_URL,
        `${SERVER_URL}\n  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key, url: https://boot.example.org }\n  next: https://boot.example.org`,
      ],
    ],
    finds: [{ at: '7:9', message: "The next boot server, https://boot.example.org, is the site's own." }],
  },
  'another port, and another machine': {
    edits: [[SERVER_URL, `${SERVER_URL}\n  next: http://192.168.178.7:10001`]],
  },
  'the same port of another machine': {
    edits: [[SERVER_URL, `${SERVER_URL}\n  next: http://192.168.178.8`]],
  },
});

ruleTest(serverPaths, {
  'a site called as the folder of the media': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv/harvgen/media']],
    finds: [
      {
        at: '5:3',
        message:
          "/srv/harvgen/media, for Harvester's files, lies within /srv/harvgen/media, for the tree: a deployment would delete it.",
      },
      {
        at: '6:9',
        message:
          "/srv/harvgen/media, for the tree, lies within /srv/harvgen/media, for Harvester's files: anybody could fetch it.",
      },
    ],
  },
  'images of Linux within the tree': {
    of: LINUX_PLANT,
    edits: [['  url: http://10.1.0.1', '  url: http://10.1.0.1\n  images: /srv/harvgen/plant/images']],
    finds: [
      {
        at: '4:11',
        message:
          '/srv/harvgen/plant/images, for what machines boot Linux from, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.',
      },
    ],
  },
  'a site called as the folder of images that nobody boots from': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv/harvgen/images']],
  },
  'a tree above everything': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv']],
    finds: [
      {
        at: '6:9',
        message: 'The tree cannot lie in /srv: a deployment deletes everything else that is in its folder.',
      },
    ],
  },
  "iPXE's programs within the tree": {
    edits: [
      ['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  tftp: /srv//harvgen/plant/./tftp'],
    ],
    finds: [
      {
        at: '6:9',
        message:
          "/srv//harvgen/plant/./tftp, for iPXE's programs, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.",
      },
    ],
  },
  'signatures within the tree': {
    edits: [
      [
        '  url: http://192.168.178.7',
        '  url: http://192.168.178.7\n  sign: { signer: boot.plant, path: /srv/harvgen/plant/sign }',
      ],
    ],
    finds: [
      {
        at: '6:9',
        message:
          '/srv/harvgen/plant/sign, for the signatures, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.',
      },
    ],
  },
  'signatures beside everything else': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  sign: { signer: boot.plant }']],
  },
  'a certificate and its key within what is served, or deleted': {
    edits: [
      [
        '  url: http://192.168.178.7',
        '  url: http://192.168.178.7\n  tls:\n    url: https://boot.example.org\n    certificate: /srv/harvgen/plant/boot.pem\n    key: /srv/harvgen/media/boot.key',
      ],
    ],
    finds: [
      {
        at: '8:18',
        message:
          '/srv/harvgen/plant/boot.pem, for the certificate, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.',
      },
      {
        at: '9:10',
        message:
          "/srv/harvgen/media/boot.key, for the certificate's key, lies within /srv/harvgen/media, for Harvester's files: anybody could fetch it.",
      },
    ],
  },
  'a certificate and its key in one file': {
    edits: [
      [
        '  url: http://192.168.178.7',
        '  url: http://192.168.178.7\n  tls: { url: https://boot.example.org, certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.pem }',
      ],
    ],
  },
  'folders beside each other, one name beginning with another': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv/harvgen/media-plant']],
  },
  'disk images within the tree': {
    of: NESTED,
    edits: [['  expose:', '  images: /srv/harvgen/plant/images\n  expose:']],
    finds: [
      {
        at: '10:11',
        message:
          '/srv/harvgen/plant/images, for disk images, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.',
      },
    ],
  },
  'disk images within what anybody may fetch': {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, media: /var/lib/libvirt }',
      ],
    ],
    finds: [
      {
        at: '4:1',
        message:
          "/var/lib/libvirt/images, for disk images, lies within /var/lib/libvirt, for Harvester's files: anybody could fetch it.",
      },
    ],
  },
  'the images of a data disk within what anybody may fetch': {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, media: /var/lib/libvirt/images/data1 }',
      ],
    ],
    finds: [
      {
        at: '9:5',
        message:
          "/var/lib/libvirt/images/data1, for images on data1, lies within /var/lib/libvirt/images/data1, for Harvester's files: anybody could fetch it.",
        related: ['3:45'],
      },
    ],
  },
  'a tree on the data disk that a script of it mounts': {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, root: /var/lib/libvirt/images/data1/tree }',
      ],
    ],
    finds: [
      {
        at: '3:44',
        message:
          '/var/lib/libvirt/images/data1/tree, for the tree, lies within /var/lib/libvirt/images/data1, where data1 is mounted by a script of the tree: what is there before that is hidden then.',
        related: ['9:5'],
      },
    ],
  },
  "media and iPXE's programs on a data disk": {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, media: /var/lib/libvirt/images/data1/media, tftp: /var/lib/libvirt/images/data1/tftp }',
      ],
    ],
  },
  'a data disk called nearly as the folder of the tree': {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, root: /var/lib/libvirt/images/data10 }',
      ],
    ],
  },
  'media elsewhere': {
    edits: [
      ['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  media: http://192.168.178.7/srv'],
    ],
  },
  'disks by iSCSI, within the tree': {
    of: ISCSI_PLANT,
    edits: [['    address: 10.1.0.2\n', '    files: /srv/harvgen/plant/disks\n']],
    finds: [
      {
        at: '5:5',
        message:
          '/srv/harvgen/plant/disks, for disks by iSCSI, lies within /srv/harvgen/plant, for the tree: a deployment would delete it.',
      },
    ],
  },
  'disks of another server, by that name': {
    of: ISCSI_PLANT,
    edits: [['    address: 10.1.0.2\n', '    address: 10.1.0.2\n    files: /srv/harvgen/plant/disks\n']],
  },
});

const allowing = (...entries: string[]) =>
  ['server:\n', `server:\n  allow: [${entries.join(', ')}]\n`] as const;
const message = (whom: string, entry: string) =>
  `server.allow covers ${whom} with ${entry}: they may fetch the configuration of any node, with its secrets.`;

ruleTest(allowCoversNodes, {
  'the whole subnet': {
    edits: [allowing('10.0.8.15', '192.168.178.0/24')],
    finds: [
      {
        at: '5:22',
        message: message(
          'harv-1 to harv-3 (3 nodes), the VIP of plant and the DHCP pool of mgmt',
          '192.168.178.0/24',
        ),
      },
    ],
  },
  'a node, the VIP, and the end of a pool': {
    edits: [allowing('192.168.178.42', '192.168.178.40', '192.168.178.250')],
    finds: [
      { at: '5:11', message: message('harv-2', '192.168.178.42') },
      { at: '5:27', message: message('the VIP of plant', '192.168.178.40') },
      { at: '5:43', message: message('the DHCP pool of mgmt', '192.168.178.250') },
    ],
  },
  'the second NIC of a node': {
    edits: [
      allowing('10.9.0.0/24'),
      ['networks:\n', 'networks:\n  storage: { subnet: 10.9.0.0/24 }\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { name: eno2, mac: 52:54:00:aa:02:03, network: storage, ip: 10.9.0.43 }] }',
      ],
    ],
    finds: [{ at: '5:11', message: message('harv-3', '10.9.0.0/24') }],
  },
  'addresses beside all of them, and one twice': {
    edits: [allowing('192.168.178.44', '192.168.178.251', '192.168.178.199', '10.0.8.0/24', '10.0.8.0/24')],
  },
  "a tenant's list, which covers its own node and another's": {
    of: ISCSI_PLANT,
    edits: [['allow: [10.9.0.0/24]', 'allow: [10.2.0.0/23]']],
    finds: [
      {
        at: '12:40',
        message:
          'tenants.biology.allow covers cn01 and cn02 with 10.2.0.0/23: they may fetch the configuration of any node of biology, with its secrets.',
      },
    ],
  },
  'one node of two of a list': {
    of: ISCSI_PLANT,
    edits: [['allow: [10.9.0.0/24]', 'allow: [10.9.0.0/24, 10.2.0.12]']],
    finds: [
      {
        at: '12:53',
        message:
          'tenants.biology.allow covers cn02 with 10.2.0.12: they may fetch the configuration of any node of biology, with its secrets.',
      },
    ],
  },
});
