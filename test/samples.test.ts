import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { digest } from '../src/tree/manifest.ts';
import { harvgen } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { scratchFolder } from './support/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const test = suite('the sample sites');

const bmi = readTree(join(root, 'out/bmi'));
const x = readTree(join(root, 'out/location_x'));
const y = readTree(join(root, 'out/location_y'));
const z = readTree(join(root, 'out/location_z'));
const cloud = readTree(join(root, 'out/harvester_cloud'));
const single = readTree(join(root, 'out/harvester_cloud_single'));
const ochami = readTree(join(root, 'out/ochami'));
const oci = readTree(join(root, 'out/oci'));

/** The sites in the order of a glob, with their committed output trees. */
const TREES = {
  bmi,
  harvester_cloud: cloud,
  harvester_cloud_single: single,
  location_x: x,
  location_y: y,
  location_z: z,
  ochami,
  oci,
};

test('the committed output trees match their inventories', () => {
  // As in the documentation: by the shell, whose glob also matches sites/_shared.
  const command = `"${process.execPath}" bin/harvgen.js build --check sites/*`;
  const stdout = execFileSync('bash', ['-c', command], { cwd: root, encoding: 'utf8' });
  const lines = Object.keys(TREES).map((name) => `out/${name} matches the inventory\n`);
  assert.is(stdout, lines.join(''));
});

test('another directory, time zone, locale and user produce the same bytes', () => {
  const elsewhere = join(scratchFolder(), 'a folder with blanks');
  cpSync(join(root, 'sites'), join(elsewhere, 'sites'), { recursive: true });
  const env = { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', USER: 'somebody' };
  for (const out of ['first', 'second']) {
    const sites = Object.keys(TREES)
      .reverse()
      .map((name) => `sites/${name}`);
    assert.is(harvgen(['build', '--out', out, ...sites], elsewhere, out === 'first' ? env : {}).code, 0);
    for (const [name, tree] of Object.entries(TREES))
      assert.equal(readTree(join(elsewhere, out, name)), tree);
  }
});

test('the manifest contains every file with its digest, and no time', () => {
  for (const tree of Object.values(TREES)) {
    const { 'manifest.json': text = '', ...files } = tree;
    const manifest = JSON.parse(text);
    assert.equal(
      manifest.files,
      Object.fromEntries(Object.entries(files).map(([path, content]) => [path, digest(content)])),
    );
    assert.equal(Object.keys(manifest), ['generator', 'site', 'files']);
  }
});

const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kVfFYhUuXqT1l0v4oQmZ0m9QGkz8yq4m0yq0r5n1B platform@example.org';

test('configurations parse to the intended values, as YAML 1.1 and as 1.2', () => {
  const createX = {
    scheme_version: 1,
    token: '@@secret:cluster_token@@',
    os: {
      hostname: 'harv-1',
      ssh_authorized_keys: [KEY],
      ntp_servers: ['0.suse.pool.ntp.org', '1.suse.pool.ntp.org'],
      sysctls: { 'kernel.panic': '10' },
    },
    install: {
      mode: 'create',
      management_interface: {
        interfaces: [{ hwAddr: '52:54:00:aa:01:01' }],
        method: 'dhcp',
        bond_options: { mode: 'active-backup', miimon: '100' },
      },
      iso_url: 'http://192.168.178.7/harvester/v1.4.1/harvester-v1.4.1-amd64.iso',
      vip: '192.168.178.40',
      vip_mode: 'static',
      device: '/dev/disk/by-path/pci-0000:00:17.0-ata-1',
    },
    system_settings: {
      'overcommit-config': '{"cpu":800,"memory":120,"storage":200}',
      'support-bundle-timeout': '15',
    },
  };
  const { vip, vip_mode, ...install } = createX.install;
  const { system_settings, ...common } = createX;
  const joinX = {
    ...common,
    server_url: 'https://192.168.178.40:443',
    os: { ...createX.os, hostname: 'harv-2' },
    install: {
      ...install,
      mode: 'join',
      management_interface: {
        ...install.management_interface,
        interfaces: [{ hwAddr: '52:54:00:aa:01:02' }],
      },
    },
  };
  const joinY = {
    scheme_version: 1,
    server_url: 'https://172.16.128.40:443',
    token: '@@secret:cluster_token@@',
    os: {
      hostname: 'y-node-3',
      dns_nameservers: ['172.16.128.3', '172.16.128.4'],
      ntp_servers: ['172.16.128.254'],
      labels: { 'topology.kubernetes.io/zone': 'rack-3' },
      ssh_authorized_keys: [KEY],
      sysctls: { 'kernel.panic': '10' },
      password: '@@secret:root_password@@',
    },
    install: {
      mode: 'join',
      management_interface: {
        interfaces: [{ hwAddr: '52:54:00:bb:03:01' }, { hwAddr: '52:54:00:bb:03:02' }],
        method: 'static',
        ip: '172.16.128.43',
        subnet_mask: '255.255.252.0',
        gateway: '172.16.128.254',
        bond_options: { mode: 'balance-alb', miimon: '100' },
      },
      iso_url: 'http://172.16.128.7:10000/harvester/v1.6.1/harvester-v1.6.1-amd64.iso',
      device: '/dev/disk/by-path/pci-0000:41:00.0-nvme-1',
      data_disk: '/dev/disk/by-path/pci-0000:42:00.0-nvme-1',
      tty: 'ttyS0,115200n8',
    },
  };
  for (const version of ['1.1', '1.2'] as const) {
    assert.equal(parse(x['www/config/52-54-00-aa-01-01.yaml'] ?? '', { version }), createX);
    assert.equal(parse(x['www/config/52-54-00-aa-01-02.yaml'] ?? '', { version }), joinX);
    assert.equal(parse(y['www/config/52-54-00-bb-03-01.yaml'] ?? '', { version }), joinY);
  }
});

test('every string of a configuration is in double quotes', () => {
  const configs = Object.values(TREES).flatMap((tree) =>
    Object.entries(tree).filter(([path]) => path.startsWith('www/config/')),
  );
  assert.is(configs.length, 18);
  for (const [path, text] of configs) {
    for (const line of text.trimEnd().split('\n').slice(1)) {
      assert.match(
        line,
        /^ *(- )?([a-zA-Z][\w./-]*:)?( ?"([^"\\]|\\.)*"| \d+| true| false)?$/,
        `${path}: ${line}`,
      );
    }
  }
});

