// needs: root cloud-init ip nginx unshare

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { assertNoWarnings, runCloudInit } from './cloud-init.ts';
import { openWebBox, type WebBox } from './web-box.ts';

const SERVER = '192.168.178.7';
const CG01 = '192.168.178.41';
const CG02 = '192.168.178.42';
const CG03 = '192.168.178.43';
const CG04 = '192.168.178.44';
const DISK = '192.168.178.45';

/** Values that are hard to quote in YAML, in a shell and in a template. */
const SECRETS = {
  munge_key: 'a "key" \\ # ${x} \' {{ no }} ä🙂\nsecond line\n',
  word: 'w0rd-of_a.shell',
  registry: 'p"w: \\x',
};

const SITE = `site: plant
server: { url: http://${SERVER} }
networks:
  mgmt: { subnet: 192.168.178.0/24, gateway: 192.168.178.1, dns: [192.168.178.1], dhcp: {} }
  hsn: { subnet: 10.2.0.0/24, gateway: 10.2.0.1, dns: [10.2.0.1], domain: hsn.example.org, mtu: 9000 }
  stor: { subnet: 10.3.0.0/24, gateway: 10.3.0.1, dhcp: { server: external } }
  tagged: { subnet: 10.4.0.0/24, vlan: 4000 }
groups:
  all:
    cloud_init:
      user_data:
        runcmd: ["echo group \${node:name} >> /var/tmp/order"]
        write_files:
          - { path: /etc/munge.key, permissions: "0400", content: "\${secret:munge_key}" }
          - { path: /etc/registry.yaml, content: "password: \${secret:registry}\\n" }
          - { path: /etc/xname, content: "\${node:xname} \${HOME} $\${x}\\n" }
      meta_data: { rack: b }
  scripted:
    cloud_init:
      user_data: |
        #!/bin/sh
        # ä: \${node:name}
        echo 'script \${secret:word}' >> /var/tmp/order
  templated:
    cloud_init:
      user_data: |
        ## template: jinja
        #cloud-config
        runcmd: ["echo {{ ds.meta_data.rack }} {{ v1.local_hostname }} >> /var/tmp/order"]
        write_files:
          - { path: /etc/templated, content: "{{ ds.meta_data['instance-id'] }} \${secret:registry}" }
          - { path: /etc/keys, content: "{{ ds.meta_data.instance_data.v1.public_keys }} {{ ds.meta_data.hostname }}" }
  plain:
    cloud_init:
      user_data: |
        #cloud-config
        write_files:
          - path: /etc/plain
            permissions: 0640
            content: plain
profiles:
  compute:
    groups: [all]
    boot: { os: linux, kernel: k, initrd: i, args: [ip=dhcp] }
    cloud_init:
      user_data: { runcmd: ["echo layer >> /var/tmp/order"] }
nodes:
  cg01: { mac: 52:54:00:7c:52:01, ip: ${CG01}, xname: x1000c1s7b0n0, profiles: [compute] }
  cg02:
    mac: 52:54:00:7c:52:02
    ip: ${CG02}
    xname: x1000c1s7b1n0
    profiles: [compute]
    groups: [all, scripted, plain, templated]
    cloud_init:
      vendor_data: { runcmd: ["echo vendor > /var/tmp/vendor"] }
      meta_data: { public-keys: [ssh-rsa AAAA] }
  cg03: { nics: [{ mac: 52:54:00:7c:52:03, ip: ${CG03} }, { mac: 52:54:00:7c:57:03, network: mgmt }], boot: { os: linux, kernel: k, initrd: i } }
  disk1: { mac: 52:54:00:7c:52:05, ip: ${DISK}, boot: { os: local }, groups: [templated], cloud_init: { meta_data: { rack: d, public-keys: [] } } }
  bare1: { mac: 52:54:00:7c:52:06, ip: 192.168.178.46, boot: { os: local } }
  cg04:
    boot: { os: linux, kernel: k, initrd: i, root: /dev/nfs }
    nics:
      - { name: eno1, mac: 52:54:00:7c:52:04, ip: ${CG04}, network: mgmt }
      - { name: hsn0, mac: 52:54:00:7c:53:04, ip: 10.2.0.44, network: hsn }
      - { name: stor0, mac: 52:54:00:7c:54:04, ip: 10.3.0.44, network: stor }
      - { name: bare0, mac: 52:54:00:7c:55:04, network: hsn }
      - { name: enp129s0f0np0, mac: 52:54:00:7c:56:04, ip: 10.4.0.44, network: tagged }
`;

const test = suite('cloud-init on a node, with the real nginx and the real cloud-init');
let box: WebBox;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(CG01, CG02, CG03, CG04, DISK, '192.168.178.46', '192.168.178.99');
  const site = await box.deploy(SITE);
  await box.include(site, SECRETS);
  await box.start(site);
});

