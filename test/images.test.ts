// needs: bash mkfs.ext4 qemu-img
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { textOf } from '../src/tree/tree.ts';
import { edited } from './support/plant.ts';
import { makeSite, scratchFolder } from './support/scratch.ts';

/*
 * scripts/images.sh on plain files, and with a stand-in for Ceph's rbd that keeps a pool in a directory. Both run again with a
 * kill at each of their changes. A stand-in for tgt reports logins.
 */

const support = fileURLToPath(new URL('support/', import.meta.url));

const SITE = `site: lab
server:
  url: http://10.20.0.1
  iscsi: STORE
images:
  rocky9: { source: IMPORT }
  tuned: { snapshot_of: cn01 }
networks:
  mgmt: { subnet: 10.20.0.0/24, gateway: 10.20.0.254, dns: [10.20.0.254], dhcp: { server: external } }
nodes:
  cn01: { mac: 52:54:00:aa:01:01, ip: 10.20.0.11, boot: { os: iscsi, image: rocky9, size: 3Mi } }
  cn02: { mac: 52:54:00:aa:01:02, ip: 10.20.0.12, boot: { os: iscsi, image: rocky9 } }
`;
const MIB = 2 ** 20;
const CN01 = 'lab-cn01.rocky9';
const CN02 = 'lab-cn02.rocky9';
const IMAGE = 'lab-image.rocky9';
const TUNED = 'lab-image.tuned';

/** Programs that change files; a kill ends them together with the script. */
const CHANGING = ['chmod', 'cp', 'mv', 'qemu-img', 'rm', 'sync', 'truncate'];

/** A store, the script, and stand-ins for programs. */
interface Lab {
  readonly home: string;
  readonly kind: 'files' | 'rbd';
  readonly script: string;
  readonly store: string;
}

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const test = suite('scripts/images.sh');

test('on plain files: makes missing images and disks, and nothing the second time', async () => {
  const lab = await openLab('files');
  assert.equal(images(lab), {
    code: 1,
    out: `missing  image rocky9 (${IMAGE})
waits    image tuned (${TUNED}): images.sh image tuned makes it from the disk of cn01
missing  disk of cn01 (${CN01}, of rocky9)
missing  disk of cn02 (${CN02}, of rocky9)
`,
    err: '',
  });
  assert.match(images(lab, '--dry-run', 'make').err, /^\[1\/4\] would import image rocky9/);
  assert.equal(readdirSync(lab.store), ['import']);
  const { code, err } = images(lab, 'make');
  assert.is(code, 0, err);
  assert.is(
    err,
    `[1/4] import image rocky9 from ${lab.store}/import/rocky9.qcow2
[2/4] waits: image tuned, made from the disk of cn01. When the disk is ready, run images.sh image tuned
[3/4] make the disk of cn01 from rocky9
[4/4] make the disk of cn02 from rocky9
`,
  );
  const made = stateOf(lab);
  assert.equal(Object.keys(made), [CN01, CN02, IMAGE]);
  assert.is(made[CN02], made[IMAGE]);
  assert.is(statSync(dataOf(lab, CN01)).size, 3 * MIB);
  assert.equal(contentOf(lab, CN01).subarray(0, 2 * MIB), contentOf(lab, IMAGE), 'extended at its end');
  assert.equal(
    [IMAGE, CN01].map((name) => statSync(dataOf(lab, name)).mode & 0o777),
    [0o400, 0o600],
  );
  const before = statSync(dataOf(lab, CN01)).ino;
  assert.match(images(lab, 'make').err, '[3/4] there: the disk of cn01\n');
  assert.is(statSync(dataOf(lab, CN01)).ino, before);
  assert.equal(stateOf(lab), made);
  assert.match(
    images(lab).out,
    /^there {4}image rocky9.*there {4}disk of cn02 \(lab-cn02.rocky9, of rocky9\)\n$/s,
  );
});

