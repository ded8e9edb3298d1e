// needs: root bash flock ip nsenter tgtd unshare
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { type Edit, edited } from '../support/plant.ts';
import { makeSite, scratchFolder } from '../support/scratch.ts';
import { writeTree } from '../support/write-tree.ts';
import { until } from './until.ts';

const INVENTORY = `site: plant
server:
  url: http://10.20.0.1
  iscsi: { address: 10.20.0.2, suffix: '\${secret:suffix}' }
networks:
  mgmt: { subnet: 10.20.0.0/24, gateway: 10.20.0.1, dhcp: {} }
images:
  golden: {}
defaults:
  boot: { os: iscsi, image: golden }
nodes:
  cn01: { mac: 52:54:00:0b:01:01, ip: 10.20.0.11 }
  cn02: { mac: 52:54:00:0b:01:02, ip: 10.20.0.12 }
  cn03: { mac: 52:54:00:0b:01:03, ip: 10.20.0.13, boot: { lun: 3, chap: { user: three, password: '\${secret:chap_three}', target_password: '\${secret:back}' } } }
`;
const CN01 = '  cn01: { mac: 52:54:00:0b:01:01, ip: 10.20.0.11 }\n';
const VALUES: Readonly<Record<string, string>> = {
  suffix: 'a0b1',
  chap_cn01: 'password-of-1',
  chap_cn02: 'password-of-2',
  chap_three: 'password-of-3',
  back: 'password-back',
};
const SECRETS = '/etc/harvgen/plant.iscsi';
const FILES = '/etc/tgt/conf.d';
/** A bundle of iscsi-login.ts: Node runs no TypeScript by itself. */
const LOGIN = join(scratchFolder(), 'iscsi-login.mjs');
buildSync({
  entryPoints: [fileURLToPath(new URL('iscsi-login.ts', import.meta.url))],
  outfile: LOGIN,
  bundle: true,
  platform: 'node',
  format: 'esm',
});
const nameOf = (node: string) => `iqn.2024-07.internal.harvgen:plant:${node}:golden:${VALUES.suffix}`;

/** put-targets.sh with the real tgtd and tgt-admin. */
const test = suite('scripts/put-targets.sh, with the real tgtd');
let sandbox: Sandbox;

test.before.each(async () => {
  sandbox = await openSandbox();
  for (const address of ['10.20.0.2', '10.20.0.11', '10.20.0.12', '10.20.0.13', '10.20.0.99'])
    await sandbox.run(['ip', 'address', 'add', `${address}/24`, 'dev', 'lo']);
  await sh('mkdir -p /run/tgtd /srv/harvgen/disks && rm -f /etc/tgt/conf.d/*');
  await startTgtd();
});

test.after.each(() => sandbox.close());

const sh = (script: string, ...args: string[]) => sandbox.run(['sh', '-c', script, 'sh', ...args]);

async function startTgtd(): Promise<void> {
  sandbox.spawn(['tgtd', '--foreground', '--iscsi', 'nr_iothreads=1'], { stdio: 'ignore' });
  await until(async () => (await sh('tgtadm --lld iscsi --mode target --op show; echo up')) === 'up\n');
}

