import { execFileSync } from 'node:child_process';
import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder, writeFiles } from './scratch.ts';

/** The result of a boot. */
export interface Booted {
  /** Mode, owner and content of each file, by its path. */
  readonly files: Readonly<Record<string, string>>;
  /** The commands that ran, of those that only a node has. */
  readonly commands: readonly string[];
}

/** The image of a node, as far as the stages read or write it. */
const IMAGE = {
  'etc/environment': '',
  'etc/group': 'root:x:0:\nrancher:x:1000:\n',
  'etc/hosts': '127.0.0.1 localhost\n',
  'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nrancher:x:1000:1000::/home/rancher:/bin/bash\n',
  'etc/shadow': 'root:*:19000::::::\nrancher:$6$of$image:19000::::::\n',
  'etc/ssh/sshd_config.d/99-disable-password-auth.conf': 'PasswordAuthentication no\n',
  'home/rancher/.ssh/authorized_keys': 'ssh-ed25519 AAAAold old@example.org\n',
  'proc/cmdline': 'root=LABEL=COS_STATE\n',
} as const;

/** Files that the stages rewrite on each boot, some with random values. */
const UNRELATED = ['etc/group', 'etc/hostname', 'etc/hosts', 'etc/machine-id', 'etc/passwd'];

/** Programs that would change the machine: they only record their arguments. */
const RECORDED = ['modprobe', 'systemctl'];

/** The stages of a boot that read /oem, in their order. Source: the units elemental-setup-*.service. */
const STAGES = ['rootfs', 'initramfs', 'fs', 'boot', 'network'];

/**
 * Boots a node: runs the stages of a boot with the program `elemental` in a root of its own, without network.
 * Throws if a stage reports an error.
 */
export function bootNode(elemental: string, files: Readonly<Record<string, string>>): Booted {
  const root = scratchFolder();
  writeFiles(root, { ...IMAGE, ...files });
  for (const folder of ['dev', 'root', 'run', 'tmp', 'usr', 'node']) mkdirSync(join(root, folder));
  for (const link of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${link}`, join(root, link));
  const recorder = '#!/bin/sh\necho "${0##*/} $*" >> /node/log\n';
  writeFiles(join(root, 'node'), {
    log: '',
    ...Object.fromEntries(RECORDED.map((name) => [name, recorder])),
  });
  copyFileSync(elemental, join(root, 'node/elemental'));
  execFileSync('sh', ['-c', 'chmod 755 "$1"/node/*; chown -R 1000:1000 "$1/home/rancher"', 'sh', root]);
  const mounts = 'mount --make-rprivate / && mount --bind /usr "$1/usr" && mount --bind /dev "$1/dev"';
  const run = 'exec env -i PATH=/node:/usr/sbin:/usr/bin chroot "$1" elemental run-stage --strict "$2"';
  for (const stage of STAGES)
    execFileSync(
      'unshare',
      ['--mount', '--uts', '--net', 'sh', '-c', `${mounts} && ${run}`, 'sh', root, stage],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
  const log = readFileSync(join(root, 'node/log'), 'utf8').trim().split('\n');
  return {
    files: Object.fromEntries(['etc', 'home', 'proc/sys'].flatMap((folder) => filesIn(root, folder))),
    commands: [...new Set(log)],
  };
}

function filesIn(root: string, folder: string): [path: string, state: string][] {
  return readdirSync(join(root, folder)).flatMap((name): [string, string][] => {
    const path = `${folder}/${name}`;
    if (UNRELATED.includes(path)) return [];
    const stat = lstatSync(join(root, path));
    if (stat.isDirectory()) return filesIn(root, path);
    // The shadow file has the day of the change.
    const text = readFileSync(join(root, path), 'utf8').replace(/^(rancher:[^:]*):\d+/m, '$1:');
    return [[`/${path}`, `${(stat.mode & 0o777).toString(8)} ${stat.uid}:${stat.gid} ${text}`]];
  });
}
