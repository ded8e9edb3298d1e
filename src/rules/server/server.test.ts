import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { RACK } from '../../../test/support/rack.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

ruleTest('server-url-off-networks', {
  'the dummy interface of a head node': {
    of: RACK,
    edits: [['http://10.1.0.1', 'http://10.100.0.1']],
    finds: [
      {
        at: '2:16',
        message:
          'No network of the site contains 10.100.0.1, the IP address in server.url: nothing assigns it to the boot server.',
        help: 'set the IP address of the boot server on a network; or add silence: {server-url-off-networks: "the reason"}',
      },
    ],
  },
  'an IP address on another network': {
    of: RACK,
    edits: [
      ['http://10.1.0.1', 'http://10.100.0.1'],
      ['groups:\n', '  services: { subnet: 10.100.0.0/24, gateway: 10.100.0.254 }\ngroups:\n'],
    ],
  },
  'a name': { of: RACK, edits: [['http://10.1.0.1', 'http://head.example.org']] },
  "a server behind a gateway, without OpenCHAMI's URLs": {
    of: RACK,
    edits: [
      ['http://10.1.0.1', 'http://10.100.0.1'],
      [', compat: [ochami]', ''],
    ],
  },
});

const url = (host: string): readonly [string, string] => ['url: http://192.168.150.1', `url: http://${host}`];
const BRIDGE: readonly [string, string] = [
  'dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d }',
  'interface: br0\n    dhcp: { server: external }',
];

