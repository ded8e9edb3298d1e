// needs: root bash ip qemu-img qemu-storage-daemon tgtd unshare
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { harvgen } from '../support/cli.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { until } from './until.ts';

/*
 * scripts/images.sh with a real tgtd, which has each disk open. A node reads by iSCSI what the script has made; while it is
 * logged in, its disk is not replaced. With raw files, and with qcow2 files that a real qemu-storage-daemon exports as raw.
 */

const here = fileURLToPath(new URL('.', import.meta.url));
const CN01 = { name: 'cn01', ip: '10.20.0.11', target: 'iqn.2024-07.internal.harvgen:lab:cn01:rocky9' };
const DISKS = '/srv/harvgen/disks';
/** The block of the disk that contains the text of these tests. */
const BLOCK = 8;

const SITE = `site: lab
server:
  url: http://10.20.0.2
  iscsi: { format: raw }
images:
  rocky9: { source: rocky9.raw }
networks:
  mgmt: { subnet: 10.20.0.0/24, gateway: 10.20.0.254, dns: [10.20.0.254], dhcp: { server: external } }
nodes:
  cn01: { mac: 52:54:00:aa:01:01, ip: ${CN01.ip}, boot: { os: iscsi, image: rocky9, chap: none } }
`;

/** A LUN of a libvirt host, for its two virtual machines. */
const HOST_SITE = `site: lab
server: { url: http://192.168.150.1 }
host: { domain_type: qemu, luns: { backup: { size: 1Mi } } }
networks:
  mgmt: { subnet: 192.168.150.0/24, gateway: 192.168.150.1, dns: [192.168.150.1], dhcp: { server: libvirt } }
defaults: { boot: { os: local }, firmware: bios, vm: { memory: 64Mi, vcpus: 1, disks: [{ size: 64Mi }] } }
silence: { vm-too-small: nothing is installed here }
nodes:
  a-1: { mac: 52:54:00:aa:01:01, ip: 192.168.150.41 }
  b-1: { mac: 52:54:00:aa:01:02, ip: 192.168.150.42 }
`;
const LUN = 'iqn.2024-07.internal.harvgen:lab:lun-backup';

/** Runs the commands of a disk's unit, as systemd does. */
const SYSTEMCTL = `#!/usr/bin/env bash
set -euo pipefail
echo "$*" >>/run/systemctl.log
unit=\${!#}
disk=\${unit#*@}
disk=\${disk%.service}
file=/etc/systemd/system/\${unit%%@*}@.service
pid=/run/harvgen-lab-disk-$disk.pid
setting() { sed -e ':a' -e '/\\\\$/N; s/\\\\\\n//; ta' "$file" | sed -n "s/^$1=-*//p" | sed "s/%i/$disk/g"; }
case $1 in
is-active) [ -e "$pid" ] && kill -0 "$(cat "$pid")" 2>/dev/null ;;
is-enabled) [ -e "/run/enabled-$disk" ] ;;
daemon-reload) ;;
enable)
  touch "/run/enabled-$disk"
  while read -r line; do bash -c "$line" || true; done < <(setting ExecStartPre)
  bash -c "$(setting ExecStart)"
  ;;
stop)
  kill "$(cat "$pid")"
  for _ in $(seq 100); do [ -e "$pid" ] || break; sleep 0.1; done
  bash -c "$(setting ExecStopPost)" || true
  ;;
disable) rm "/run/enabled-$disk" ;;
esac
`;

const test = suite<{ sandbox: Sandbox; script: string }>('scripts/images.sh with tgtd');

for (const format of ['raw', 'qcow2']) {
  test(`${format}: a node reads the disk that the script has made`, async () => {
    const sandbox = await openSandbox();
    // The file of the disk that tgt has open.
    const file = `${DISKS}/${format === 'raw' ? '' : 'exports/'}lab-cn01.rocky9.raw`;
    try {
      const inventory = edited(SITE, ['format: raw', `format: ${format}`]);
      const images = await prepare(sandbox, inventory, CN01.name, [CN01]);
      assert.match(await images('make'), '[2/2] make the disk of cn01 from rocky9');
      assert.is(await read(sandbox), 'as imported', 'tgt has the disk without a manual step');
      assert.match(await images('snapshot', 'cn01', 'before'), /^\[1\/1\] keep cn01@before\n$/);

      await write(sandbox, file, 'changed');
      const node = await logIn(sandbox);
      assert.is(node.content, 'changed');
      assert.match(await images('status'), 'iqn.x:cn01 is logged in');
      for (const words of [
        ['roll-back', 'cn01'],
        ['reset', 'cn01'],
        ['remove', 'cn01'],
      ])
        assert.match(
          await images(...words, '--yes'),
          /iqn\.x:cn01 is logged in: turn that machine off first/,
        );
      await node.logOut();

      await images('roll-back', 'cn01', 'before', '--yes');
      assert.is(await read(sandbox), 'as imported');
      await write(sandbox, file, 'changed');
      await images('reset', 'cn01', '--yes');
      assert.is(await read(sandbox), 'as imported');
      await images('flatten', 'cn01');
      assert.is(await read(sandbox), 'as imported');
      assert.match(await images('make'), '[2/2] there: the disk of cn01');

      await images('remove', 'cn01', '--yes');
      assert.is(await sandbox.run(['tgtadm', '--lld', 'iscsi', '--mode', 'target', '--op', 'show']), '');
      const left = await sandbox.run(['find', DISKS, '-type', 'f', '-name', '*cn01*']);
      assert.is(left, '');
    } finally {
      await sandbox.close();
    }
  });
}