test.after(() => box?.close());

const FOLDER = '/cloud-init/52-54-00-7c-52-01';

test('a node gets its own data by any spelling of its MAC address, and no other client does', async () => {
  for (const file of ['meta-data', 'user-data', 'vendor-data', 'network-config']) {
    const own = await box.get(CG01, `${FOLDER}/${file}`);
    assert.is(own.status, 200, file);
    for (const name of ['52:54:00:7c:52:01', '52:54:00:7C:52:01', '52-54-00-7C-52-01']) {
      const answer = await box.get(CG01, `/cloud-init/${name}/${file}`);
      assert.equal([answer.status, answer.body], [200, own.body], name);
      assert.is((await box.get(CG02, `/cloud-init/${name}/${file}`)).status, 403);
    }
    for (const other of [CG02, '192.168.178.99'])
      assert.is((await box.get(other, `${FOLDER}/${file}`)).status, 403, other);
  }
});

test('missing files are 404', async () => {
  for (const path of [
    `${FOLDER}/`,
    FOLDER,
    `${FOLDER}/phone-home`,
    '/cloud-init/',
    '/cloud-init/52-54-00-7c-52-09/user-data',
    '/cloud-init/52:54:00:7c:52:09/user-data',
    '/cloud-init/192.168.178.41/user-data',
  ])
    assert.is((await box.get(CG01, path)).status, 404, path);
});

test('the served data contains the values of secrets', async () => {
  const { body } = await box.get(CG01, `${FOLDER}/user-data`);
  const [key, registry] = parse(Buffer.from(body, 'latin1').toString()).write_files;
  assert.is(key.content, SECRETS.munge_key);
  assert.is(parse(registry.content).password, SECRETS.registry);
});

/** Boots a machine with an IP address by cloud-init. Returns its host name, its files and its log. */
function boot(ip: string, key: string) {
  const cmdline = `ds=nocloud-net;s=http://${SERVER}/cloud-init/${key}/`;
  return runCloudInit(box.sandbox, { server: SERVER, ip, cmdline });
}

test("cloud-init's schema accepts all user data", async () => {
  for (const [ip, key] of [
    [CG01, '52-54-00-7c-52-01'],
    [CG03, '52-54-00-7c-52-03'],
  ] as const) {
    const file = join(box.sandbox.folder, 'user-data');
    writeFileSync(file, Buffer.from((await box.get(ip, `/cloud-init/${key}/user-data`)).body, 'latin1'));
    assert.match(
      await box.sandbox.run(['cloud-init', 'schema', '--config-file', file]),
      'Valid cloud-config',
    );
  }
});

test('every renderer of cloud-init accepts the network configuration', async () => {
  const file = join(box.sandbox.folder, 'network-config');
  writeFileSync(file, (await box.get(CG04, '/cloud-init/52-54-00-7c-52-04/network-config')).body);
  const read = async (renderer: string, distro: string, path: string) => {
    const folder = join(box.sandbox.folder, renderer);
    const how = ['--kind', 'yaml', '--output-kind', renderer, '--distro', distro, '--directory', folder];
    await box.sandbox.run(['cloud-init', 'devel', 'net-convert', '--network-data', file, ...how]);
    return readFileSync(join(folder, path), 'utf8');
  };
  const { network } = parse(await read('netplan', 'debian', 'etc/netplan/50-cloud-init.yaml'));
  assert.equal(network.ethernets.eno1, {
    match: { macaddress: '52:54:00:7c:52:04' },
    'set-name': 'eno1',
    critical: true,
    dhcp4: true,
  });
  assert.equal(network.ethernets.stor0['dhcp4-overrides'], { 'use-routes': false });
  assert.equal(network.vlans, {
    'nic4.4000': { id: 4000, link: 'enp129s0f0np0', dhcp4: false, addresses: ['10.4.0.44/24'] },
  });
  const networkd = (name: string) =>
    read('networkd', 'debian', `etc/systemd/network/10-cloud-init-${name}.network`);
  assert.match(await networkd('eno1'), 'DHCP=ipv4');
  assert.match(await networkd('hsn0'), 'Address=10.2.0.44/24');
  assert.match(await networkd('stor0'), 'UseRoutes=False');
  const sysconfig = (name: string) =>
    read('sysconfig', 'rhel', `etc/sysconfig/network-scripts/ifcfg-${name}`);
  assert.match(await sysconfig('eno1'), 'BOOTPROTO=dhcp');
  assert.match(await sysconfig('hsn0'), 'IPADDR=10.2.0.44');
  assert.match(await sysconfig('hsn0'), 'MTU=9000');
  assert.not.match(await sysconfig('hsn0'), 'GATEWAY');
  assert.match(
    await sysconfig('nic4.4000'),
    /^IPADDR=10\.4\.0\.44\n[\s\S]*^PHYSDEV=enp129s0f0np0\n[\s\S]*^VLAN=yes$/m,
  );
  const manager = (name: string) =>
    read(
      'network-manager',
      'fedora',
      `etc/NetworkManager/system-connections/cloud-init-${name}.nmconnection`,
    );
  assert.match(await manager('eno1'), 'method=auto');
  assert.match(await manager('hsn0'), 'address1=10.2.0.44/24');
  assert.match(await manager('nic4.4000'), /^id=4000\n[\s\S]*^address1=10\.4\.0\.44\/24$/m);
});

