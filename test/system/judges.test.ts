// needs: dnsmasq nginx shellcheck

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { builtInFiles } from '../../src/targets/templates/template.ts';
import type { Tree } from '../../src/tree/tree.ts';
import { textOf } from '../../src/tree/tree.ts';
import { quoteDnsmasq, quoteNginx } from '../../src/values/quoting.ts';
import { fileText } from '../support/file-text.ts';
import { ISCSI_PLANT } from '../support/iscsi-plant.ts';
import { NESTED } from '../support/nested-plant.ts';
import { OCHAMI } from '../support/ochami-plant.ts';
import { edited, PLANT } from '../support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from '../support/scratch.ts';

/** The programs that read the output validate it: a sample of each type of site, and one with everything. */
const EVERYTHING = `site: everything
harvester: { version: v1.6.1, sha512: { harvester-v1.6.1-amd64.iso: "${'0'.repeat(128)}" } }
server:
  url: http://boot.example.org:8081
  root: /srv/trees/everything
  media: https://mirror.example.org/harvester
  allow: [10.0.0.5, 10.0.8.0/24]
  sign: { signer: boot.everything.example.org, path: /srv/signatures/everything }
networks:
  mgmt:
    subnet: 10.1.0.0/16
    gateway: 10.1.0.1
    dns: [10.1.0.2, 10.1.0.3]
    ntp: [10.1.0.4, ntp.example.org]
    domain: everything.example.org
    mtu: 9000
    interface: eno1
    dhcp: { pool: 10.1.200.0-10.1.200.255, lease: 7d }
  reserved: { subnet: 10.2.0.0/24, gateway: 10.2.0.1, interface: eno2.20, dhcp: { server: dnsmasq } }
  elsewhere: { subnet: 10.3.0.0/24, gateway: 10.3.0.1, dhcp: { server: external } }
  fixed: { subnet: 10.4.0.0/24, gateway: 10.4.0.1, dns: [10.4.0.2] }
clusters:
  one: { vip: 10.1.0.40, vip_mode: dhcp, vip_hw_addr: 02:00:00:03:3d:61, token: "\${secret:token_one}" }
  two: { vip: 10.4.0.40, token: "\${secret:token_two}", harvester: { version: v1.4.2 } }
defaults:
  config:
    os: { password: "\${secret:root_password}" }
    install: { device: /dev/sda }
nodes:
  a-1:
    cluster: one
    mode: create
    nics:
      - { name: eno1, mac: 52:54:00:01:00:01, ip: 10.1.0.11 }
      - { name: eno2, mac: 52:54:00:01:00:02, network: mgmt }
      - { name: eno3, mac: 52:54:00:01:00:03, ip: 10.2.0.11 }
  a-2.everything.example.org: { cluster: one, mac: 52:54:00:02:00:01, ip: 10.1.0.12, install: always }
  a-3: { cluster: one, mac: 52:54:00:03:00:01, ip: 10.1.0.13, install: never, role: witness }
  b-1:
    cluster: two
    mode: create
    nics: [{ name: eno1, mac: 52:54:00:04:00:01, ip: 10.4.0.11 }]
  desk: { boot: { os: local }, mac: 52:54:00:05:00:01, ip: 10.3.0.99, bmc: { address: 10.9.0.99 } }
`;

const SAMPLES = fileURLToPath(new URL('../../sites', import.meta.url));

const test = suite('emitted files, validated by the programs that read them');
const trees = new Map<string, Tree>();
const scripted = new Map<string, Tree>();