/** Writes the tree of the inventory, with edits, to the directory that the scripts use. */
async function build(...edits: readonly Edit[]): Promise<void> {
  const { tree, diagnostics } = await compile(makeSite(edited(INVENTORY, ...edits)));
  if (!tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  await writeTree(`${sandbox.folder}/tree`, tree);
}

async function addSecrets(values: Readonly<Record<string, string>> = VALUES, mode = '0600'): Promise<void> {
  const lines = Object.entries(values).map(([name, value]) => `${name} ${value}\n`);
  await sh('mkdir -p /etc/harvgen && printf %s "$1" >"$2" && chmod "$3" "$2"', lines.join(''), SECRETS, mode);
}

/** Makes disks of nodes, with their names in the store. */
const makeDisks = (...nodes: string[]) =>
  sh('cd /srv/harvgen/disks && for node; do truncate -s 4M "plant-$node.golden.raw"; done', ...nodes);

/** Runs the script. Returns its status and its output. */
async function put(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const script = `${sandbox.folder}/tree/scripts/put-targets.sh`;
  const text = await sh('status=0; bash "$@" 2>&1 || status=$?; echo "$status"', script, ...args);
  const lines = text.split('\n').filter((line) => line !== '');
  return { code: Number(lines.at(-1)), lines: lines.slice(0, -1) };
}

const targets = async () =>
  (await sh("tgtadm --lld iscsi --mode target --op show | sed -n 's/^Target [0-9]*: //p' | sort"))
    .split('\n')
    .filter(Boolean);
const files = async () => (await sh(`ls ${FILES}`)).split('\n').filter(Boolean);

/** Logs in as a node from an IP address. Returns the result, and a function to log out. */
async function login(node: string, { chap, from }: { chap: string; from: string }) {
  const initiator = `iqn.2024-07.internal.harvgen:plant:${node}`;
  const child = sandbox.spawn(
    [process.execPath, LOGIN, from, '10.20.0.2', '3260', nameOf(node), initiator, chap],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const [result] = await once(child.stdout ?? child, 'data');
  return { result: String(result).trim(), out: () => sandbox.stop(child) };
}

test('without values, or with values that other users can read, nothing changes', async () => {
  await build();
  await makeDisks('cn01', 'cn02', 'cn03');
  const refused = async (line: string) =>
    assert.equal([await put(), await files()], [{ code: 2, lines: [line] }, []]);
  await refused(
    `there is no ${SECRETS} with the values of secrets: harvgen secrets --format iscsi prints it`,
  );
  await addSecrets(VALUES, '0640');
  await refused(`users other than root can read ${SECRETS}: chown root ${SECRETS} && chmod 0600 ${SECRETS}`);
  await addSecrets({ suffix: 'a0b1', chap_cn02: 'password-of-2', back: 'password-back' });
  await refused(`${SECRETS} has no value for: chap_cn01 chap_three`);
  await addSecrets({ ...VALUES, chap_three: 'pass word' });
  await refused(`these lines of ${SECRETS} are not \`name value\`: 4`);
});

test('adds targets that have a disk, adds the rest on a later run, and leaves existing targets alone', async () => {
  await build();
  await addSecrets();
  await makeDisks('cn01', 'cn03');
  const lacking =
    'FAILED  cn02: its disk /srv/harvgen/disks/plant-cn02.golden.raw is missing: create it with images.sh, then run this again';
  assert.equal(await put('--dry-run'), { code: 1, lines: [lacking, 'would put cn01', 'would put cn03'] });
  assert.equal([await files(), await targets()], [[], []]);
  assert.equal(await put(), { code: 1, lines: [lacking, 'put     cn01', 'put     cn03'] });
  assert.equal(await targets(), [nameOf('cn01'), nameOf('cn03')]);
  await makeDisks('cn02');
  assert.equal(await put(), { code: 0, lines: ['there   cn01', 'there   cn03', 'put     cn02'] });
  assert.equal(await put(), { code: 0, lines: ['there   cn01', 'there   cn02', 'there   cn03'] });
  assert.equal(
    await sh(`stat -c '%n %U %a' ${FILES}/*`),
    ['cn01', 'cn02', 'cn03'].map((node) => `${FILES}/harvgen-plant-${node}.conf root 600\n`).join(''),
  );
  const shown = await sh('tgtadm --lld iscsi --mode target --op show');
  const third = shown.slice(shown.indexOf(nameOf('cn03')), shown.indexOf(nameOf('cn02')));
  for (const text of [
    'LUN: 3',
    'Backing store path: /srv/harvgen/disks/plant-cn03.golden.raw',
    '        three\n        plant.cn03.target (outgoing)\n',
    'ACL information:\n        10.20.0.13\n',
  ])
    assert.match(third, text);
  assert.not.match(third, '10.20.0.11');
});

test('a node logs in with its password; after a change, the old password is rejected', async () => {
  await build();
  await addSecrets();
  await makeDisks('cn01', 'cn02', 'cn03');
  await put();
  const reaches = async (password: string, from = '10.20.0.11') => {
    const { result, out } = await login('cn01', { chap: `plant.cn01:${password}`, from });
    await out();
    return result;
  };
  assert.is(await reaches('password-of-1'), 'logged in');
  await addSecrets({ ...VALUES, chap_cn01: 'another-one-1' });
  assert.equal(await put(), { code: 0, lines: ['there   cn02', 'there   cn03', 'put     cn01'] });
  assert.is(await reaches('password-of-1'), 'refused 0201');
  assert.is(await reaches('another-one-1'), 'logged in');
  assert.is(await reaches('another-one-1', '10.20.0.12'), 'refused 0203');
});

test('a target with a logged-in node changes and is removed only with --force', async () => {
  await build();
  await addSecrets();
  await makeDisks('cn01', 'cn02', 'cn03');
  await put();
  const { result, out } = await login('cn01', { chap: 'plant.cn01:password-of-1', from: '10.20.0.11' });
  assert.is(result, 'logged in');
  const who = 'iqn.2024-07.internal.harvgen:plant:cn01 is logged in';
  const off =
    'switch it off first; if it is off, or lost power within the last hour: put-targets.sh --force cn01';
  await addSecrets({ ...VALUES, chap_cn01: 'another-one-1' });
  const changed = `FAILED  cn01: its target must change, but ${who}: ${off}`;
  assert.equal(await put(), { code: 1, lines: [changed, 'there   cn02', 'there   cn03'] });
  await build([CN01, '']);
  const gone = `FAILED  cn01: no longer in the inventory, but ${who}: ${off}`;
  assert.equal(await put(), { code: 1, lines: [gone, 'there   cn02', 'there   cn03'] });
  assert.is((await targets()).length, 3);
  assert.equal(await put('--force', 'cn02'), { code: 1, lines: [gone, 'there   cn02', 'there   cn03'] });
  assert.is((await put('cn01')).code, 2, 'a name without --force is rejected');
  assert.equal(await put('--force', '--dry-run'), {
    code: 0,
    lines: ['there   cn02', 'there   cn03', 'would remove cn01'],
  });
  assert.equal(await put('--force', 'cn01'), {
    code: 0,
    lines: ['there   cn02', 'there   cn03', 'removed cn01'],
  });
  assert.equal(await targets(), [nameOf('cn02'), nameOf('cn03')]);
  await out();
});

test('targets that the tree no longer contains are removed, but not those of other owners', async () => {
  await build();
  await addSecrets();
  await makeDisks('cn01', 'cn02', 'cn03');
  await put();
  const other = 'iqn.2024-07.internal.harvgen:plant:cn01:golden:by-hand';
  await sh('tgtadm --lld iscsi --mode target --op new --tid 99 --targetname "$1"', other);
  const unmanaged = ['harvgen-plant-b-cn09.conf', 'mine.conf'];
  await sh(
    'cd /etc/tgt/conf.d && sed "s/a node of plant/a node of plant-b/" harvgen-plant-cn03.conf >"$1" && touch "$2"',
    ...unmanaged,
  );
  await build([CN01, ''], ['cn03', 'cn04']);
  await makeDisks('cn04');
  assert.equal(await put(), {
    code: 0,
    lines: ['there   cn02', 'removed cn01', 'removed cn03', 'put     cn04'],
  });
  assert.equal(await targets(), [other, nameOf('cn02'), nameOf('cn04')].sort());
  assert.equal(await files(), [
    unmanaged[0],
    'harvgen-plant-cn02.conf',
    'harvgen-plant-cn04.conf',
    unmanaged[1],
  ]);
  assert.equal(
    (await sh('tgtadm --lld iscsi --mode account --op show'))
      .split('\n')
      .slice(1, -1)
      .map((one) => one.trim())
      .sort(),
    ['plant.cn02', 'plant.cn04.target', 'three'],
  );
  await sh(`cp ${FILES}/${unmanaged[0]} ${FILES}/harvgen-plant-cn01.conf`);
  await build();
  const failure = `FAILED  cn01: ${FILES}/harvgen-plant-cn01.conf belongs to another site on this machine with a similar name`;
  assert.is((await put('--dry-run')).lines[0], failure);
});

test('a user of another target with another password is not reused', async () => {
  await build();
  await addSecrets();
  await makeDisks('cn01', 'cn02', 'cn03');
  await sh(`tgtadm() { command tgtadm --lld iscsi --mode "$@"; }
    tgtadm target --op new --tid 99 --targetname iqn.2024-07.internal.other:x
    tgtadm account --op new --user three --password somebody-elses
    tgtadm account --op bind --tid 99 --user three`);
  const failure =
    'FAILED  cn03: another target on this machine has user three with another password: change boot.chap.user';
  assert.equal(await put(), { code: 1, lines: [failure, 'put     cn01', 'put     cn02'] });
});

test('a feature that tgtd lacks is reported before any target is removed', async () => {
  await build();
  await addSecrets();
  await makeDisks('cn01', 'cn02', 'cn03');
  await put();
  const before = await targets();
  const address = '{ address: 10.20.0.2, ';
  await build([address, `${address}rbd: { pool: bmi }, `]);
  await sh('mkdir -p "$1" && printf "#!/bin/sh\\n" >"$1/rbd" && chmod 0755 "$1/rbd"', '/var/bin');
  const known = await sh('tgtadm --lld iscsi --mode sys --op show');
  if (!/^ +rbd\b/m.test(known))
    assert.match(
      await sh(
        'status=0; PATH=/var/bin:$PATH bash "$1" 2>&1 || status=$?; echo "$status"',
        `${sandbox.folder}/tree/scripts/put-targets.sh`,
      ),
      'tgtd does not support Ceph: apt-get install tgt-rbd && systemctl restart tgt\n2\n',
    );
  assert.equal(await targets(), before);
  await build([address, `${address}port: 3261, `]);
  const failure =
    'FAILED  tgtd does not listen on port 3261: set it (tgtd --iscsi portal=0.0.0.0:3261, by systemctl edit tgt) or change server.iscsi.port';
  assert.equal(await put(), { code: 1, lines: [failure, 'there   cn01', 'there   cn02', 'there   cn03'] });
  await sh('tgtadm --lld iscsi --mode portal --op new --param portal=10.20.0.2:3261');
  assert.equal(await put(), { code: 0, lines: ['there   cn01', 'there   cn02', 'there   cn03'] });
});

test('targets that tgtd has lost are added again', async () => {
  await build();
  await addSecrets();
  await makeDisks('cn01', 'cn02', 'cn03');
  await put();
  await sh('tgt-admin --delete "$1"', nameOf('cn02'));
  await sh('tgtadm --lld iscsi --mode target --op unbind --tid 1 --initiator-address 10.20.0.11');
  assert.equal(await put(), { code: 0, lines: ['there   cn03', 'put     cn01', 'put     cn02'] });
  // Until tgtd has ended, its port is in use.
  await sh('kill -9 $(pidof tgtd) && while pidof tgtd; do sleep 0.1; done; rm -rf /run/tgtd/*');
  const { code, lines } = await put();
  assert.equal([code, lines.at(-1)], [2, 'tgtd does not answer: systemctl start tgt']);
  await startTgtd();
  // As Debian's unit does when it starts.
  await sh('tgt-admin --execute --conf /etc/tgt/targets.conf');
  assert.equal(await put(), { code: 0, lines: ['there   cn01', 'there   cn02', 'there   cn03'] });
});

test.run();