for (const kind of ['files', 'rbd'] as const) {
  test(`${kind}: keeps, rolls back, remakes and removes, repeatedly; loses nothing without --yes`, async () => {
    const lab = await openLab(kind);
    done(lab, 'make');
    const fresh = stateOf(lab);
    done(lab, 'snapshot', 'cn01', 'before');
    assert.match(
      images(lab, 'snapshot', 'cn01', 'before').err,
      /there: cn01@before, of .*2026|there: cn01@before, of 20/,
    );
    assert.match(images(lab, 'snapshots', 'cn01').out, /^before .*\n$/);
    write(lab, CN01, 'changed');
    const changed = stateOf(lab);
    refused(lab, changed, 'roll-back', 'cn01');
    done(lab, 'roll-back', 'cn01', '--yes');
    assert.is(stateOf(lab)[CN01], fresh[CN01]);
    done(lab, 'roll-back', 'cn01', 'before', '--yes');
    assert.is(stateOf(lab)[CN01], fresh[CN01]);
    assert.match(
      images(lab, 'roll-back', 'cn01', 'after', '--yes').err,
      'cn01 has no snapshot after; its snapshots: before',
    );

    write(lab, CN01, 'tuned');
    done(lab, 'image', 'tuned');
    assert.is(stateOf(lab)[TUNED], stateOf(lab)[CN01]);
    if (kind === 'files') assert.is(statSync(dataOf(lab, TUNED)).mode & 0o777, 0o400);
    assert.match(images(lab, 'image', 'tuned').err, 'there: image tuned');

    refused(lab, stateOf(lab), 'remove', 'cn01@before');
    done(lab, 'remove', 'cn01@before', '--yes');
    done(lab, 'remove', 'cn01@before', '--yes');
    assert.is(images(lab, 'snapshots', 'cn01').out, '');
    refused(lab, stateOf(lab), 'reset', 'cn01');
    done(lab, 'reset', 'cn01', '--yes');
    assert.is(stateOf(lab)[CN01], fresh[CN01]);

    const file = join(lab.home, 'tuned.qcow2');
    done(lab, 'export', 'tuned', file);
    assert.is(images(lab, 'export', 'tuned', file).code, 1, 'the file exists');
    execFileSync('qemu-img', ['convert', '-O', 'raw', file, `${file}.raw`]);
    assert.equal(readFileSync(`${file}.raw`), contentOf(lab, TUNED));

    refused(lab, stateOf(lab), 'remove', 'cn02');
    done(lab, 'flatten', 'cn01');
    done(lab, 'flatten', 'cn01');
    done(lab, 'remove', 'cn02', '--yes');
    done(lab, 'remove', 'cn02', '--yes');
    done(lab, 'remove', TUNED, '--yes');
    assert.equal(Object.keys(stateOf(lab)), [CN01, IMAGE]);
    assert.match(images(lab, 'remove', 'cn07').err, 'unknown node, image or disk cn07');
  });

  test(`${kind}: disks that are not in the inventory are listed, and removed on request`, async () => {
    const lab = await openLab(kind);
    done(lab, 'make');
    done(lab, 'snapshot', 'cn02', 'kept');
    assert.is(images(lab, 'orphans').out, '');
    const [, cn02 = ''] = /\n( {2}cn02: .*)\n/.exec(SITE) ?? [];
    const fewer = { ...lab, script: await scriptOf(lab, edited(SITE, [cn02, ''])) };
    // Unmanaged files, with similar names.
    const unmanaged = kind === 'files' ? 'lab-b-cn01.rocky9.raw' : 'lab-b-cn01.rocky9';
    if (kind === 'files') writeFileSync(join(lab.store, unmanaged), 'mine');
    else cpSync(join(lab.store, IMAGE), join(lab.store, unmanaged), { recursive: true });
    if (kind === 'rbd') rmSync(join(lab.store, unmanaged, 'meta/harvgen'));
    assert.is(images(fewer, 'orphans').out, `${CN02}\n`);
    assert.match(images(fewer).out, `orphan   ${CN02}: no longer in the inventory; prune removes it\n`);
    refused(fewer, stateOf(fewer), 'prune');
    done(fewer, 'prune', '--yes');
    done(fewer, 'prune', '--yes');
    assert.ok(existsSync(join(lab.store, unmanaged)));
    assert.not.ok(Object.keys(stateOf(fewer)).some((name) => name.startsWith(CN02)));
  });

  test(`${kind}: a disk with a login, or open in another program, stays unchanged`, async () => {
    const lab = await openLab(kind);
    done(lab, 'make');
    done(lab, 'snapshot', 'cn01', 'before');
    write(lab, CN01, 'changed');
    const changed = stateOf(lab);
    const backing = kind === 'files' ? dataOf(lab, CN01) : `bmi/${CN01}`;
    tgtShows(lab, backing, 'iqn.2024-07.internal.harvgen:lab:cn01');
    assert.match(images(lab).out, `${CN01}, of rocky9, iqn.2024-07.internal.harvgen:lab:cn01 is logged in)`);
    for (const words of [
      ['roll-back', 'cn01'],
      ['reset', 'cn01'],
      ['remove', 'cn01'],
    ]) {
      const { code, err } = images(lab, ...words, '--yes');
      assert.is(code, 1);
      if (words[0] !== 'reset' || kind === 'files')
        assert.match(
          err,
          `${CN01}: iqn.2024-07.internal.harvgen:lab:cn01 is logged in: turn that machine off first`,
        );
      assert.equal(stateOf(lab), changed);
    }
    assert.not.ok(existsSync(join(lab.home, 'tgt-admin.log')));
    for (const words of [
      ['roll-back', 'cn01', '--force'],
      ['prune', '--yes', '--force'],
    ])
      assert.is(images(lab, ...words).code, 2, '--force requires the name of a disk');
    done(lab, 'roll-back', 'cn01', '--yes', '--force');
    assert.is(
      readFileSync(join(lab.home, 'tgt-admin.log'), 'utf8'),
      '--force --delete iqn.x:lab:cn01:rocky9\n',
    );
    rmSync(join(lab.home, 'tgt-admin.log'));
    write(lab, CN01, 'changed');

    // No client is logged in: tgt drops the target by its name.
    tgtShows(lab, backing, '');
    done(lab, 'roll-back', 'cn01', '--yes');
    assert.is(readFileSync(join(lab.home, 'tgt-admin.log'), 'utf8'), '--delete iqn.x:lab:cn01:rocky9\n');

    write(lab, CN01, 'changed');
    const open = kind === 'files' ? openSync(dataOf(lab, CN01), 'r') : undefined;
    if (kind === 'rbd') writeFileSync(join(lab.store, CN01, 'watcher'), '10.20.0.2:0/77');
    const { code, err } = images(lab, 'roll-back', 'cn01', '--yes');
    assert.is(code, 1);
    assert.match(err, kind === 'files' ? `(process ${process.pid})` : 'is in use by 10.20.0.2:0/77');
    if (open !== undefined) closeSync(open);
  });

  test(`${kind}: killed at any change, the same command completes it`, async () => {
    const lab = await openLab(kind);
    const empty = copyOf(lab);
    done(lab, 'make');
    done(lab, 'snapshot', 'cn01', 'before');
    write(lab, CN01, 'changed');
    write(lab, CN02, 'changed');
    const full = copyOf(lab);
    const cases: readonly (readonly [string, ...string[]])[] = [
      [empty, 'make'],
      [full, 'snapshot', 'cn02', 'now'],
      [full, 'roll-back', 'cn01', 'before', '--yes'],
      [full, 'image', 'tuned'],
      [full, 'reset', 'cn02', '--yes'],
      [full, 'remove', 'cn01', '--yes'],
      ...(kind === 'rbd' ? ([[full, 'flatten', 'cn01']] as const) : []),
    ];
    for (const [from, ...words] of cases) {
      restore(lab, from);
      done(lab, ...words);
      const whole = stateOf(lab);
      let kills = 0;
      for (;;) {
        restore(lab, from);
        const { code } = images(lab, ...words, { KILL: `${kills + 1}` });
        if (code === 0) break;
        kills += 1;
        assert.is(code, null, 'killed');
        done(lab, ...words);
        assert.equal(stateOf(lab), whole, `${words.join(' ')}, killed at change ${kills}`);
      }
      assert.ok(kills > 0, words.join(' '));
    }
  });
}