ruleTest('server-url-not-host', {
  'another machine': {
    edits: [url('192.168.150.2')],
    of: NESTED,
    finds: [
      {
        at: '3:16',
        message:
          'Machines fetch from 192.168.150.2, which is not a known IP address of the host: the host has 192.168.150.1.',
        related: ['16:14'],
      },
    ],
  },
  'the gateway, with another IP address of the host': {
    edits: [['dhcp: {', 'libvirt: { address: 192.168.150.2 }\n    dhcp: {']],
    of: NESTED,
    finds: [
      {
        at: '3:16',
        message:
          'Machines fetch from 192.168.150.1, which is not a known IP address of the host: the host has 192.168.150.2.',
        related: ['18:25'],
      },
    ],
  },
  'the IP address in host.address': {
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
  'an existing bridge of the host': { edits: [url('10.0.0.5'), BRIDGE], of: NESTED },
});

const NAMED = [
  'config:\n    os:',
  'config:\n    server_url: https://harvester.plant.example.org\n    os:',
] as const;
const V160 = ['version: v1.4.1', 'version: v1.6.0'] as const;
const FOUND = {
  at: '18:17',
  message:
    "The server_url has harvester.plant.example.org instead of the VIP 192.168.178.40: the node joins only if the name resolves to it and is in the cluster's certificate.",
  related: ['14:8'],
};

ruleTest('server-url-by-name', {
  'a name for all nodes': { edits: [NAMED], finds: [FOUND] },
  'a name that is not in the certificate': { edits: [NAMED, V160], finds: [FOUND] },
  'a name, and another one in the certificate': {
    edits: [NAMED, V160, ['    install:\n', '    sans: [other.plant.example.org]\n    install:\n']],
    finds: [FOUND],
  },
  'a name in the certificate': {
    edits: [NAMED, V160, ['    install:\n', '    sans: [Harvester.plant.example.org]\n    install:\n']],
  },
  'a name on one joining node': {
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
  // The installer adds the scheme: harvester-installer v1.1.2–v1.8.1, pkg/console/util.go (getFormattedServerURL).
  'the VIP without a scheme': {
    edits: [['config:\n    os:', 'config:\n    server_url: 192.168.178.40\n    os:']],
  },
  'the VIP and the port without a scheme': {
    edits: [['config:\n    os:', 'config:\n    server_url: 192.168.178.40:443\n    os:']],
  },
  'a name without a scheme': {
    edits: [[NAMED[0], NAMED[1].replace('https://', '')]],
    finds: [FOUND],
  },
});

const URL = 'config:\n    server_url: https://192.168.178.40\n    os:';

fixableRuleTest('server-url-needs-port', {
  'a server_url without a port, for all nodes': {
    edits: [
      ['version: v1.4.1', 'version: v1.1.1'],
      ['config:\n    os:', URL],
    ],
    finds: [
      {
        at: '18:17',
        message:
          'The server_url https://192.168.178.40 has no port: v1.1.1 does not add it, and the node never joins.',
      },
    ],
  },
  'a server_url without a scheme, which these releases do not add': {
    edits: [
      ['version: v1.4.1', 'version: v1.1.1'],
      ['config:\n    os:', URL.replace('https://192.168.178.40', '192.168.178.40:443')],
    ],
    finds: [
      {
        at: '18:17',
        message:
          'The server_url 192.168.178.40:443 has no scheme: v1.1.1 does not add it, and the node never joins.',
        help: 'set https://192.168.178.40:443',
      },
    ],
  },
  'a server_url with the port': {
    edits: [
      ['version: v1.4.1', 'version: v1.1.1'],
      ['config:\n    os:', `${URL.replace('.40', '.40:443')}`],
    ],
  },
  'a server_url without a port, in the first release that adds it': {
    edits: [
      ['version: v1.4.1', 'version: v1.1.2'],
      ['config:\n    os:', URL],
    ],
  },
  'the derived server_url': { edits: [['version: v1.4.1', 'version: v1.1.1']] },
});

/** Returns an edit of a boot server with https on two ports of the same or another name, and on further ports. */
function withPorts(name: string, ports: string) {
  const tls = `{ certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key, url: 'https://${name}:8443' }`;
  return [
    'url: http://192.168.178.7',
    `url: https://boot.example.org\n  tls: ${tls}\n  ports: [${ports}]`,
  ] as const;
}

const PORTS = (ports: string) =>
  ['url: http://192.168.178.7', `url: http://192.168.178.7\n  ports: [${ports}]`] as const;

ruleTest('server-port-taken', {
  'SSH and DNS': {
    edits: [PORTS('10000, 22, 53')],
    finds: [
      {
        at: '6:18',
        message:
          'Port 22 is that of SSH, which the boot server has, too: nginx or the other service does not start.',
      },
      {
        at: '6:22',
        message:
          'Port 53 is that of DNS, which the boot server has, too: nginx or the other service does not start.',
      },
    ],
  },
  'the URL of the server': {
    edits: [['url: http://192.168.178.7', 'url: http://192.168.178.7:22']],
    finds: [
      {
        at: '5:8',
        message:
          'Port 22 is that of SSH, which the boot server has, too: nginx or the other service does not start.',
      },
    ],
  },
  'ports beside them': { edits: [PORTS('2222, 5353, 23')] },
  'a Service of Kubernetes': {
    edits: [PORTS('22'), ['  ports:', '  kubernetes: { media_claim: media }\n  ports:']],
  },
});

ruleTest('server-port-of-other-service', {
  'DHCP and TFTP': {
    edits: [PORTS('67, 69')],
    finds: [
      {
        at: '6:11',
        message: 'Port 67 is that of DHCP, by UDP: firewalls that know it as such block HTTP there.',
      },
      {
        at: '6:15',
        message: 'Port 69 is that of TFTP, by UDP: firewalls that know it as such block HTTP there.',
      },
    ],
  },
  'other ports': { edits: [PORTS('66, 68, 70')] },
});

ruleTest('port-has-configurations', {
  'the port of the configurations': {
    edits: [withPorts('boot.example.org', '10000, 8443')],
    finds: [
      {
        at: '7:18',
        message:
          'Port 8443 is that of server.tls.url, at which nginx serves only configurations: machines get no configurations.',
        related: ['6:71'],
      },
    ],
  },
  'the same port with another name': { edits: [withPorts('config.example.org', '8443')] },
  'other ports, and a repeated port of the URL': { edits: [withPorts('boot.example.org', '10000, 443')] },
  'one port for all files': {
    edits: [
      [
        'url: http://192.168.178.7',
        'url: https://boot.example.org\n  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key }\n  ports: [8443, 443]',
      ],
    ],
  },
});

const ds = (text: string) => ['[ip=dhcp, "console=ttyS0,115200"]', `[ip=dhcp, '${text}']`] as const;

fixableRuleTest('seed-url-slash', {
  'a URL with %s': {
    of: LINUX_PLANT,
    edits: [ds('ds=nocloud-net;s=http://10.1.0.9/%s.txt')],
  },
  'a URL whose query ends in the name': {
    of: LINUX_PLANT,
    edits: [ds('ds=nocloud-net;s=http://10.1.0.9/seed?file=')],
  },
  'a directory without its slash': {
    of: LINUX_PLANT,
    edits: [ds('ds=nocloud-net;s=http://10.1.0.9/cloud-init')],
    finds: [
      {
        at: '20:23',
        message:
          'cloud-init requests http://10.1.0.9/cloud-initmeta-data: the URL of its data does not end in a slash.',
        help: 'set s=http://10.1.0.9/cloud-init/; or remove the argument: the default is the directory of the node in the output tree',
      },
    ],
  },
  'the same in quotes, with further parameters': {
    of: LINUX_PLANT,
    edits: [ds('"ds=nocloud;seedfrom=http://10.1.0.9/a;h=b"')],
    finds: [
      {
        at: '20:23',
        message:
          'cloud-init requests http://10.1.0.9/ameta-data: the URL of its data does not end in a slash.',
        help: 'set s=http://10.1.0.9/a/; or remove the argument: the default is the directory of the node in the output tree',
      },
    ],
  },
  'a directory with its slash': {
    of: LINUX_PLANT,
    edits: [ds('ds=nocloud-net;s=http://10.1.0.9/cloud-init/')],
  },
  'no URL at all': { of: LINUX_PLANT, edits: [ds('ds=nocloud')] },
});

const SERVER_URL = 'url: http://192.168.178.7';

ruleTest('next-is-itself', {
  "the site's own URL": {
    edits: [[SERVER_URL, `${SERVER_URL}\n  next: http://192.168.178.7:80/`]],
    finds: [
      {
        at: '6:9',
        message:
          "The next boot server, http://192.168.178.7:80, is the site's own: unknown machines are redirected in a circle.",
      },
    ],
  },
  'a port of `ports` of the site': {
    edits: [[SERVER_URL, `${SERVER_URL}\n  ports: [10000]\n  next: http://192.168.178.7:10000`]],
    finds: [
      {
        at: '7:9',
        message:
          "The next boot server, http://192.168.178.7:10000, is the site's own: unknown machines are redirected in a circle.",
      },
    ],
  },
  'the URL of its configurations': {
    edits: [
      [
        SERVER_URL,
        `${SERVER_URL}\n  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key, url: https://boot.example.org }\n  next: https://boot.example.org`,
      ],
    ],
    finds: [
      {
        at: '7:9',
        message:
          "The next boot server, https://boot.example.org, is the site's own: unknown machines are redirected in a circle.",
      },
    ],
  },
  'another port, and another machine': {
    edits: [[SERVER_URL, `${SERVER_URL}\n  next: http://192.168.178.7:10001`]],
  },
  'the same port of another machine': {
    edits: [[SERVER_URL, `${SERVER_URL}\n  next: http://192.168.178.8`]],
  },
});

ruleTest('server-paths', {
  'an output tree in the directory of the media': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv/harvgen/media']],
    finds: [
      {
        at: '5:3',
        message:
          '/srv/harvgen/media (the installation media) is inside /srv/harvgen/media (the output tree): a deployment deletes it.',
      },
      {
        at: '6:9',
        message:
          '/srv/harvgen/media (the output tree) is inside /srv/harvgen/media (the installation media): any client can fetch it.',
      },
    ],
  },
  'Linux images inside the output tree': {
    of: LINUX_PLANT,
    edits: [['  url: http://10.1.0.1', '  url: http://10.1.0.1\n  images: /srv/harvgen/plant/images']],
    finds: [
      {
        at: '4:11',
        message:
          '/srv/harvgen/plant/images (the Linux images) is inside /srv/harvgen/plant (the output tree): a deployment deletes it.',
      },
    ],
  },
  'an output tree in the directory of unused images': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv/harvgen/images']],
  },
  'an output tree above all other directories': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv']],
    finds: [
      {
        at: '6:9',
        message: 'The output tree cannot be in /srv: a deployment deletes all other files in its directory.',
      },
    ],
  },
  'iPXE binaries inside the output tree': {
    edits: [
      ['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  tftp: /srv//harvgen/plant/./tftp'],
    ],
    finds: [
      {
        at: '6:9',
        message:
          '/srv//harvgen/plant/./tftp (the iPXE binaries) is inside /srv/harvgen/plant (the output tree): a deployment deletes it.',
      },
    ],
  },
  'signatures inside the output tree': {
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
          '/srv/harvgen/plant/sign (the signatures) is inside /srv/harvgen/plant (the output tree): a deployment deletes it.',
      },
    ],
  },
  'signatures in a separate directory': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  sign: { signer: boot.plant }']],
  },
  'a certificate inside the output tree, and its key inside the media': {
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
          '/srv/harvgen/plant/boot.pem (the certificate) is inside /srv/harvgen/plant (the output tree): a deployment deletes it.',
      },
      {
        at: '9:10',
        message:
          '/srv/harvgen/media/boot.key (the key of the certificate) is inside /srv/harvgen/media (the installation media): any client can fetch it.',
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
  'separate directories whose names begin alike': {
    edits: [['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  root: /srv/harvgen/media-plant']],
  },
  'disk images inside the output tree': {
    of: NESTED,
    edits: [['  expose:', '  images: /srv/harvgen/plant/images\n  expose:']],
    finds: [
      {
        at: '10:11',
        message:
          '/srv/harvgen/plant/images (the disk images) is inside /srv/harvgen/plant (the output tree): a deployment deletes it.',
      },
    ],
  },
  'disk images inside a public directory': {
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
          '/var/lib/libvirt/images (the disk images) is inside /var/lib/libvirt (the installation media): any client can fetch it.',
      },
    ],
  },
  'the images of a data disk inside a public directory': {
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
          '/var/lib/libvirt/images/data1 (the images on data1) is inside /var/lib/libvirt/images/data1 (the installation media): any client can fetch it.',
        related: ['3:45'],
      },
    ],
  },
  'an output tree on a data disk that its script mounts': {
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
          '/var/lib/libvirt/images/data1/tree (the output tree) is inside /var/lib/libvirt/images/data1, where a script of the tree mounts data1: the disk hides earlier files there.',
        related: ['9:5'],
      },
    ],
  },
  'media and iPXE binaries on a data disk': {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, media: /var/lib/libvirt/images/data1/media, tftp: /var/lib/libvirt/images/data1/tftp }',
      ],
    ],
  },
  'a data disk whose name begins like the directory of the output tree': {
    of: NESTED,
    edits: [
      [
        'server: { url: http://192.168.150.1 }',
        'server: { url: http://192.168.150.1, root: /var/lib/libvirt/images/data10 }',
      ],
    ],
  },
  'media on another server': {
    edits: [
      ['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  media: http://192.168.178.8/srv'],
    ],
  },
  'iSCSI disks inside the output tree': {
    of: ISCSI_PLANT,
    edits: [['    address: 10.1.0.2\n', '    files: /srv/harvgen/plant/disks\n']],
    finds: [
      {
        at: '5:5',
        message:
          '/srv/harvgen/plant/disks (the iSCSI disks) is inside /srv/harvgen/plant (the output tree): a deployment deletes it.',
      },
    ],
  },
  'disks with that path on another server': {
    of: ISCSI_PLANT,
    edits: [['    address: 10.1.0.2\n', '    address: 10.1.0.2\n    files: /srv/harvgen/plant/disks\n']],
  },
});