test('the virtual machines of a host use one LUN, and other clients are rejected', async () => {
  const sandbox = await openSandbox();
  try {
    const machines = ['a-1', 'b-1', 'other'].map((name, index) => ({
      name,
      ip: `192.168.150.${41 + index}`,
      target: LUN,
    }));
    const images = await prepare(sandbox, HOST_SITE, 'lun_backup', machines);
    assert.match(await images('make'), '[1/1] make the disk of lun_backup');
    const [first, second, other] = machines;
    const node = await logIn(sandbox, first);
    assert.is(node.content, '');
    const file = `${DISKS}/lab-lun_backup.raw`;
    assert.is((await sandbox.run(['stat', '-c', '%s', file])).trim(), `${2 ** 20}`);
    await write(sandbox, file, 'of the first');
    await node.logOut();
    const next = await logIn(sandbox, second);
    assert.is(next.content, 'of the first');
    assert.match(await images('status'), 'iqn.x:b-1 is logged in');
    await next.logOut();
    assert.is.not((await logIn(sandbox, other)).content, 'of the first');
  } finally {
    await sandbox.close();
  }
});

test.run();

/** Builds the site, installs its targets for tgt, and starts tgtd. Returns a function that returns the output of the script. */
async function prepare(
  sandbox: Sandbox,
  inventory: string,
  disk: string,
  clients: readonly Client[],
): Promise<(...words: string[]) => Promise<string>> {
  const { folder } = sandbox;
  const site = makeSite(inventory, 'lab');
  const built = harvgen(['build', '--out', join(folder, 'out'), site], folder);
  assert.is(built.code, 0, built.stderr);
  const tree = join(folder, 'out/lab');
  await sandbox.run([
    'install',
    '-D',
    '-m',
    '0600',
    `${tree}/iscsi/tgt/${disk}.conf`,
    `/etc/tgt/conf.d/harvgen-lab-${disk}.conf`,
  ]);
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/systemctl'), SYSTEMCTL);
  await chmod(join(folder, 'bin/systemctl'), 0o755);
  const raw = Buffer.alloc(2 ** 20);
  raw.write('as imported', BLOCK * 512);
  await writeFile(join(folder, 'rocky9.raw'), raw);
  await sandbox.run(['install', '-D', join(folder, 'rocky9.raw'), `${DISKS}/import/rocky9.raw`]);
  for (const { ip } of clients) await sandbox.run(['ip', 'address', 'add', `${ip}/32`, 'dev', 'lo']);
  sandbox.spawn(['tgtd', '-f'], { stdio: 'ignore' });
  await until(async () => {
    await sandbox.run(['tgtadm', '--lld', 'iscsi', '--mode', 'sys', '--op', 'show']);
    return true;
  });
  const run = 'PATH=$1/bin:$PATH; shift; "$@" 2>&1 || true';
  return (...words) =>
    sandbox.run(['bash', '-c', run, 'bash', folder, `${tree}/scripts/images.sh`, ...words]);
}

interface Client {
  readonly name: string;
  readonly ip: string;
  readonly target: string;
}

/** Logs in as a node. Returns the text that it reads, and a function to log out. */
async function logIn(sandbox: Sandbox, { name, ip, target }: Client = CN01) {
  const argv = ['iscsi-asker.mjs', ip, target, `iqn.x:${name}`, '1', `${BLOCK}`];
  const [asker = '', ...rest] = argv;
  const child = sandbox.spawn([process.execPath, join(here, asker), ...rest], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  assert.ok(child.stdout && child.stdin);
  const [content] = (await Promise.race([once(child.stdout, 'data'), once(child, 'close')])) as [Buffer];
  return {
    content: String(content).trim(),
    async logOut() {
      child.stdin?.end();
      await once(child, 'close');
    },
  };
}

async function read(sandbox: Sandbox): Promise<string> {
  const { content, logOut } = await logIn(sandbox);
  await logOut();
  return content;
}

/** Writes a text to the file of a disk. */
async function write(sandbox: Sandbox, file: string, text: string): Promise<void> {
  const command = `printf '%s\\0' '${text}' | dd of=${file} bs=512 seek=${BLOCK} conv=notrunc,fsync status=none`;
  await sandbox.run(['bash', '-c', command]);
}