test('rbd: sends the same requests to Ceph as BMI', async () => {
  const lab = await openLab('rbd');
  done(lab, 'make');
  assert.equal(changes(lab), [
    `import --image-feature layering RAW bmi/${IMAGE}+new --no-progress`,
    `image-meta set bmi/${IMAGE}+new harvgen lab`,
    `rename bmi/${IMAGE}+new bmi/${IMAGE}`,
    `snap create bmi/${IMAGE}@harvgen`,
    `snap protect bmi/${IMAGE}@harvgen`,
    `clone --image-feature layering bmi/${IMAGE}@harvgen bmi/${CN01}+new`,
    `image-meta set bmi/${CN01}+new harvgen lab`,
    `resize --size 3M bmi/${CN01}+new --no-progress`,
    `rename bmi/${CN01}+new bmi/${CN01}`,
    `clone --image-feature layering bmi/${IMAGE}@harvgen bmi/${CN02}+new`,
    `image-meta set bmi/${CN02}+new harvgen lab`,
    `rename bmi/${CN02}+new bmi/${CN02}`,
  ]);
  done(lab, 'make');
  assert.equal(changes(lab), []);
  done(lab, 'image', 'tuned');
  assert.equal(changes(lab), [
    `snap create bmi/${CN01}@harvgen`,
    `snap protect bmi/${CN01}@harvgen`,
    `clone --image-feature layering bmi/${CN01}@harvgen bmi/${TUNED}+new`,
    `image-meta set bmi/${TUNED}+new harvgen lab`,
    `flatten bmi/${TUNED}+new --no-progress`,
    `snap unprotect bmi/${CN01}@harvgen`,
    `snap rm bmi/${CN01}@harvgen`,
    `rename bmi/${TUNED}+new bmi/${TUNED}`,
    `snap create bmi/${TUNED}@harvgen`,
    `snap protect bmi/${TUNED}@harvgen`,
  ]);
  done(lab, 'snapshot', 'cn01', 'before');
  done(lab, 'roll-back', 'cn01', '--yes');
  assert.equal(changes(lab), [
    `snap create bmi/${CN01}@before`,
    `rename bmi/${CN01} bmi/${CN01}+half`,
    `snap rollback bmi/${CN01}+half@before --no-progress`,
    `rename bmi/${CN01}+half bmi/${CN01}`,
  ]);
  assert.match(
    images(lab, 'remove', 'rocky9', '--yes').err,
    `shares blocks with ${CN01} ${CN02}: flatten or remove`,
  );
  assert.equal(changes(lab), []);
  done(lab, 'remove', 'cn01', '--yes');
  assert.equal(changes(lab), [`snap rm bmi/${CN01}@before`, `rm bmi/${CN01} --no-progress`]);
});

