import { basename, dirname } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { scratchFolder, writeFiles } from '../../../test/support/scratch.ts';
import { compileSites } from '../../compile-sites.ts';
import type { Site } from '../../site/model.ts';
import { machinesOf } from './hosts.ts';

const test = suite('sites on one libvirt host');

/** Returns the nested site under another name, with its own networks, machines, ports and disks, on the same large host. */
function nestedCalled(name: string, number: number): string {
  return edited(
    NESTED.replaceAll('192.168.150.', `192.168.${number}.`)
      .replaceAll('52:54:00:0c:01:', `52:54:00:0c:${number}:`)
      .replaceAll('harvester-', `${name}-`),
    ['site: plant', `site: ${name}`],
    ['  mgmt:', `  ${name}-net:`],
    ['threads: 32', 'threads: 64'],
    ['memory: 128Gi', 'memory: 256Gi'],
    ['port: 443 }', `port: ${number}43 }`],
    ['port: 6443,', `port: ${number}44,`],
    ['data1: { device: /dev/disk/by-id/google-data1,', `${name}: { device: /dev/disk/by-id/google-${name},`],
  );
}

const VIRTUAL = 'disks: [{ size: 300Gi }]';

/** Edits of the sites a and b, and the findings: code, location, message and related locations. */
interface Case {
  readonly a?: readonly Edit[];
  readonly b: readonly Edit[];
  readonly finds?: readonly (readonly [code: string, at: string, message: string, ...related: string[]])[];
}

