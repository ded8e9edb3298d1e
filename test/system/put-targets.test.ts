// needs: root bash flock ip nsenter tgtd unshare
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { type Edit, edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { writeTree } from '../support/write-tree.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';
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
const LOGIN = fileURLToPath(new URL('iscsi-login.mjs', import.meta.url));
const nameOf = (node: string) => `iqn.2024-07.internal.harvgen:plant:${node}:golden:${VALUES.suffix}`;

/** What put-targets.sh makes of the real tgtd and tgt-admin. */
const test = suite('scripts/put-targets.sh, by the real tgtd');
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

/** Writes the tree of the inventory, with edits, where the scripts find it. */
async function build(...edits: readonly Edit[]): Promise<void> {
  const { tree, diagnostics } = await compile(makeSite(edited(INVENTORY, ...edits)));
  if (!tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  await writeTree(`${sandbox.folder}/tree`, tree);
}

async function giveSecrets(values: Readonly<Record<string, string>> = VALUES, mode = '0600'): Promise<void> {
  const lines = Object.entries(values).map(([name, value]) => `${name} ${value}\n`);
  await sh('mkdir -p /etc/harvgen && printf %s "$1" >"$2" && chmod "$3" "$2"', lines.join(''), SECRETS, mode);
}

/** Makes disks of nodes, by the names that they have in the store. */
const makeDisks = (...nodes: string[]) =>
  sh('cd /srv/harvgen/disks && for node; do truncate -s 4M "plant-$node.golden.raw"; done', ...nodes);

/** Runs the script; gives its status, and what it says. */
async function put(...args: string[]): Promise<{ code: number; said: string[] }> {
  const script = `${sandbox.folder}/tree/scripts/put-targets.sh`;
  const text = await sh('status=0; bash "$@" 2>&1 || status=$?; echo "$status"', script, ...args);
  const said = text.split('\n').filter((line) => line !== '');
  return { code: Number(said.at(-1)), said: said.slice(0, -1) };
}

const targets = async () =>
  (await sh("tgtadm --lld iscsi --mode target --op show | sed -n 's/^Target [0-9]*: //p' | sort"))
    .split('\n')
    .filter(Boolean);
const files = async () => (await sh(`ls ${FILES}`)).split('\n').filter(Boolean);

/** Logs in as a node from an address; gives what became of it, and what logs out. */
async function login(node: string, { chap, from }: { chap: string; from: string }) {
  const initiator = `iqn.2024-07.internal.harvgen:plant:${node}`;
  const child = sandbox.spawn(
    [process.execPath, LOGIN, from, '10.20.0.2', '3260', nameOf(node), initiator, chap],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const [said] = await once(child.stdout ?? child, 'data');
  return { said: String(said).trim(), out: () => sandbox.stop(child) };
}

test('without values, or with some that others can read, nothing is done', async () => {
  await build();
  await makeDisks('cn01', 'cn02', 'cn03');
  const refused = async (said: string) =>
    assert.equal([await put(), await files()], [{ code: 2, said: [said] }, []]);
  await refused(
    `there is no ${SECRETS} with the values of secrets: harvgen secrets --format iscsi prints it`,
  );
  await giveSecrets(VALUES, '0640');
  await refused(`users other than root can read ${SECRETS}: chown root ${SECRETS} && chmod 0600 ${SECRETS}`);
  await giveSecrets({ suffix: 'a0b1', chap_cn02: 'password-of-2', back: 'password-back' });
  await refused(`${SECRETS} has no value for: chap_cn01 chap_three`);
  await giveSecrets({ ...VALUES, chap_three: 'pass word' });
  await refused(`these lines of ${SECRETS} are not \`name value\`: 4`);
});

test('puts what has a disk, comes back for the rest, and leaves alone what is there', async () => {
  await build();
  await giveSecrets();
  await makeDisks('cn01', 'cn03');
  const lacking =
    'FAILED  cn02: its disk /srv/harvgen/disks/plant-cn02.golden.raw is missing: create it with images.sh, then run this again';
  assert.equal(await put('--dry-run'), { code: 1, said: [lacking, 'would put cn01', 'would put cn03'] });
  assert.equal([await files(), await targets()], [[], []]);
  assert.equal(await put(), { code: 1, said: [lacking, 'put     cn01', 'put     cn03'] });
  assert.equal(await targets(), [nameOf('cn01'), nameOf('cn03')]);
  await makeDisks('cn02');
  assert.equal(await put(), { code: 0, said: ['there   cn01', 'there   cn03', 'put     cn02'] });
  assert.equal(await put(), { code: 0, said: ['there   cn01', 'there   cn02', 'there   cn03'] });
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

test('a node logs in by its password; what has changed is put, and by the old one nobody logs in', async () => {
  await build();
  await giveSecrets();
  await makeDisks('cn01', 'cn02', 'cn03');
  await put();
  const reaches = async (password: string, from = '10.20.0.11') => {
    const { said, out } = await login('cn01', { chap: `plant.cn01:${password}`, from });
    await out();
    return said;
  };
  assert.is(await reaches('password-of-1'), 'logged in');
  await giveSecrets({ ...VALUES, chap_cn01: 'another-one-1' });
  assert.equal(await put(), { code: 0, said: ['there   cn02', 'there   cn03', 'put     cn01'] });
  assert.is(await reaches('password-of-1'), 'refused 0201');
  assert.is(await reaches('another-one-1'), 'logged in');
  assert.is(await reaches('another-one-1', '10.20.0.12'), 'refused 0203');
});

test('a target at which a node is logged in changes and goes by force alone', async () => {
  await build();
  await giveSecrets();
  await makeDisks('cn01', 'cn02', 'cn03');
  await put();
  const { said, out } = await login('cn01', { chap: 'plant.cn01:password-of-1', from: '10.20.0.11' });
  assert.is(said, 'logged in');
  const who = 'iqn.2024-07.internal.harvgen:plant:cn01 is logged in';
  const off =
    'switch it off first; if it is off, or lost power within the last hour: put-targets.sh --force cn01';
  await giveSecrets({ ...VALUES, chap_cn01: 'another-one-1' });
  const changed = `FAILED  cn01: its target must change, but ${who}: ${off}`;
  assert.equal(await put(), { code: 1, said: [changed, 'there   cn02', 'there   cn03'] });
  await build([CN01, '']);
  const gone = `FAILED  cn01: no longer in the inventory, but ${who}: ${off}`;
  assert.equal(await put(), { code: 1, said: [gone, 'there   cn02', 'there   cn03'] });
  assert.is((await targets()).length, 3);
  assert.equal(await put('--force', 'cn02'), { code: 1, said: [gone, 'there   cn02', 'there   cn03'] });
  assert.is((await put('cn01')).code, 2, 'nothing is forced that is not said to be');
  assert.equal(await put('--force', '--dry-run'), {
    code: 0,
    said: ['there   cn02', 'there   cn03', 'would remove cn01'],
  });
  assert.equal(await put('--force', 'cn01'), {
    code: 0,
    said: ['there   cn02', 'there   cn03', 'removed cn01'],
  });
  assert.equal(await targets(), [nameOf('cn02'), nameOf('cn03')]);
  await out();
});

test("what the tree has no more is taken away, and nobody else's", async () => {
  await build();
  await giveSecrets();
  await makeDisks('cn01', 'cn02', 'cn03');
  await put();
  const other = 'iqn.2024-07.internal.harvgen:plant:cn01:golden:by-hand';
  await sh('tgtadm --lld iscsi --mode target --op new --tid 99 --targetname "$1"', other);
  const strangers = ['harvgen-plant-b-cn09.conf', 'mine.conf'];
  await sh(
    'cd /etc/tgt/conf.d && sed "s/a node of plant/a node of plant-b/" harvgen-plant-cn03.conf >"$1" && touch "$2"',
    ...strangers,
  );
  await build([CN01, ''], ['cn03', 'cn04']);
  await makeDisks('cn04');
  assert.equal(await put(), {
    code: 0,
    said: ['there   cn02', 'removed cn01', 'removed cn03', 'put     cn04'],
  });
  assert.equal(await targets(), [other, nameOf('cn02'), nameOf('cn04')].sort());
  assert.equal(await files(), [
    strangers[0],
    'harvgen-plant-cn02.conf',
    'harvgen-plant-cn04.conf',
    strangers[1],
  ]);
  assert.equal(
    (await sh('tgtadm --lld iscsi --mode account --op show'))
      .split('\n')
      .slice(1, -1)
      .map((one) => one.trim())
      .sort(),
    ['plant.cn02', 'plant.cn04.target', 'three'],
  );
  await sh(`cp ${FILES}/${strangers[0]} ${FILES}/harvgen-plant-cn01.conf`);
  await build();
  const said = `FAILED  cn01: ${FILES}/harvgen-plant-cn01.conf belongs to another site on this machine with a similar name`;
  assert.is((await put('--dry-run')).said[0], said);
});

test('a user that another target has by another password is no user of this one', async () => {
  await build();
  await giveSecrets();
  await makeDisks('cn01', 'cn02', 'cn03');
  await sh(`tgtadm() { command tgtadm --lld iscsi --mode "$@"; }
    tgtadm target --op new --tid 99 --targetname iqn.2024-07.internal.other:x
    tgtadm account --op new --user three --password somebody-elses
    tgtadm account --op bind --tid 99 --user three`);
  const said =
    'FAILED  cn03: another target on this machine has user three with another password: change boot.chap.user';
  assert.equal(await put(), { code: 1, said: [said, 'put     cn01', 'put     cn02'] });
});

test('what tgtd cannot do is said before any target goes', async () => {
  await build();
  await giveSecrets();
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
  const said =
    'FAILED  tgtd does not listen on port 3261: set it (tgtd --iscsi portal=0.0.0.0:3261, by systemctl edit tgt) or change server.iscsi.port';
  assert.equal(await put(), { code: 1, said: [said, 'there   cn01', 'there   cn02', 'there   cn03'] });
  await sh('tgtadm --lld iscsi --mode portal --op new --param portal=10.20.0.2:3261');
  assert.equal(await put(), { code: 0, said: ['there   cn01', 'there   cn02', 'there   cn03'] });
});

test('what tgtd has lost is put again', async () => {
  await build();
  await giveSecrets();
  await makeDisks('cn01', 'cn02', 'cn03');
  await put();
  await sh('tgt-admin --delete "$1"', nameOf('cn02'));
  await sh('tgtadm --lld iscsi --mode target --op unbind --tid 1 --initiator-address 10.20.0.11');
  assert.equal(await put(), { code: 0, said: ['there   cn03', 'put     cn01', 'put     cn02'] });
  // Until it is gone, its port is in use.
  await sh('kill -9 $(pidof tgtd) && while pidof tgtd; do sleep 0.1; done; rm -rf /run/tgtd/*');
  const { code, said } = await put();
  assert.equal([code, said.at(-1)], [2, 'tgtd does not answer: systemctl start tgt']);
  await startTgtd();
  // As Debian's unit does when it starts.
  await sh('tgt-admin --execute --conf /etc/tgt/targets.conf');
  assert.equal(await put(), { code: 0, said: ['there   cn01', 'there   cn02', 'there   cn03'] });
});

test.run();