test('rbd: a partly rolled-back disk is not used before the rollback is complete', async () => {
  const lab = await openLab('rbd');
  done(lab, 'make');
  done(lab, 'snapshot', 'cn01', 'before');
  rmSync(`${lab.store}.changes`, { force: true });
  assert.is(images(lab, 'roll-back', 'cn01', '--yes', { KILL: '2' }).code, null);
  assert.match(images(lab).out, `half     disk of cn01 (${CN01}, of rocky9): its rollback is incomplete\n`);
  assert.match(
    images(lab, 'make').err,
    'FAILED  [3/4] the rollback of the disk of cn01 is incomplete: run images.sh roll-back cn01 again',
  );
  assert.match(images(lab, 'snapshot', 'cn01').err, 'the rollback of the disk of cn01 is incomplete');
  done(lab, 'roll-back', 'cn01', '--yes');
  assert.is(images(lab, 'make').code, 0);
});

test('two runs never overlap', async () => {
  const lab = await openLab('files');
  const lock = `exec 9>'${lab.store}/.harvgen-lab.lock'; flock 9; '${lab.script}' make; exit $?`;
  const { status, stderr } = spawnSync('bash', ['-c', lock], { encoding: 'utf8', env: envOf(lab) });
  assert.is(status, 1);
  assert.is(stderr, 'another images.sh of lab is running: wait for it\n');
  assert.is(images(lab).code, 1, 'status waits for no lock');
});

test('rejects sources that are not images', async () => {
  const lab = await openLab('files');
  const source = join(lab.store, 'import/rocky9.qcow2');
  const whole = join(lab.store, 'import/whole.qcow2');
  copyFileSync(source, whole);
  const makeErrors = () => images(lab, 'make').err;
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', whole, '-F', 'qcow2', source]);
  assert.match(
    makeErrors(),
    `FAILED  ${source} refers to another file: convert it to a complete one first (qemu-img convert -O qcow2)`,
  );
  writeFileSync(source, Buffer.from('1f8b0800', 'hex'));
  assert.match(makeErrors(), `${source} is compressed, or neither raw nor qcow2: decompress or convert it`);
  rmSync(source);
  assert.match(makeErrors(), `its source ${source} does not exist`);
  assert.equal(Object.keys(stateOf(lab)), []);
  // A raw source is used unchanged, in whole sectors.
  writeFileSync(source, 'x'.repeat(700));
  done(lab, 'make');
  assert.is(statSync(dataOf(lab, IMAGE)).size, 1024);
});

