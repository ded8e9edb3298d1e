// needs: root curl dnsmasq in.tftpd nsenter setpriv systemctl unshare xinetd /usr/lib/PXELINUX/lpxelinux.0 /usr/lib/ipxe/undionly.kpxe /usr/lib/syslinux/modules/bios/menu.c32
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Tree } from '../../src/tree/tree.ts';
import { fileText } from '../support/file-text.ts';
import { ISCSI_PLANT } from '../support/iscsi-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { writeTree } from '../support/write-tree.ts';
import { startSystemd } from './systemd-box.ts';

const TFTP = '/srv/harvgen/tftp';
const PUT = '/srv/harvgen/plant/scripts/put-pxelinux.sh';
const MENU = 'pxelinux.cfg/01-52-54-00-0b-01-01';
const OTHER_MENU = 'pxelinux.cfg/01-52-54-00-0b-01-02';

const test = suite('boot files by TFTP, with the real servers');

/** Returns the site with nodes that boot by PXELINUX. */
function siteWith(server: string, ...nodes: readonly string[]): string {
  const text = edited(ISCSI_PLANT, ['  iscsi:\n', `  tftp_server: ${server}\n  iscsi:\n`]).replace(
    ', firmware: bios',
    '',
  );
  return nodes.reduce(
    (text, node) =>
      text.replace(new RegExp(`(${node}: .*) }`), '$1, firmware: bios, boot: { loader: pxelinux } }'),
    text,
  );
}

