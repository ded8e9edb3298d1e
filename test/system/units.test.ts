// needs: chronyd nft socat systemd-analyze unshare

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { type Tree, textOf } from '../../src/tree/tree.ts';
import { quoteChrony, quoteNft } from '../../src/values/quoting.ts';
import { ISCSI_PLANT } from '../support/iscsi-plant.ts';
import { NESTED } from '../support/nested-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from '../support/scratch.ts';

/** Files for a libvirt host, and for TFTP on any boot server, validated by systemd, nftables and chrony. */
const test = suite('units, firewall and clock, validated by the programs that read them');
const trees = new Map<string, Tree>();

const SITES = {
  'TFTP by systemd': edited(ISCSI_PLANT, ['  iscsi:\n', '  tftp_server: systemd\n  iscsi:\n']),
  nested: NESTED,
  'on a bridge of the host': edited(
    NESTED,
    ['{ server: libvirt,', '{ server: dnsmasq,'],
    ['    gateway: 192.168.150.1\n', '    gateway: 192.168.150.1\n    interface: br0\n'],
  ),
  'air-gapped, with ports at addresses': edited(
    NESTED,
    ['site: plant\n', 'site: air-gapped_plant\nair_gapped: true\n'],
    ['ntp_servers: [0.suse.pool.ntp.org], ', ''],
    [
      '{ port: 443 }',
      '{ port: 443, address: 203.0.113.7 }\n    - { port: 443, to: 8443, address: 203.0.113.8, allow: [10.0.0.0/8, 10.1.2.3] }',
    ],
    [
      'networks:\n',
      'networks:\n  drop: { subnet: 192.168.151.0/24, interface: drop, libvirt: { forward: isolated } }\n',
    ],
  ),
};

test.before(async () => {
  for (const [name, text] of Object.entries(SITES)) {
    const { tree, diagnostics } = await compile(makeSite(text, /^site: (\S+)$/m.exec(text)?.[1] ?? ''));
    if (!tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
    trees.set(name, tree);
  }
});

/** Writes the files of a site below a directory of its tree to disk. Returns their paths. */
function filesOf(tree: Tree, folder: string): string[] {
  const files = [...tree].filter(([path]) => path.startsWith(`${folder}/`));
  const root = writeFiles(
    scratchFolder(),
    Object.fromEntries(files.map(([path, file]) => [path, textOf(file)])),
  );
  return files.map(([path]) => join(root, path));
}

function run(program: string, args: readonly string[]) {
  const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
  return { status, output: stdout + stderr };
}

test('systemd-analyze verify', () => {
  for (const [name, tree] of trees) {
    const units = filesOf(tree, 'systemd');
    assert.ok(units.length >= (name.startsWith('TFTP') ? 2 : 5), name);
    assert.equal(run('systemd-analyze', ['verify', '--man=no', ...units]), { status: 0, output: '' }, name);
  }
});

/** systemd's own scale, from 0 to 10: its "OK" ends at 4. */
const BOUNDS = { dnsmasq: 4.0, expose: 1.7, firewall: 1.7, tftp: 2.7, watchdog: 1.0 };

test('systemd-analyze security', () => {
  for (const tree of trees.values()) {
    for (const unit of filesOf(tree, 'systemd').filter((path) => path.endsWith('.service'))) {
      const { output } = run('systemd-analyze', ['security', '--offline=yes', '--no-pager', unit]);
      const [, exposure = '10'] = /Overall exposure level for \S+: (\d+\.\d+)/.exec(output) ?? [];
      const [, bound = 0] = Object.entries(BOUNDS).find(([what]) => unit.includes(`-${what}`)) ?? [];
      assert.ok(Number(exposure) <= bound, `${unit}: ${exposure}`);
    }
  }
});

/** Runs in its own network, because nft also compares rules that it only checks with the existing ones. */
const nft = (path: string) => run('unshare', ['--net', 'nft', '--check', '--file', path]);

test('nft --check', () => {
  for (const [name, tree] of trees) {
    if (name.startsWith('TFTP')) continue;
    const [rules = ''] = filesOf(tree, 'host').filter((path) => path.endsWith('firewall.nft'));
    assert.equal(nft(rules), { status: 0, output: '' }, name);
  }
});

test('a value quoted for nftables is one name, and reads back', () => {
  for (const value of ['drop', 'ip', 'a b', 'a;b', '# a', '$a', '@a', "it's", 'ä', '*a', 'a*b', '}', '1']) {
    const rules = `table inet t { chain c { iifname ${quoteNft(value)} accept comment ${quoteNft(`a ${value}`)}; }; }\n`;
    const path = join(writeFiles(scratchFolder(), { 'rules.nft': rules }), 'rules.nft');
    const listed = run('unshare', ['--net', 'sh', '-c', 'nft --file "$0" && nft list ruleset', path]);
    assert.is(listed.status, 0, `${value}: ${listed.output}`);
    assert.ok(listed.output.includes(`iifname "${value}" accept comment "a ${value}"`), listed.output);
  }
});

test('chronyd -p', () => {
  const tree = trees.get('air-gapped, with ports at addresses');
  assert.ok(tree);
  const [path = ''] = filesOf(tree, 'host').filter((file) => file.endsWith('chrony.conf'));
  assert.equal(run('chronyd', ['-p', '-f', path]), {
    status: 0,
    output: 'local stratum 10\nallow 192.168.150.0/24\n',
  });
});

test('a value quoted for chrony is one word', () => {
  for (const value of ['a#b', 'a"b', '$x', "it's", 'a;b', 'a\\b']) {
    const text = `driftfile ${quoteChrony(value)}\n`;
    const path = join(writeFiles(scratchFolder(), { 'chrony.conf': text }), 'chrony.conf');
    assert.equal(run('chronyd', ['-p', '-f', path]), { status: 0, output: text }, value);
  }
});

test.run();