test('disks of other sites are not removed, but partly made disks of removed nodes are', async () => {
  const lab = await openLab('files');
  done(lab, 'make');
  const other = 'lab-b-cn01.rocky9';
  writeFileSync(dataOf(lab, other), 'of the site lab-b');
  writeFileSync(dataOf(lab, `${CN02}+new`), 'half');
  const { code, err } = images(lab, 'remove', other, '--yes');
  assert.is(code, 1);
  assert.match(err, `${other} does not belong to this site`);
  rmSync(dataOf(lab, CN02));
  const fewer = { ...lab, script: await scriptOf(lab, SITE.replace(/ {2}cn02.*\n/, '')) };
  assert.is(images(fewer, 'orphans').out, `${CN02}+new\n`);
  done(fewer, 'prune', '--yes');
  assert.equal(
    [other, CN01, `${CN02}+new`].map((name) => existsSync(dataOf(lab, name))),
    [true, true, false],
  );
});

for (const kind of ['files', 'rbd'] as const)
  test(`${kind}: finds images and disks with another prefix, and keeps unmanaged ones`, async () => {
    const lab = await openLab(kind);
    done(lab, 'make');
    if (kind === 'files') writeFileSync(join(lab.store, 'mine.raw'), 'mine');
    const odd = { ...lab, script: await scriptOf(lab, SITE.replace('iscsi: STORE', 'iscsi: STORE # x')) };
    writeFileSync(odd.script, readFileSync(odd.script, 'utf8').replaceAll('lab-', 'x-'));
    assert.is(images(odd, 'orphans').out, `${CN01}\n${CN02}\n${IMAGE}\n`);
    done(odd, 'make');
    done(odd, 'prune', '--yes');
    assert.equal(Object.keys(stateOf(odd)), [
      ...(kind === 'files' ? ['mine'] : []),
      'x-cn01.rocky9',
      'x-cn02.rocky9',
      'x-image.rocky9',
    ]);
  });

test('a disk in another format is not made again, and is removed after its conversion', async () => {
  const lab = await openLab('files');
  program(lab, 'systemctl', 'exit 0');
  done(lab, 'make');
  write(lab, CN01, 'a system');
  const before = readFileSync(dataOf(lab, CN01));
  const inventory = SITE.replace('iscsi: STORE', 'iscsi: { files: FOLDER, format: qcow2 } # STORE');
  const other = { ...lab, script: await scriptOf(lab, inventory.replace('FOLDER', lab.store)) };
  const { code, err } = images(other, 'make');
  assert.is(code, 1);
  assert.is(err.match(/it exists in another format and is not replaced/g)?.length, 3, err);
  assert.match(images(other).out, `before   disk of cn01 (${CN01}, of rocky9): it exists in another format`);
  assert.is(images(other, 'orphans').out, '');
  assert.is(images(other, 'prune', '--yes').code, 0);
  for (const [line] of err.matchAll(/^ {2}qemu-img convert .*$/gm))
    execFileSync('bash', ['-c', line], { env: envOf(other) });
  done(other, 'make');
  const file = join(lab.home, 'cn01.raw');
  done(other, 'export', 'cn01', file);
  assert.equal(readFileSync(file), before);
  assert.is(images(other, 'orphans').out, `${CN01}+before\n${CN02}+before\n${IMAGE}+before\n`);
  done(other, 'prune', '--yes');
  assert.equal(
    readdirSync(lab.store)
      .filter((name) => /^lab-/.test(name))
      .sort(),
    [`${CN01}.qcow2`, `${CN02}.qcow2`, `${IMAGE}.qcow2`],
  );
  // Converts back, but one disk uses the image as its backing file, so the image stays as long as the disk.
  rmSync(dataOf(lab, CN02), { force: true });
  rmSync(join(lab.store, `${CN02}.qcow2`));
  done(other, 'reset', 'cn02', '--yes');
  execFileSync('qemu-img', ['convert', '-O', 'raw', join(lab.store, `${IMAGE}.qcow2`), dataOf(lab, IMAGE)]);
  assert.is(images(lab, 'orphans').out, `${IMAGE}+before\n`);
  assert.match(images(lab, 'prune', '--yes').err, `shares blocks with ${CN02}`);
});