const CASES: Readonly<Record<string, Case>> = {
  'sites that share only the host': { b: [] },
  'a machine with the same name': {
    b: [['b-3:', 'a-2:']],
    finds: [
      [
        'domain-in-two-sites',
        'b:27:3',
        'a-2 of b and a-2 of a are virtual machines of one host: libvirt has one domain per name.',
        'a:26:3',
      ],
    ],
  },
  'a node with that name that is not virtual': {
    b: [
      ['b-3:', 'a-2:'],
      [`  vm: { preset: small, ${VIRTUAL} }\n`, ''],
      ['ip: 192.168.12.41,', `ip: 192.168.12.41, vm: { preset: small, ${VIRTUAL} },`],
      ['ip: 192.168.12.42 }', `ip: 192.168.12.42, vm: { preset: small, ${VIRTUAL} } }`],
      ['ip: 192.168.12.43 }', 'ip: 192.168.12.43, config: { install: { device: /dev/sda } } }'],
      ['dhcp: { server: libvirt, pool', 'interface: br0\n    dhcp: { pool'],
      ['dns: [192.168.12.1]', 'dns: [192.168.12.3]'],
    ],
  },
  'machines with the same name on different hosts': {
    b: [
      ['b-3:', 'a-2:'],
      ['lab.example.org', 'lab2.example.org'],
    ],
  },
  'one host with its name in capitals': {
    b: [
      ['b-3:', 'a-2:'],
      ['lab.example.org', 'LAB.example.org'],
    ],
    finds: [
      [
        'domain-in-two-sites',
        'b:27:3',
        'a-2 of b and a-2 of a are virtual machines of one host: libvirt has one domain per name.',
        'a:26:3',
      ],
    ],
  },
  'the same bridge': {
    b: [['dhcp: {', 'interface: virbr-a-net\n    dhcp: {']],
    finds: [
      [
        'libvirt-network-in-two-sites',
        'b:18:5',
        'The network b-net of b and a-net of a both have the bridge virbr-a-net, on one host: libvirt rejects the second one.',
        'a:14:3',
      ],
    ],
  },
  'the same libvirt name': {
    a: [
      ['site: a', 'site: a-b'],
      ['  a-net:', '  c:'],
    ],
    b: [
      ['site: b', 'site: a'],
      ['  b-net:', '  b-c:'],
    ],
    finds: [
      [
        'libvirt-network-in-two-sites',
        'b:14:3',
        'The network b-c of a and c of a-b both have the libvirt name a-b-c, on one host: libvirt rejects the second one.',
        'a:14:3',
      ],
    ],
  },
  'overlapping subnets': {
    b: [
      ['cluster:', '  more: { subnet: 192.168.0.0/20, gateway: 192.168.15.254, libvirt: {} }\ncluster:'],
      ['site: b', 'site: b\nsilence: { networks-overlap: a test }'],
    ],
    finds: [
      [
        'libvirt-network-in-two-sites',
        'b:20:19',
        'The network more of b and a-net of a have overlapping subnets, 192.168.0.0/20 and 192.168.11.0/24, on one host: libvirt rejects the second one.',
        'a:15:13',
      ],
    ],
  },
  'overlapping subnets without an IP address of the host': {
    a: [['cluster:', '  vlans: { subnet: 10.9.0.0/24, libvirt: { forward: isolated } }\ncluster:']],
    b: [['cluster:', '  others: { subnet: 10.9.0.0/24, libvirt: { forward: isolated } }\ncluster:']],
  },
  'an exposed port': {
    b: [['port: 1243 }', 'port: 1144 }']],
    finds: [
      [
        'host-port-in-two-sites',
        'b:11:15',
        'Port 1144 of the host is exposed for the VIP of b, and exposed for the VIP of a: only one program can listen on it.',
        'a:12:15',
      ],
    ],
  },
  'an exposed port on different IP addresses': {
    a: [['port: 1143 }', 'port: 443, address: 203.0.113.7 }']],
    b: [['port: 1243 }', 'port: 443, address: 203.0.113.8 }']],
  },
  'an exposed port where nginx serves the other site': {
    b: [
      ['port: 1243 }', 'port: 80 }'],
      ['url: http://192.168.12.1', 'url: http://192.168.12.1:8080'],
    ],
    finds: [
      [
        'host-port-in-two-sites',
        'b:11:15',
        'Port 80 of the host is exposed for the VIP of b, and the nginx port of a: only one program can listen on it.',
        'a:3:16',
      ],
    ],
  },
  screens: {
    a: [['192.168.11.42 }', '192.168.11.42, vm: { vnc: { port: 5911 } } }']],
    b: [['192.168.12.42 }', '192.168.12.42, vm: { vnc: { port: 5911 } } }']],
    finds: [
      [
        'host-port-in-two-sites',
        'b:26:72',
        'Port 5911 of the host is the screen of b-2 of b, and the screen of a-2 of a: only one program can listen on it.',
        'a:26:72',
      ],
    ],
  },
  'screens in a browser': {
    a: [
      ['url: http://192.168.11.1', 'url: http://192.168.11.1, allow: [192.168.11.1]'],
      ['192.168.11.42 }', '192.168.11.42, vm: { vnc: { websocket: 5711 } } }'],
    ],
    b: [
      ['url: http://192.168.12.1', 'url: http://192.168.12.1, allow: [192.168.12.1]'],
      ['192.168.12.42 }', '192.168.12.42, vm: { vnc: { websocket: 5711 } } }'],
    ],
    finds: [
      [
        'host-port-in-two-sites',
        'b:26:77',
        'Port 5711 of the host is the screen of b-2 of b, and the screen of a-2 of a: only one program can listen on it.',
        'a:26:77',
      ],
    ],
  },
  'two disks at one path': {
    b: [['    b: {', '    a: {']],
    finds: [
      [
        'host-disk-in-two-sites',
        'b:9:5',
        '/dev/disk/by-id/google-b of b and /dev/disk/by-id/google-a of a are both mounted at /var/lib/libvirt/images/a, on one host: the second hides the images on the first.',
        'a:9:5',
      ],
    ],
  },
  'one disk at two paths': {
    b: [['/dev/disk/by-id/google-b', '/dev/disk/by-id/google-a']],
    finds: [
      [
        'host-disk-in-two-sites',
        'b:9:18',
        '/dev/disk/by-id/google-a is mounted at /var/lib/libvirt/images/b for b, and at /var/lib/libvirt/images/a for a, on one host: the setup of the second site fails.',
        'a:9:18',
      ],
    ],
  },
  'one disk at one path, with space for both sites': {
    a: [[VIRTUAL, 'disks: [{ size: 300Gi }, { size: 60Gi, on: a, name: b }]']],
    b: [
      ['    b: { device: /dev/disk/by-id/google-b', '    a: { device: /dev/disk/by-id/google-a'],
      [VIRTUAL, 'disks: [{ size: 300Gi }, { size: 60Gi, on: a, name: b }]'],
    ],
  },
  'one disk at one path, with space for only one site': {
    a: [[VIRTUAL, 'disks: [{ size: 300Gi }, { size: 62Gi, on: a, name: b }]']],
    b: [
      ['    b: { device: /dev/disk/by-id/google-b', '    a: { device: /dev/disk/by-id/google-a'],
      [VIRTUAL, 'disks: [{ size: 300Gi }, { size: 60Gi, on: a, name: b }]'],
    ],
    finds: [
      [
        'host-shared-too-small',
        'a:9:50',
        'The images of a and b on /dev/disk/by-id/google-a can grow to 367 GiB, but a file system of 400GB holds 365 GiB: QEMU pauses machines that write to a full disk.',
      ],
    ],
  },
  'one disk that is too small for both, with a size only in the first site': {
    a: [[VIRTUAL, 'disks: [{ size: 300Gi }, { size: 62Gi, on: a, name: b }]']],
    b: [
      [
        '    b: { device: /dev/disk/by-id/google-b, size: 400GB }',
        '    a: { device: /dev/disk//by-id/google-a }',
      ],
      [VIRTUAL, 'disks: [{ size: 300Gi }, { size: 60Gi, on: a, name: b }]'],
    ],
    finds: [
      [
        'host-shared-too-small',
        'a:9:50',
        'The images of a and b on /dev/disk/by-id/google-a can grow to 367 GiB, but a file system of 400GB holds 365 GiB: QEMU pauses machines that write to a full disk.',
      ],
    ],
  },
  'memory for only one site': {
    a: [['memory: 256Gi', 'memory: 193Gi']],
    b: [['  memory: 256Gi\n', '']],
    finds: [
      [
        'host-shared-too-small',
        'a:7:11',
        'The machines of a and b have 192 GiB of memory, but their host has 193Gi and needs 2 GiB itself: its kernel kills one.',
      ],
    ],
  },
  'memory for both sites': { a: [['memory: 256Gi', 'memory: 194Gi']], b: [['  memory: 256Gi\n', '']] },
  'either site can silence it': {
    b: [
      ['b-3:', 'a-2:'],
      ['site: b', 'site: b\nsilence: { domain-in-two-sites: one of them is never up }'],
    ],
  },
};