test('sets the host name, writes a file with a secret, and runs commands in order', async () => {
  const { hostname, text, log } = await boot(CG01, '52-54-00-7c-52-01');
  assertNoWarnings(log);
  assert.is(hostname, 'cg01');
  assert.is(await text('/etc/hostname'), 'cg01\n');
  assert.is(await text('/etc/munge.key'), SECRETS.munge_key);
  assert.is(parse(await text('/etc/registry.yaml')).password, SECRETS.registry);
  assert.is(await text('/etc/xname'), 'x1000c1s7b0n0 ${HOME} $${x}\n');
  assert.is(await text('/var/tmp/order'), 'group cg01\nlayer\n');
  assert.is(await text('/var/lib/cloud/data/instance-id'), 'plant.cg01\n');
});

test('maps, scripts and templates of several groups all take effect, as does vendor-data', async () => {
  const { hostname, text, log } = await boot(CG02, '52:54:00:7c:52:02');
  // The permissions of /etc/plain are a number.
  const system = "Please run 'sudo cloud-init schema --system' to see the schema errors.";
  assertNoWarnings(log, [`Invalid cloud-config provided: ${system}`]);
  assert.is(hostname, 'cg02');
  assert.is(await text('/etc/munge.key'), SECRETS.munge_key);
  // Programs run in the order of their names: `part-002`, then `runcmd`.
  assert.is(await text('/var/tmp/order'), 'script w0rd-of_a.shell\ngroup cg02\nlayer\nb cg02\n');
  assert.is(await text('/etc/templated'), `plant.cg02 ${SECRETS.registry}`);
  assert.is(await text('/etc/keys'), "['ssh-rsa AAAA'] cg02");
  assert.is(await text('/etc/plain'), 'plain');
  assert.is((await box.sandbox.run(['stat', '-c', '%a', '/etc/plain', '/etc/munge.key'])).trim(), '640\n400');
});

test('a system on a disk finds its data by the IP address of the node', async () => {
  const seed = await box.get('192.168.178.99', '/cloud-init/datasource.cfg');
  assert.is(seed.status, 200);
  const image = seed.body;
  const { hostname, text, log } = await runCloudInit(box.sandbox, {
    server: SERVER,
    ip: DISK,
    cmdline: 'quiet',
    image,
  });
  assertNoWarnings(log);
  assert.is(hostname, 'disk1');
  assert.is(await text('/var/tmp/order'), 'd disk1\n');
  assert.is(await text('/etc/templated'), `plant.disk1 ${SECRETS.registry}`);
  const own = await box.get(CG01, `${FOLDER}/user-data`);
  assert.is((await box.get(CG01, '/cloud-init/user-data')).body, own.body);
  for (const from of ['192.168.178.46', '192.168.178.99'])
    assert.is((await box.get(from, '/cloud-init/user-data')).status, 404, from);
  // cg03 may have booted from its other NIC, with the same IP address.
  for (const [from, directory, network] of [
    [CG01, '52-54-00-7c-52-01', undefined],
    [CG03, '52-54-00-7c-52-03', ''],
    [CG03, '52-54-00-7c-57-03', ''],
  ] as const) {
    const byMac = await box.get(from, `/cloud-init/${directory}/network-config`);
    assert.match(byMac.body, `macaddress: "${directory.replaceAll('-', ':')}"`);
    const { status, body } = await box.get(from, '/cloud-init/network-config');
    assert.equal([status, body], [200, network ?? byMac.body], directory);
  }
  assert.is((await box.get(CG03, '/cloud-init/any-nic')).status, 404);
  assert.is((await box.get(CG03, '/cloud-init/52-54-00-7c-52-03/any-nic')).status, 404);
});

test('a node without cloud-init settings boots without warnings', async () => {
  const { hostname, log } = await boot(CG03, '52-54-00-7c-52-03');
  assertNoWarnings(log);
  assert.is(hostname, 'cg03');
});

test.run();