test('a disk waits for an image that waits; a disk on an external target is skipped', async () => {
  const lab = await openLab('files');
  const inventory = SITE.replace(/( {2}cn02: .*)image: rocky9(.*)\n/, '$1image: tuned$2\n').concat(
    '  cn03: { mac: 52:54:00:aa:01:03, ip: 10.20.0.13, boot: { os: iscsi, target: iqn.2001-05.com.example:lun-7, server: 10.20.0.9 } }\n',
  );
  const waiting = { ...lab, script: await scriptOf(lab, inventory) };
  const { code, err } = images(waiting, 'make');
  assert.is(code, 0, err);
  assert.match(err, '[4/4] waits: the disk of cn02, for image tuned\n');
  const shown = images(waiting);
  assert.is(shown.code, 0);
  assert.match(shown.out, 'waits    disk of cn02 (lab-cn02.tuned, of tuned)\n');
  done(waiting, 'image', 'tuned');
  done(waiting, 'make');
  assert.match(
    images(waiting, 'make', 'cn03').err,
    'the disk of cn03 is at an external target on 10.20.0.9, not in this store',
  );
});

for (const kind of ['files', 'rbd', 'qcow2'] as const)
  test(`${kind}: a dry run prints every command of the run, and executes none`, async () => {
    const plain = await openLab(kind === 'rbd' ? 'rbd' : 'files');
    const qcow2 = SITE.replace('iscsi: STORE', `iscsi: { files: ${plain.store}, format: qcow2 } # STORE`);
    const lab = kind === 'qcow2' ? { ...plain, script: await scriptOf(plain, qcow2) } : plain;
    const log = join(lab.home, 'commands.log');
    // Logs each command in the form in which a dry run prints it. No directory of tests has shared blocks.
    const logging = `printf -v words ' %q' "\${0##*/}" "$@"; echo "$words" >>'${log}'`;
    const isQuery =
      '[[ " $* " =~ \\ (info|ls|status|children|is-active|is-enabled)\\  || " $* " == *"image-meta get"* ]]';
    const real = `PATH=\${PATH#*:} exec "\${0##*/}" "$@"`;
    for (const name of [...CHANGING, 'install', 'systemctl', 'rbd']) {
      rmSync(join(lab.home, 'bin', name), { force: true });
      const runs = name === 'rbd' ? `PATH=\${PATH#*:} exec '${join(support, 'rbd-stand-in.sh')}' "$@"` : real;
      const isStandIn = ['sync', 'install', 'systemctl'].includes(name);
      const unit =
        name === 'systemctl'
          ? `case $1 in stop) touch '${log}.off' ;; enable) rm -f '${log}.off' ;; is-active) [ ! -e '${log}.off' ] ;; esac`
          : '';
      program(
        lab,
        name,
        `${isQuery} || { ${logging}; }\n[[ "$*" != *--reflink=always* ]] || exit 1\n${isStandIn ? unit : runs}`,
      );
    }
    const logged = () => {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
      rmSync(log, { force: true });
      // Calls for the record of made files, and those of the stand-ins.
      return lines.filter((line) => !line.includes('/.harvgen-lab') && !line.includes(log));
    };
    const cases = [
      ['make'],
      ['snapshot', 'cn01', 'before'],
      ['roll-back', 'cn01', 'before', '--yes'],
      ['image', 'tuned'],
      ['export', 'cn02', join(lab.home, 'cn02.qcow2')],
      ['flatten', 'cn01'],
      ['reset', 'cn02', '--yes'],
      ['remove', 'cn02', '--yes'],
    ];
    for (const words of cases) {
      const { err } = images(lab, '--dry-run', ...words);
      assert.equal(logged(), [], words.join(' '));
      done(lab, ...words);
      const would = Array.from(err.matchAll(/^ {2}would:(.*)$/gm), ([, command = '']) => command);
      assert.equal(would, logged(), words.join(' '));
    }
  });