for (const [name, { a = [], b, finds = [] }] of Object.entries(CASES)) {
  test(name, async () => {
    const texts = { a: edited(nestedCalled('a', 11), ...a), b: edited(nestedCalled('b', 12), ...b) };
    const found = await findingsOf(texts);
    assert.equal(found, finds);
  });
}

test('the networks of libvirt are private to their host: its name decides whether sites share them', async () => {
  const b = edited(
    nestedCalled('b', 12).replaceAll('192.168.12.', '192.168.11.'),
    ['url: http://192.168.11.1', 'url: http://192.168.11.1:8080'],
    ['vip: 192.168.11.40', 'vip: 192.168.11.230'],
    ['pool: 192.168.11.200-192.168.11.250', 'pool: 192.168.11.100-192.168.11.150'],
  );
  const codesOn = async (host: string) => {
    const found = await findingsOf({ a: nestedCalled('a', 11), b: b.replace('lab.example.org', host) });
    return found.flatMap(([code = '']) => (code.startsWith('address-') ? code : []));
  };
  assert.equal(await codesOn('lab2.example.org'), []);
  assert.equal(await codesOn('LAB.example.org'), [
    'address-in-pool-of-other-site',
    'address-in-two-sites',
    'address-in-two-sites',
    'address-in-two-sites',
  ]);
});

test('nested output trees, if one host is the boot server of two networks', async () => {
  const root = (text: string, path: string) =>
    text.replace(/(url: \S+)/, `$1, root: ${path}, secrets: /etc/nginx/one.conf`);
  const found = await findingsOf({
    a: root(nestedCalled('a', 11), '/srv/trees/a'),
    b: root(nestedCalled('b', 12), '/srv/trees/a/b'),
  });
  assert.equal(
    found.map(([code]) => code),
    ['root-in-two-sites', 'path-in-two-sites'],
  );
});

test('boot servers that share a name are one machine, also through a third site', () => {
  const site = (address: string | undefined, host: string) =>
    ({ server: { host }, ...(address && { host: { address } }) }) as unknown as Site;
  const sites = [
    site('lab', '10.0.0.1'),
    site(undefined, '10.0.1.1'),
    site('LAB', '10.0.1.1'),
    site('x', '10.0.2.1'),
  ];
  const machines = machinesOf(sites);
  const [first, second, third, fourth] = sites.map((one) => machines.get(one));
  assert.is(first, third);
  assert.is(second, third);
  assert.is.not(fourth, third);
});

test.run();

async function findingsOf(texts: Readonly<Record<'a' | 'b', string>>): Promise<string[][]> {
  const home = scratchFolder();
  // The directory of a site has the name of the site.
  const folders = Object.entries(texts).map(([letter, text]) => {
    const name = /^site: (\S+)$/m.exec(text)?.[1] ?? letter;
    writeFiles(home, { [`${letter}/${name}/site.yaml`]: text });
    return `${home}/${letter}/${name}`;
  });
  const { diagnostics } = await compileSites(folders);
  return diagnostics.map(({ code, message, at, related = [] }) => {
    const place = ({ source, start }: typeof at) =>
      `${basename(dirname(dirname(source.file)))}:${Object.values(source.position(start)).join(':')}`;
    return [code, place(at), message, ...related.map((one) => place(one.at))];
  });
}