test('the kernel command line contains exactly the arguments that the installer needs', () => {
  const kernel = (tree: Record<string, string>, mac: string) =>
    /^kernel (.*) \|\| goto failed$/m.exec(tree[`www/ipxe/${mac}.ipxe`] ?? '')?.[1]?.split(' ');
  const media = 'http://192.168.178.7/harvester/v1.4.1/harvester-v1.4.1';
  assert.equal(kernel(x, '52-54-00-aa-01-02'), [
    `${media}-vmlinuz-amd64`,
    'initrd=harvester-v1.4.1-initrd-amd64',
    'ip=dhcp',
    'net.ifnames=1',
    'rd.cos.disable',
    'console=tty1',
    `root=live:${media}-rootfs-amd64.squashfs`,
    'harvester.install.automatic=true',
    'harvester.install.config_url=http://192.168.178.7/config/52-54-00-aa-01-02.yaml',
  ]);
  const lineY = kernel(y, '52-54-00-bb-03-01') ?? [];
  assert.ok(lineY.includes('ip=172.16.128.43::172.16.128.254:255.255.252.0:y-node-3:eno1:none'));
  assert.equal(lineY.filter((arg) => arg.startsWith('ip=')).length, 1);
  assert.equal(
    lineY.filter((arg) => arg.startsWith('nameserver=')),
    ['nameserver=172.16.128.3', 'nameserver=172.16.128.4'],
  );
  assert.ok(lineY.includes('console=ttyS0,115200n8'));
});

test('dnsmasq has all reservations of the inventory, and chains iPXE for every architecture', () => {
  const lines = (x['dnsmasq/location_x.conf'] ?? '').split('\n');
  const values = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  assert.equal(values('dhcp-host'), [
    '52:54:00:aa:01:01,192.168.178.41,harv-1,12h',
    '52:54:00:aa:01:02,192.168.178.42,harv-2,12h',
    '52:54:00:aa:01:03,192.168.178.43,harv-3,12h',
  ]);
  assert.equal(values('dhcp-range'), [
    'set:location_x-mgmt,192.168.178.200,192.168.178.250,255.255.255.0,12h',
  ]);
  assert.equal(values('interface'), ['eno1']);
  const architectures = values('dhcp-match').map((value) => value.split(',') as [string, string, string]);
  assert.equal(
    architectures.map(([, , code]) => Number(code)),
    [0, 6, 7, 9, 11, 15, 16, 17, 19],
  );
  const boot = values('dhcp-boot');
  // iPXE never loads iPXE: all boot files for firmware are for clients other than iPXE.
  assert.equal(
    boot.filter((value) => !value.startsWith('tag:!ipxe,')),
    ['tag:ipxe,http://192.168.178.7/boot.ipxe'],
  );
  for (const [set] of architectures) {
    assert.is(
      boot.filter((value) => value.startsWith(`tag:!ipxe,tag:${set.slice('set:'.length)},`)).length,
      1,
    );
  }
});

test('virtual machines of a host install to the disk from libvirt, and register once', () => {
  const configOf = (index: number) => parse(cloud[`www/config/52-54-00-cc-01-0${index}.yaml`] ?? '');
  for (const index of [1, 2, 3]) {
    const domain = cloud[`libvirt/domains/harvester-${index}.xml`] ?? '';
    const [, serial] = /<serial>(\w+)<\/serial>/.exec(domain) ?? [];
    assert.is(configOf(index).install.device, `/dev/disk/by-id/virtio-${serial}`);
    assert.match(domain, `/var/lib/libvirt/images/data${index}/harvester-${index}-0.qcow2`);
    assert.match(
      cloud['libvirt/network.xml'] ?? '',
      `<host mac="52:54:00:cc:01:0${index}" ip="192.168.150.4${index}"`,
    );
    assert.equal(
      Array.from(domain.matchAll(/<mac address="(.*)"\/>/g), ([, mac]) => mac),
      [`52:54:00:cc:01:0${index}`, `52:54:00:cc:02:0${index}`],
    );
  }
  assert.equal(
    [1, 2, 3].map((index) => configOf(index).system_settings),
    [{ 'cluster-registration-url': '@@secret:rancher_registration_url@@' }, undefined, undefined],
  );
  assert.equal(
    [1, 2, 3].map((index) => configOf(index).install.mode),
    ['create', 'join', 'join'],
  );
  // A name that is a prefix of the release's file names is a valid name.
  assert.match(configOf(1).install.iso_url, /\/harvester-v1\.8\.1-amd64\.iso$/);
  assert.is(Object.keys(single).filter((path) => path.startsWith('libvirt/')).length, 2);
});