test.before(async () => {
  const folders = {
    harvester_cloud: join(SAMPLES, 'harvester_cloud'),
    location_x: join(SAMPLES, 'location_x'),
    location_y: join(SAMPLES, 'location_y'),
    oci: join(SAMPLES, 'oci'),
    everything: makeSite(EVERYTHING, 'everything'),
    plant: makeSite(NESTED),
  };
  for (const [name, folder] of Object.entries(folders)) {
    const { tree, diagnostics } = await compile(folder);
    if (!tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
    trees.set(name, tree);
  }
});

test('a missing value is not written as a word', () => {
  for (const [name, tree] of trees) {
    for (const [path, file] of tree)
      assert.not.match(textOf(file), /undefined|\[object|NaN/, `${name}: ${path}`);
  }
});

test('nginx -t', () => {
  for (const [name, tree] of trees) {
    const configuration = fileText(tree, `nginx/${name}.conf`) ?? '';
    assert.equal(testNginx(configuration), { status: 0, errors: [] }, name);
  }
});

test("nginx has room for the variables of a site with OpenCHAMI's services, whatever its name", async () => {
  for (const name of [
    'a',
    'rack',
    'hall_2',
    'plant_abc',
    'ochami_demo',
    'a-z',
    'x'.repeat(22),
    'x'.repeat(40),
  ]) {
    const { tree } = await compile(makeSite(edited(OCHAMI, ['site: venado', `site: ${name}`]), name));
    const configuration = fileText(tree, `nginx/${name}.conf`) ?? '';
    // It warns if two long names are in one bucket of its table: could not build optimal variables_hash.
    assert.equal(testNginx(configuration), { status: 0, errors: [] }, name);
  }
});

test('nginx -t fails without the secrets', () => {
  const configuration = fileText(trees.get('location_x'), 'nginx/location_x.conf') ?? '';
  const { status, errors } = testNginx(configuration, false);
  assert.is(status, 1);
  assert.match(errors.join(), 'secrets.conf');
});

test('dnsmasq --test', () => {
  let count = 0;
  for (const [name, tree] of trees) {
    const configuration = fileText(tree, `dnsmasq/${name}.conf`);
    if (configuration === undefined) continue;
    count += 1;
    assert.equal(testDnsmasq(configuration), { status: 0, stderr: 'dnsmasq: syntax check OK.\n' }, name);
  }
  assert.is(count, 2);
});

/** Sites with every kind of script: iSCSI servers of both drivers, their stores, and clouds. Scripts are put together of parts by these. */
const ISCSI = (more: string) => edited(ISCSI_PLANT, ['  iscsi:\n', `  iscsi:\n${more}`]);
const RBD = '    rbd: { pool: disks }\n';
const SCRIPTED: Readonly<Record<string, string>> = {
  'tgt, raw files': ISCSI(''),
  'tgt, qcow2': ISCSI('    format: qcow2\n'),
  'tgt, Ceph': ISCSI(RBD),
  'LIO, raw files': ISCSI('    driver: lio\n'),
  'LIO, Ceph': ISCSI(`    driver: lio\n${RBD}`),
  'LIO, Ceph with a keyring': ISCSI(
    '    driver: lio\n    rbd: { pool: disks, keyring: /etc/ceph/disks.keyring }\n',
  ),
};

test('shellcheck, with all checks', async () => {
  const samples = readdirSync(SAMPLES).filter((name) => !name.startsWith('_') && !trees.has(name));
  const folders = [
    ...samples.map((name) => [name, join(SAMPLES, name)] as const),
    ...Object.entries(SCRIPTED).map(([name, text]) => [name, makeSite(text)] as const),
  ];
  for (const [name, folder] of folders) {
    const { tree, diagnostics } = await compile(folder);
    if (!tree) throw new Error(`${name}: ${diagnostics.map(({ message }) => message).join('\n')}`);
    scripted.set(name, tree);
  }
  for (const [name, tree] of [...trees, ...scripted]) {
    const scripts = [...tree].filter(([path]) => path.endsWith('.sh'));
    assert.ok(scripts.length > 0, name);
    for (const [path, file] of scripts) {
      const folder = writeFiles(scratchFolder(), { 'script.sh': textOf(file) });
      const { status, stdout } = run('shellcheck', ['--norc', '--severity=style', join(folder, 'script.sh')]);
      assert.is(stdout, '', `${name}: ${path}`);
      assert.is(status, 0, path);
    }
  }
});

test("the project's own scripts pass shellcheck", () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  for (const path of [
    'scripts/test-deps.sh',
    '.ci/run',
    'src/rehearse/stand-in-init.sh',
    'test/system/systemd-box.sh',
  ]) {
    const { stdout } = run('shellcheck', ['--norc', join(root, path)]);
    assert.is(stdout, '', path);
  }
});

test('parts of scripts pass shellcheck in their source directories', () => {
  const root = fileURLToPath(new URL('../../src/targets/', import.meta.url));
  const parts = builtInFiles().filter((file) => file.endsWith('.sh'));
  assert.ok(parts.length > 10);
  for (const part of parts)
    assert.is(run('shellcheck', ['--severity=style', join(root, part)]).stdout, '', part);
});

const HOSTILE = ['a b', 'a"b', "a'b", 'a\\b', 'a;b', 'a{b}', 'a#b', '#a', 'a,b', 'a\\', 'ä', '$', ''];

test('a value quoted for nginx is one parameter, and reads back', () => {
  for (const value of HOSTILE.filter((text) => !text.includes('$'))) {
    // A map with the value as its result: nginx rejects it if the value is not one word.
    assert.is(testNginx(`map $uri $x { default ${quoteNginx(value)}; }\n`).status, 0, value);
  }
  assert.throws(() => quoteNginx('$uri'), /\$ begins a variable/);
});

test('a value quoted for dnsmasq is one field, and reads back', () => {
  for (const value of HOSTILE.filter((text) => text !== '')) {
    const { status, stderr } = testDnsmasq(`port=0\ndhcp-option=option:tftp-server,${quoteDnsmasq(value)}\n`);
    assert.is(status, 0, `${value}: ${stderr}`);
  }
});

test('a site with DHCP and without a pool is valid', async () => {
  const { tree } = await compile(
    makeSite(edited(PLANT, ['      pool: 192.168.178.200-192.168.178.250', '      lease: infinite'])),
  );
  const configuration = fileText(tree, 'dnsmasq/plant.conf') ?? '';
  assert.match(configuration, 'dhcp-range=set:plant-mgmt,192.168.178.0,static,255.255.255.0,infinite\n');
  assert.is(testDnsmasq(configuration).status, 0);
});

test.run();

/** Runs `nginx -t` on a configuration at the http level, by default with the include of secrets. */
function testNginx(configuration: string, withSecrets = true) {
  const [, fills = ''] = /\$(\w+_fills) !=/.exec(configuration) ?? [];
  const folder = writeFiles(scratchFolder(), {
    'secrets.conf': `sub_filter '@@secret:x@@' 'y';\nset $${fills || 'none'} stamp;\n`,
  });
  const secrets = join(folder, withSecrets ? 'secrets.conf' : 'no-secrets.conf');
  const included = configuration
    .replaceAll(/include \/etc\/nginx\/harvgen\/[\w.-]+;/g, `include ${secrets};`)
    .replaceAll(/access_log \/\S+/g, `access_log ${folder}/access.log`)
    // A port that every user may bind, as nginx -t does.
    .replace(/listen \d+;/, 'listen 127.0.0.1:58080;');
  writeFiles(folder, {
    'site.conf': included,
    'nginx.conf': `pid ${folder}/pid;\nevents {}\nhttp {\n  access_log off;\n  include ${folder}/site.conf;\n}\n`,
  });
  const { status, stderr } = run('nginx', [
    '-t',
    '-e',
    'stderr',
    '-p',
    folder,
    '-c',
    join(folder, 'nginx.conf'),
  ]);
  return { status, errors: stderr.split('\n').filter((line) => /\[(warn|error|emerg)\]/.test(line)) };
}

function testDnsmasq(configuration: string) {
  const folder = writeFiles(scratchFolder(), { 'dnsmasq.conf': configuration });
  const { status, stderr } = run('dnsmasq', ['--test', `--conf-file=${join(folder, 'dnsmasq.conf')}`]);
  return { status, stderr };
}

function run(program: string, args: readonly string[]) {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  return spawnSync(program, args, { encoding: 'utf8', env });
}