test('an image can be named like a suffix of incomplete ones', async () => {
  const lab = await openLab('files');
  const inventory = SITE.replaceAll('rocky9', 'new').replace('tuned', 'half');
  const odd = { ...lab, script: await scriptOf(lab, inventory) };
  done(odd, 'make');
  done(odd, 'image', 'half');
  assert.equal(Object.keys(stateOf(lab)), [
    'lab-cn01.new',
    'lab-cn02.new',
    'lab-image.half',
    'lab-image.new',
  ]);
  assert.is(images(odd, 'orphans').out, '');
});

test('an invalid command line is reported', async () => {
  const lab = await openLab('files');
  const invalid = [['foo'], ['--foo'], ['remove'], ['status', 'cn01'], ['snapshot', 'cn01', 'a', 'b']];
  for (const words of invalid) assert.is(images(lab, ...words).code, 2, `${words}`);
  assert.match(images(lab, '--help').out, '  roll-back NODE [NAME]     ');
  done(lab, 'make');
  for (const name of ['harvgen', 'a/b', '-a', '@'])
    assert.is(images(lab, 'snapshot', 'cn01', name).code, 2, name);
  assert.match(images(lab, 'make', 'cn07').err, 'the inventory contains no diskless node cn07');
});

test.run();

/** Makes a store with an image to import, the script of the site, and stand-ins for tgt and rbd. */
async function openLab(kind: Lab['kind']): Promise<Lab> {
  const home = scratchFolder();
  const store = join(home, kind === 'files' ? 'disks' : 'bmi');
  mkdirSync(join(kind === 'files' ? store : home, 'import'), { recursive: true });
  mkdirSync(store, { recursive: true });
  mkdirSync(join(home, 'bin'));
  const raw = join(home, 'rocky9.raw');
  writeFileSync(raw, 'the system of rocky9');
  truncateSync(raw, 2 * MIB);
  const lab = { home, kind, store, script: '' };
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, sourceOf(lab)]);
  symlinkSync(join(support, 'rbd-stand-in.sh'), join(home, 'bin/rbd'));
  program(lab, 'tgtadm', `[[ "$*" == *'--mode target'* ]] && cat '${home}/tgt.show' 2>/dev/null || exit 107`);
  program(lab, 'tgt-admin', `echo "$*" >>'${home}/tgt-admin.log'\nrm -f '${home}/tgt.show'`);
  if (kind === 'files') {
    for (const name of CHANGING) symlinkSync(join(support, 'killer.sh'), join(home, 'bin', name));
  }
  return { ...lab, script: await scriptOf(lab, SITE) };
}

function program({ home }: Lab, name: string, text: string): void {
  writeFileSync(join(home, 'bin', name), `#!/usr/bin/env bash\n${text}\n`);
  chmodSync(join(home, 'bin', name), 0o755);
}

const sourceOf = ({ kind, store, home }: Lab) => join(kind === 'files' ? store : home, 'import/rocky9.qcow2');

/** Compiles an inventory with the lab's store, and writes its script. Returns the script's path. */
async function scriptOf(lab: Lab, inventory: string): Promise<string> {
  const { kind, store, home } = lab;
  const text = edited(
    inventory,
    [
      'STORE',
      kind === 'files' ? `{ files: ${store} }` : '{ rbd: { pool: bmi, id: bmi, keyring: /etc/ceph/bmi } }',
    ],
    ['IMPORT', kind === 'files' ? 'rocky9.qcow2' : sourceOf(lab)],
  );
  const { tree, diagnostics } = await compile(makeSite(text, 'lab'));
  const script = tree?.get('scripts/images.sh');
  assert.ok(script, diagnostics.map(({ message }) => message).join('\n'));
  const path = join(home, `images-${readdirSync(home).length}.sh`);
  writeFileSync(path, textOf(script), { mode: 0o755 });
  return path;
}

function envOf({ home, store }: Lab): Record<string, string> {
  return {
    PATH: `${join(home, 'bin')}:${process.env.PATH}`,
    HOME: home,
    RBD_POOL: store,
    KILL_COUNT: join(home, 'count'),
  };
}

