// needs: root bash flock nsenter targetcli unshare
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { ISCSI_PLANT } from '../support/iscsi-plant.ts';
import { type Edit, edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { writeTree } from '../support/write-tree.ts';

/** put-targets.sh with LIO: a stand-in replaces it, since it requires modules of the kernel. */
const test = suite('scripts/put-targets.sh, with a stand-in for LIO');
let sandbox: Sandbox;

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const sh = (script: string, ...args: string[]) => sandbox.run(['sh', '-c', script, 'sh', ...args]);
const PREPARE = `mkdir -p /etc/harvgen /srv/harvgen/disks && umask 077 && cat >/etc/harvgen/plant.iscsi <<'END'
iscsi_suffix a0b1
chap_cn01 password-of-1
chap_cn02 password-of-2
chap_cn03 password-of-3
END
cd /srv/harvgen/disks && for node in cn01 cn02; do truncate -s 4M "plant-$node.rocky9.raw"; done`;

test.before.each(async () => {
  sandbox = await openSandbox();
  await sh(PREPARE);
});

test.after.each(() => sandbox.close());

async function build(driver: string, ...edits: readonly Edit[]): Promise<void> {
  const { tree } = await compile(
    makeSite(edited(ISCSI_PLANT, ['  iscsi:\n', `  iscsi:\n    driver: ${driver}\n`], ...edits)),
  );
  if (!tree) throw new Error('the inventory has an error');
  await writeTree(`${sandbox.folder}/tree`, tree);
}

/** Runs the script with variables of the environment. Returns its status and its output. */
async function put(env: readonly string[], ...args: string[]): Promise<{ code: number; lines: string[] }> {
  const text = await sh(
    'status=0; env "$@" 2>&1 || status=$?; echo "$status"',
    ...env,
    'bash',
    `${sandbox.folder}/tree/scripts/put-targets.sh`,
    ...args,
  );
  const lines = text.split('\n').filter(Boolean);
  return { code: Number(lines.at(-1)), lines: lines.slice(0, -1).map((line) => line.replace(/: .*/, '')) };
}

test('LIO: takes no disk that tgt still has', async () => {
  await build('tgt');
  await sh(
    'mkdir -p /etc/tgt/conf.d && cp "$1" /etc/tgt/conf.d/harvgen-plant-cn01.conf',
    `${sandbox.folder}/tree/iscsi/tgt/cn01.conf`,
  );
  await build('lio');
  assert.equal(await put([]), {
    code: 2,
    lines: ['FAILED  tgt still has this target', 'first remove the targets of tgt'],
  });
});

test('LIO: disk by disk, without changes to other targets', async () => {
  await build('lio');
  await sh(
    `mkdir -p /run/python/rtslib_fb && cp "$1" /run/python/rtslib_fb/__init__.py
    echo 'default_save_file = "/run/saved.json"' >/run/python/rtslib_fb/root.py
    echo '{"targets": [{"wwn": "iqn.2001-01.org.example:mine"}]}' >/run/saved.json`,
    fileOf('rtslib-stand-in.py'),
  );
  const env = ['PYTHONPATH=/run/python'];
  const [one, two, three] = ['cn01', 'cn02', 'cn03'].map((node) => `plant-${node}.rocky9`);
  assert.equal(await put(env, '--dry-run'), {
    code: 1,
    lines: [`would   put ${one}`, `would   put ${two}`, `FAILED  ${three}`],
  });
  assert.equal(await put(env), { code: 1, lines: [`FAILED  ${three}`, `put     ${one}`, `put     ${two}`] });
  await sh('truncate -s 4M /srv/harvgen/disks/plant-cn03.rocky9.raw');
  assert.equal(await put(env), { code: 0, lines: [`there   ${one}`, `there   ${two}`, `put     ${three}`] });
  await sh('sed -i s/password-of-2/another-one-2/ /etc/harvgen/plant.iscsi');
  const busy = [...env, 'LOGGED_IN=iqn.2024-07.internal.harvgen:plant:cn02'];
  assert.equal(await put(busy), { code: 1, lines: [`there   ${one}`, `FAILED  ${two}`, `there   ${three}`] });
  assert.equal(await put(env), { code: 0, lines: [`there   ${one}`, `there   ${three}`, `put     ${two}`] });
  const names = "import json; print(*(one['wwn'] for one in json.load(open('/run/saved.json'))['targets']))";
  const of = (node: string) => `iqn.2024-07.internal.harvgen:plant:${node}:rocky9:a0b1`;
  assert.is(
    await sh('/usr/bin/python3 -c "$1"', names),
    `iqn.2001-01.org.example:mine ${of('cn01')} ${of('cn02')} ${of('cn03')}\n`,
  );
  await sh('rm -r "$1"', `${sandbox.folder}/tree/iscsi`);
  assert.equal(await put(env), { code: 0, lines: [one, two, three].map((name) => `removed ${name}`) });
  assert.is(await sh('/usr/bin/python3 -c "$1"', names), 'iqn.2001-01.org.example:mine\n');
});

test('LIO: Ceph images are mapped before they are served, and unmapped afterwards', async () => {
  await build('lio', ['    driver: lio\n', '    driver: lio\n    rbd: { pool: bmi }\n']);
  // The kernel has no such devices: files replace them.
  await sh(
    `mkdir -p /run/python/rtslib_fb /run/bin /run/rbd/bmi && cp "$1" /run/python/rtslib_fb/__init__.py
    echo 'default_save_file = "/run/saved.json"' >/run/python/rtslib_fb/root.py
    printf '#!/bin/sh\\ncase $1 in map) touch "/run/rbd/$2" ;; unmap) rm "$2" ;; esac\\n' >/run/bin/rbd && chmod +x /run/bin/*
    sed -i s:/dev/rbd/:/run/rbd/: "$2/scripts/put-targets.sh" "$2/iscsi/lio/saveconfig.json"
    mkdir -p /etc/ceph && echo 'bmi/mine id=me' >/etc/ceph/rbdmap`,
    fileOf('rtslib-stand-in.py'),
    `${sandbox.folder}/tree`,
  );
  const env = [`PATH=/run/bin:${process.env.PATH}`, 'PYTHONPATH=/run/python'];
  const disks = ['cn01', 'cn02', 'cn03'].map((node) => `plant-${node}.rocky9`);
  const images = disks.map((disk) => `bmi/${disk}`);
  assert.equal(await put(env), {
    code: 0,
    lines: [...images.map((image) => `mapped  ${image}`), ...disks.map((disk) => `put     ${disk}`)],
  });
  const lines = images.map((image) => `${image} id=admin,conf=/etc/ceph/ceph.conf\n`).join('');
  assert.is(
    await sh('cat /etc/ceph/rbdmap'),
    `bmi/mine id=me\n# harvgen plant begins\n${lines}# harvgen plant ends\n`,
  );
  await sh('rm -r "$1"', `${sandbox.folder}/tree/iscsi`);
  assert.equal(await put(env), {
    code: 0,
    lines: [...disks.map((disk) => `removed ${disk}`), ...images.map((image) => `unmapped ${image}`)],
  });
  assert.equal(await put(env), { code: 0, lines: [] });
  assert.is(await sh('cat /etc/ceph/rbdmap; ls /run/rbd/bmi'), 'bmi/mine id=me\n');
});

test.run();