test('user-data is within the limits of providers', () => {
  const text = cloud['host/cloud-config'] ?? '';
  // The limit of Google Cloud is 256 KiB of text, that of Azure and OpenStack 64 KiB in base64.
  assert.ok(text.length > 10_000 && Buffer.byteLength(text) < 256 * 1024);
  assert.ok(gzipSync(text, { level: 9 }).toString('base64').length < 64 * 1024 - 1);
});

test('every sample has user-data within the limit of AWS, and the page has the present sizes of the whole', () => {
  for (const tree of Object.values(TREES))
    assert.ok(Buffer.byteLength((tree as Record<string, string>)['host/user-data'] ?? '') < 16 * 1024);
  // The VM of the sample for a cloud gets the whole from cloud/main.tf.json.
  assert.ok([single, ochami].every((tree) => tree['host/user-data']?.startsWith('#include\n')));
  assert.match(cloud['cloud/main.tf.json'] ?? '', '../host/cloud-config');
  const page = readFileSync(join(root, 'docs/how-to/libvirt-host.md'), 'utf8');
  const kilobytes = (bytes: number) => Math.round(bytes / 1000);
  const text = cloud['host/cloud-config'] ?? '';
  assert.match(
    page,
    `\`sites/harvester_cloud\` has a file of ${kilobytes(Buffer.byteLength(text))} kB, ${kilobytes(gzipSync(text, { level: 9 }).length)} kB\ncompressed:`,
  );
});

test('a site without DHCP has no dnsmasq configuration', () => {
  assert.not(Object.keys(y).some((path) => path.startsWith('dnsmasq/')));
});

test('the embedded script has each node by its MAC address, with its IP address or DHCP', () => {
  for (const node of [1, 2, 3]) {
    assert.match(
      y['embed/location_y.ipxe'] ?? '',
      `:mac-52-54-00-bb-0${node}-01\nset node y-node-${node}\nset address 172.16.128.4${node}\ngoto network-mgmt\n`,
    );
    assert.match(
      x['embed/location_x.ipxe'] ?? '',
      `:mac-52-54-00-aa-01-0${node}\nset node harv-${node}\ngoto network-mgmt\n`,
    );
  }
  assert.match(x['embed/location_x.ipxe'] ?? '', ':network-mgmt\ngoto dhcp\n');
  for (const tree of [cloud, single])
    assert.not(Object.keys(tree).some((path) => path.startsWith('embed/') || path.includes('ipxe-iso')));
});

test('the machine-readable inventory contains the nodes, and no secret', () => {
  const inventory = JSON.parse(y['www/inventory.json'] ?? '');
  const { site, nodes, clusters, server } = inventory;
  assert.is(site, 'location_y');
  assert.equal(clusters, [
    {
      name: 'location_y',
      version: 'v1.6.1',
      arch: 'amd64',
      vip: '172.16.128.40',
      nodes: ['y-node-1', 'y-node-2', 'y-node-3'],
    },
  ]);
  assert.equal(nodes[2].nics, [
    { name: 'eno1', mac: '52:54:00:bb:03:01', network: 'mgmt', ip: '172.16.128.43', boot: true },
    { name: 'eno2', mac: '52:54:00:bb:03:02', network: 'mgmt' },
    { name: 'ens1f0', mac: '52:54:00:bb:03:03', network: 'storage' },
  ]);
  // The web server's secrets are there by name; nothing else hints at them.
  assert.equal(server.secrets, ['cluster_token', 'root_password']);
  assert.is(server.secrets_file, '/etc/nginx/harvgen/location_y.secrets.conf');
  const { secrets: _names, secrets_file: _file, ...others } = server;
  assert.not.match(JSON.stringify({ ...inventory, server: others }), /secret|password|token/);
});

test('only files in which the boot server substitutes secrets have placeholders', () => {
  for (const [path, content] of Object.values(TREES).flatMap((tree) => Object.entries(tree))) {
    assert.not.match(content, '${secret:', path);
    // The files that substitute placeholders contain a pattern of them.
    if (/@@secret:\w/.test(content))
      assert.match(
        path,
        /^(www\/(config|cloud-init|ipxe)\/|iscsi\/|cluster-secrets\/|host\/cloud-config$|README\.md$)/,
      );
    assert.not.match(content, join(root, 'sites'), path);
  }
});

test.run();