/** Runs the script with arguments, and with additional environment variables. */
function images(lab: Lab, ...words: readonly (string | Record<string, string>)[]): Result {
  const args = words.filter((word) => typeof word === 'string');
  const added: Record<string, string> = Object.assign(
    {},
    ...words.filter((word) => typeof word !== 'string'),
  );
  rmSync(join(lab.home, 'count'), { force: true });
  rmSync(`${lab.store}.changes`, { force: true });
  const env = { ...envOf(lab), ...added };
  const { status, stdout, stderr } = spawnSync(lab.script, args, { encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}

/** Runs the script, which must succeed. */
function done(lab: Lab, ...words: readonly string[]): void {
  const { code, err } = images(lab, ...words);
  assert.is(code, 0, `${words.join(' ')}: ${err}`);
}

/** Runs the script without --yes: it reports the steps, and changes nothing. */
function refused(lab: Lab, state: Readonly<Record<string, string>>, ...words: readonly string[]): void {
  const { code, err } = images(lab, ...words);
  assert.is(code, 1, err);
  assert.match(err, /is lost.*nothing is changed without --yes; the steps would be:\n\[1\/1\] would /s);
  assert.equal(stateOf(lab), state);
}

/** Sets the report of tgt: one target, and its initiator. */
function tgtShows({ home }: Lab, backing: string, initiator: string): void {
  const session = `        I_T nexus: 1
            Initiator: ${initiator} alias: none
            Connection: 0
                IP Address: 10.20.0.11
`;
  writeFileSync(
    join(home, 'tgt.show'),
    `Target 1: iqn.x:lab:cn01:rocky9
    System information:
        Driver: iscsi
        State: ready
    I_T nexus information:
${initiator ? session : ''}    LUN information:
        LUN: 0
            Backing store path: None
        LUN: 1
            Backing store path: ${backing}
            Backing store flags: 
`,
  );
}

/** Returns the path of the data of an image or disk. */
const dataOf = ({ kind, store }: Lab, name: string) =>
  join(store, kind === 'files' ? `${name}.raw` : `${name}/data`);

const contentOf = (lab: Lab, name: string) => readFileSync(dataOf(lab, name));

function write(lab: Lab, name: string, text: string): void {
  const content = contentOf(lab, name);
  content.write(text, 4096);
  writeFileSync(dataOf(lab, name), content);
}

/** Returns the digests of all data in a store by name, sorted; in a pool, also those of its metadata. */
function stateOf({ kind, store }: Lab): Record<string, string> {
  const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 12);
  const entries = readdirSync(store, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(store.length + 1))
    .filter((path) => !path.startsWith('.') && !path.startsWith('import/'))
    .map((path) => [path, digest(join(store, path))] as const);
  if (kind === 'files')
    return Object.fromEntries(entries.map(([path, sum]) => [path.replace(/\.raw$/, ''), sum]).sort());
  const state = new Map<string, string[]>();
  for (const [path, sum] of entries) {
    const [name = '', ...rest] = path.split('/');
    // Each disk also has metadata of this site, which does not depend on its contents.
    if (rest.join('/') === 'data') state.set(name, [sum, ...(state.get(name) ?? [])]);
  }
  return Object.fromEntries([...state].map(([name, [sum = '']]) => [name, sum] as const).sort());
}

/** Copies a store; returns the path of the copy. */
function copyOf({ store }: Lab): string {
  const copy = join(scratchFolder(), 'store');
  execFileSync('cp', ['-a', store, copy]);
  return copy;
}

function restore({ store }: Lab, copy: string): void {
  rmSync(store, { recursive: true });
  execFileSync('cp', ['-a', copy, store]);
}

/** Returns the changes that the pool received since the last call, without the options for the cluster. */
function changes({ store }: Lab): string[] {
  const log = readFileSync(`${store}.log`, 'utf8');
  rmSync(`${store}.log`);
  const known = '--id bmi --conf /etc/ceph/ceph.conf --keyring /etc/ceph/bmi ';
  return log
    .trimEnd()
    .split('\n')
    .map((line) => {
      assert.ok(line.startsWith(known), line);
      return line.slice(known.length).replace(/ \/\S+/, ' RAW');
    })
    .filter((line) => !/^(?:ls|info|status|children|snap ls|image-meta get)\b/.test(line));
}