const allowing = (...entries: string[]) =>
  ['server:\n', `server:\n  allow: [${entries.join(', ')}]\n`] as const;
const message = (members: string, entry: string) =>
  `server.allow contains ${members} with ${entry}: they may fetch the configuration of any node, with its secrets.`;

ruleTest('allow-covers-nodes', {
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
    silence: ['nic-address-unused'],
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
  'other IP addresses, and a repeated one': {
    edits: [allowing('192.168.178.44', '192.168.178.251', '192.168.178.199', '10.0.8.0/24', '10.0.8.0/24')],
  },
  "a tenant's list with its own node and another tenant's": {
    of: ISCSI_PLANT,
    edits: [['allow: [10.9.0.0/24]', 'allow: [10.2.0.0/23]']],
    finds: [
      {
        at: '12:40',
        message:
          'tenants.biology.allow contains cn01 and cn02 with 10.2.0.0/23: they may fetch the configuration of any node of biology, with its secrets.',
      },
    ],
  },
  'one of two nodes in a list': {
    of: ISCSI_PLANT,
    edits: [['allow: [10.9.0.0/24]', 'allow: [10.9.0.0/24, 10.2.0.12]']],
    finds: [
      {
        at: '12:53',
        message:
          'tenants.biology.allow contains cn02 with 10.2.0.12: they may fetch the configuration of any node of biology, with its secrets.',
      },
    ],
  },
});
