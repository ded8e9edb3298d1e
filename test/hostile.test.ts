import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, parseDocument } from 'yaml';
import { compile } from '../src/compile.ts';
import type { Tree } from '../src/tree/tree.ts';
import { textOf } from '../src/tree/tree.ts';
import { harvgen } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { NESTED } from './support/nested-plant.ts';
import { PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

/** Values with a meaning for a shell, iPXE, nginx, dnsmasq, YAML, XML, a terminal or a file system. */
const HOSTILE = [
  '$(reboot)',
  '`reboot`',
  '${net0/ip}',
  '; reboot #',
  '|| reboot',
  "x'; reboot; '",
  'x"; reboot; "',
  'x\nreboot',
  'x\r\nreboot',
  'x\treboot',
  '../../etc/reboot',
  '/etc/reboot/../..',
  'x, reboot',
  'x } reboot {',
  '<% reboot %>',
  '<x>&reboot;',
  '%s%n reboot',
  '{{ reboot }}',
  '*reboot',
  '!!js/function reboot',
  '\u001b[2Jreboot',
  '\u0000reboot',
  '\u2028reboot',
  '-reboot',
  '@@secret:reboot@@',
];

/** The keys of texts in an inventory. */
const KEY_PATHS: readonly (readonly string[])[] = [
  ['site'],
  ['include', '0'],
  ['harvester', 'version'],
  ['harvester', 'arch'],
  ['harvester', 'sha512', 'harvester-v1.4.1-amd64.iso'],
  ['harvester', 'size', 'harvester-v1.4.1-amd64.iso'],
  ['server', 'url'],
  ['server', 'root'],
  ['server', 'media'],
  ['server', 'tftp'],
  ['server', 'secrets'],
  ['server', 'allow', '0'],
  ['server', 'sign', 'signer'],
  ['server', 'sign', 'path'],
  ['networks', 'mgmt', 'subnet'],
  ['networks', 'mgmt', 'gateway'],
  ['networks', 'mgmt', 'dns', '0'],
  ['networks', 'mgmt', 'ntp', '0'],
  ['networks', 'mgmt', 'domain'],
  ['networks', 'mgmt', 'interface'],
  ['networks', 'mgmt', 'dhcp', 'pool'],
  ['networks', 'mgmt', 'dhcp', 'lease'],
  ['cluster', 'vip'],
  ['cluster', 'token'],
  ['defaults', 'profiles', '0'],
  ['defaults', 'labels', 'example.org/key'],
  ['defaults', 'disks', '0', 'path'],
  ['defaults', 'bmc', 'address'],
  ['defaults', 'bmc', 'user'],
  ['defaults', 'bmc', 'password'],
  ['defaults', 'config', 'os', 'password'],
  ['defaults', 'config', 'os', 'ssh_authorized_keys', '0'],
  ['defaults', 'config', 'os', 'sysctls', 'kernel.panic'],
  ['defaults', 'config', 'os', 'environment', 'PROXY'],
  ['defaults', 'config', 'os', 'after_install_chroot_commands', '0'],
  ['defaults', 'config', 'install', 'device'],
  ['defaults', 'config', 'install', 'iso_url'],
  ['defaults', 'config', 'install', 'tty'],
  ['defaults', 'config', 'install', 'management_interface', 'bond_options', 'xmit_hash_policy'],
  ['defaults', 'config', 'system_settings', 'ui-index'],
  ['nodes', 'harv-1', 'mac'],
  ['nodes', 'harv-1', 'ip'],
  ['nodes', 'harv-1', 'role'],
  ['nodes', 'harv-1', 'uuid'],
  ['nodes', 'harv-1', 'serial'],
  ['nodes', 'harv-1', 'boot', 'drive'],
];

/** The keys of texts in the inventory of a libvirt host. */
const HOST_KEY_PATHS: readonly (readonly string[])[] = [
  ['host', 'address'],
  ['host', 'memory'],
  ['host', 'images'],
  ['host', 'disks', 'data1', 'device'],
  ['host', 'disks', 'data1', 'size'],
  ['host', 'expose', '0', 'cluster'],
  ['host', 'expose', '0', 'address'],
  ['host', 'expose', '1', 'allow', '0'],
  ['server', 'root'],
  ['server', 'tftp'],
  ['server', 'secrets'],
  ['networks', 'mgmt', 'dns', '0'],
  ['networks', 'mgmt', 'ntp', '0'],
  ['networks', 'mgmt', 'domain'],
  ['networks', 'mgmt', 'interface'],
  ['networks', 'mgmt', 'dhcp', 'lease'],
  ['networks', 'mgmt', 'libvirt', 'address'],
  ['defaults', 'vm', 'memory'],
  ['defaults', 'vm', 'disks', '0', 'size'],
  ['defaults', 'vm', 'disks', '0', 'on'],
  ['defaults', 'vm', 'disks', '0', 'serial'],
  ['defaults', 'vm', 'vnc', 'listen'],
  ['defaults', 'config', 'os', 'password'],
];

const test = suite('a hostile inventory');

for (const [text, keys] of [
  ...KEY_PATHS.map((keys) => [PLANT, keys] as const),
  ...HOST_KEY_PATHS.map((keys) => [NESTED, keys] as const),
]) {
  const where = text === NESTED ? 'on a host, ' : '';
  test(`${where}${keys.join('.')} is rejected, or is inert in every format`, async () => {
    const { tree: plain } = await compile(makeSite(text));
    assert.ok(plain);
    for (const value of HOSTILE) {
      const { tree, diagnostics } = await compile(makeSite(withValue(text, keys, value)));
      assert.is(
        tree === undefined,
        diagnostics.some(({ severity }) => severity === 'error'),
      );
      if (tree) assertInert(tree, value, plain);
    }
  });
}

test('a hostile name of a data disk of the host is rejected', async () => {
  for (const name of HOSTILE) {
    const inventory = NESTED.replace('data1:', `${JSON.stringify(name)}:`);
    const { tree } = await compile(makeSite(inventory));
    assert.is(tree, undefined, name);
  }
});

test('a hostile name of a node, network, profile or cluster is rejected', async () => {
  for (const name of HOSTILE) {
    for (const inventory of [
      PLANT.replace('harv-1:', `${JSON.stringify(name)}:`),
      PLANT.replace('mgmt:', `${JSON.stringify(name)}:`),
      `${PLANT}profiles: { ${JSON.stringify(name)}: { mode: join } }\n`,
      PLANT.replace(/cluster:\n {2}vip/, `clusters:\n ${JSON.stringify(name)}:\n  vip`),
    ]) {
      const { tree, diagnostics } = await compile(makeSite(inventory));
      assert.is(tree, undefined, name);
      assert.ok(diagnostics.length > 0, name);
    }
  }
});

test('a site whose name is a path writes no file', () => {
  const home = writeFiles(join(scratchFolder(), 'home'), {
    'plant/site.yaml': PLANT.replace('site: plant', 'site: ../../etc'),
  });
  const { code, stderr } = harvgen(['build', 'plant'], home);
  assert.is(code, 1);
  assert.match(stderr, 'plant/site.yaml:1:7 error bad-value');
  assert.equal(Object.keys(readTree(join(home, '..'))), ['home/plant/site.yaml']);
});

test('a diagnostic contains no control sequences for the terminal', () => {
  const home = writeFiles(scratchFolder(), {
    'plant/site.yaml': PLANT.replace('v1.4.1', '"\\e[2J" #\u001b[2J'),
  });
  assert.not.match(harvgen(['check', 'plant'], home).stderr, '\u001b');
});

test.run();

function withValue(text: string, keys: readonly string[], value: string): string {
  const document = parseDocument(text);
  document.setIn(
    keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
    value,
  );
  return document.toString();
}

/**
 * Asserts that the value occurs only as data of a YAML or JSON document, which parses to the same value. Ignores lines that an
 * output tree without the value contains, such as <on_reboot>.
 */
function assertInert(tree: Tree, value: string, plain: Tree = new Map()): void {
  for (const [path, file] of tree) {
    const other = plain.get(path);
    const content = withoutOwn(textOf(file), other && textOf(other));
    if (path === 'host/user-data') {
      // It contains the other files of the output tree, each as text or in base64.
      assertInert(filesIn(textOf(file)), value, filesIn(other ? textOf(other) : '{}'));
    } else if (path.startsWith('www/config/')) {
      for (const version of ['1.1', '1.2'] as const)
        assertOnlyAsData(parse(content, { version }), value, path);
    } else if (/^cluster.*\.yaml$/.test(path)) {
      const object = parse(content, { version: '1.1' }) as { spec?: { contents?: string } };
      // The CloudInit of a node is YAML in YAML. Settings and maps of texts are trimmed, as the installer does.
      const inner = object.spec?.contents;
      const rest = inner === undefined ? object : { ...object, spec: parse(inner, { version: '1.1' }) };
      const texts = strings(rest).filter((text) => text !== value.trim());
      assertOnlyAsData(texts, value, path);
    } else if (path.endsWith('.json')) {
      assertOnlyAsData(JSON.parse(content), value, path);
    } else {
      assert.not.match(content, 'reboot', path);
      assert.not.match(content, '${net0/ip}', path);
    }
  }
}

function assertOnlyAsData(document: unknown, value: string, path: string): void {
  for (const text of strings(document)) {
    if (/reboot|net0\/ip/.test(text)) assert.is(text, value, path);
  }
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...strings(item)]);
}

/** Returns a text without the lines that are also in another text. */
function withoutOwn(text: string, other = ''): string {
  const own = new Set(other.split('\n').filter((line) => line.includes('reboot')));
  return own.size === 0
    ? text
    : text
        .split('\n')
        .filter((line) => !own.has(line))
        .join('\n');
}

/** Returns the files that user-data writes, by their paths in the output tree. */
function filesIn(userData: string): Tree {
  const {
    write_files: files = [],
  }: { write_files?: { path: string; content: string; encoding?: string }[] } = parse(userData);
  return new Map(
    files.map(({ path, content, encoding }) => [
      path.replace(/^\/srv\/harvgen\/plant\//, ''),
      { content: encoding?.startsWith('b') ? Buffer.from(content, 'base64') : content },
    ]),
  );
}