async function treeOf(text: string): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(text));
  if (!tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** Mounts a tree at the server root of the inventory, in the sandbox. */
async function deploy(sandbox: Sandbox, tree: Tree, name = 'tree'): Promise<void> {
  const folder = join(sandbox.folder, name);
  await sandbox.run(['mkdir', '-m', '755', folder]);
  await writeTree(folder, tree);
  await chmod(folder, 0o755);
  await sandbox.bind(folder, '/srv/harvgen/plant');
}

/** Writes a text to the path that a server reads. */
async function put(sandbox: Sandbox, path: string, text: string | undefined): Promise<void> {
  assert.ok(text, path);
  const file = join(sandbox.folder, 'brought');
  await writeFile(file, text);
  await sandbox.run(['install', '-D', '-m', '0644', file, path]);
}

const ask = (path: string) => [
  'curl',
  '--silent',
  '--show-error',
  '--max-time',
  '10',
  '--path-as-is',
  `tftp://127.0.0.1/${path}`,
];

type Run = (argv: readonly string[]) => Promise<string>;

/** Asserts that a server serves the files of the tree by their names, accepts no uploads, and serves no other files. */
async function assertServes(run: Run, tree: Tree): Promise<void> {
  let got = '';
  // The server may still be starting.
  for (let tries = 0; got === '' && tries < 20; tries++) {
    got = await run(ask(MENU)).catch(() => '');
    if (got === '') await sleep(200);
  }
  assert.is(got, fileText(tree, `tftp/${MENU}`));
  assert.is(await run(ask('cn01.ipxe')), fileText(tree, 'tftp/cn01.ipxe'));
  const size = await run(['sh', '-c', `${ask('lpxelinux.0').join(' ')} | wc -c`]);
  assert.is(Number(size), (await readFile('/usr/lib/PXELINUX/lpxelinux.0')).length);
  for (const path of [
    'pxelinux.cfg/.harvgen-plant',
    '../plant/scripts/put-pxelinux.sh',
    '../../../etc/hostname',
  ])
    assert.is(await run(ask(path)).catch(() => 'refused'), 'refused', path);
  for (const name of ['new', 'cn01.ipxe']) {
    const upload = [
      'curl',
      '--silent',
      '--max-time',
      '10',
      '--upload-file',
      '/etc/hostname',
      `tftp://127.0.0.1/${name}`,
    ];
    assert.is(await run(upload).catch(() => 'refused'), 'refused', name);
  }
  assert.is(await run(ask('cn01.ipxe')), fileText(tree, 'tftp/cn01.ipxe'));
}

/** Runs requests while a daemon runs. */
async function whileRunning(
  sandbox: Sandbox,
  argv: readonly string[],
  requests: () => Promise<void>,
): Promise<void> {
  const child = sandbox.spawn(argv, { stdio: 'ignore' });
  try {
    await requests();
  } finally {
    await sandbox.stop(child);
  }
}

async function inSandbox(
  server: string,
  work: (sandbox: Sandbox, tree: Tree) => Promise<void>,
): Promise<void> {
  const tree = await treeOf(siteWith(server, 'cn01'));
  const sandbox = await openSandbox();
  try {
    await deploy(sandbox, tree);
    await sandbox.run([PUT]);
    await work(sandbox, tree);
  } finally {
    await sandbox.close();
  }
}

test('dnsmasq', () =>
  inSandbox('dnsmasq', async (sandbox, tree) => {
    const config = '/srv/harvgen/plant/dnsmasq/plant.conf';
    await whileRunning(sandbox, ['dnsmasq', '--keep-in-foreground', `--conf-file=${config}`], () =>
      assertServes(sandbox.run, tree),
    );
  }));

test('tftpd-hpa, as its package starts it', () =>
  inSandbox('tftpd-hpa', async (sandbox, tree) => {
    await put(sandbox, '/etc/default/tftpd-hpa', fileText(tree, 'tftpd/tftpd-hpa'));
    const init = [
      'env',
      'SYSTEMCTL_SKIP_REDIRECT=yes',
      '_SYSTEMCTL_SKIP_REDIRECT=yes',
      'sh',
      '/etc/init.d/tftpd-hpa',
    ];
    await sandbox.run([...init, 'start']);
    await assertServes(sandbox.run, tree);
    await sandbox.run([...init, 'stop']);
  }));

test('xinetd', () =>
  inSandbox('xinetd', async (sandbox, tree) => {
    await put(sandbox, '/etc/xinetd.d/tftp', fileText(tree, 'xinetd/tftp'));
    await put(sandbox, '/etc/xinetd.conf', 'defaults\n{\n}\nincludedir /etc/xinetd.d\n');
    await whileRunning(sandbox, ['xinetd', '-dontfork', '-f', '/etc/xinetd.conf'], () =>
      assertServes(sandbox.run, tree),
    );
  }));

test('systemd', () =>
  inSandbox('systemd', async (sandbox, tree) => {
    const systemd = await startSystemd(sandbox);
    try {
      for (const name of ['harvgen-plant-tftp.socket', 'harvgen-plant-tftp.service'])
        await systemd.put(`/etc/systemd/system/${name}`, fileText(tree, `systemd/${name}`) ?? '');
      await systemd.run(['systemctl', 'start', 'harvgen-plant-tftp.socket']);
      await assertServes(systemd.run, tree);
      assert.is(await systemd.show('harvgen-plant-tftp.service', 'ActiveState'), 'active');
    } finally {
      await systemd.close();
    }
  }));

test('put-pxelinux.sh adds missing files, removes files that left the tree, and prevents writes by other users', async () => {
  const sandbox = await openSandbox();
  try {
    await deploy(sandbox, await treeOf(siteWith('dnsmasq', 'cn01', 'cn02')));
    const files = async () =>
      (await sandbox.run(['sh', '-c', `cd ${TFTP} && find . -type f | sort`])).split('\n');
    const put = async (...options: readonly string[]) =>
      (await sandbox.run(['sh', '-c', '"$@" 2>&1', 'sh', PUT, ...options])).split('\n').filter(Boolean);
    await sandbox.run(['mkdir', '-p', '-m', '0777', `${TFTP}/pxelinux.cfg`]);
    await sandbox.run([
      'sh',
      '-c',
      `echo mine >${TFTP}/pxelinux.cfg/default; echo old >${TFTP}/menu.c32; chmod 666 ${TFTP}/menu.c32`,
    ]);
    assert.ok((await put('--dry-run')).every((line) => line.startsWith('would put ')));
    await put();
    const whole = await files();
    for (const name of [
      'lpxelinux.0',
      'ldlinux.c32',
      'menu.c32',
      'libutil.c32',
      'ipxe.lkrn',
      'cn01.ipxe',
      'cn02.ipxe',
      MENU,
      OTHER_MENU,
    ])
      assert.ok(whole.includes(`./${name}`), name);
    assert.is(await sandbox.run(['find', TFTP, '-perm', '/002']), '');
    assert.ok((await put()).every((line) => line.startsWith('there ')));

    await sandbox.run(['umount', '/srv/harvgen/plant']);
    await deploy(sandbox, await treeOf(siteWith('dnsmasq', 'cn01')), 'less');
    const gone = [OTHER_MENU, 'cn02.ipxe'];
    const removals = (lines: readonly string[]) => lines.filter((line) => line.includes('remove'));
    assert.equal(removals(await put('--dry-run')).sort(), [
      `would remove cn02.ipxe`,
      `would remove ${OTHER_MENU}`,
    ]);
    assert.equal(await files(), whole);
    assert.equal(removals(await put()).length, 2);
    assert.equal(
      await files(),
      whole.filter((path) => !gone.includes(path.slice(2))),
    );
    assert.ok((await put()).every((line) => line.startsWith('there ')));

    await sandbox.run(['umount', '/srv/harvgen/plant']);
    await deploy(sandbox, await treeOf(siteWith('dnsmasq')), 'none');
    assert.equal(removals(await put('--dry-run')).length, 2);
    assert.equal((await put()).sort(), ['removed cn01.ipxe', `removed ${MENU}`]);
    assert.equal(
      (await files()).filter((path) => /cn0|01-|harvgen/.test(path)),
      [],
    );
    assert.equal(await put(), []);
    assert.is(await sandbox.run(['cat', `${TFTP}/pxelinux.cfg/default`]), 'mine\n');
  } finally {
    await sandbox.close();
  }
});

test.run();
