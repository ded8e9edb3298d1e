import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Site } from '../../src/site/model.ts';
import { nginxInclude } from '../../src/targets/nginx/nginx.ts';
import { makeSite } from '../support/scratch.ts';
import { writeTree } from '../support/write-tree.ts';
import { type Libvirt, startLibvirt } from './libvirt.ts';

/** The result of a script. */
export interface Outcome {
  readonly status: number;
  /** Its whole output. */
  readonly text: string;
}

/**
 * A machine to set up as a libvirt host, with its own libvirt, nginx, disks and file systems, all of them real. Its package
 * manager and its systemctl are stand-ins: they record their commands, and execute the visible part of them. Its virsh starts
 * machines paused.
 */
export interface HostBox {
  readonly sandbox: Sandbox;
  readonly libvirt: Libvirt;
  /** Makes a disk of a size in MiB, a loop device. Returns its stable name. */
  disk(name: string, size: number): Promise<string>;
  /**
   * Compiles a site, with executable files in its directory, and copies its tree to the server root, as rsync does. Returns
   * the site.
   */
  deploy(inventory: string, programs?: Readonly<Record<string, string>>): Promise<Site>;
  /** Installs the secrets of a site. */
  include(site: Site): Promise<void>;
  /** Runs one of the tree's scripts. `killAt` is the number of the command before which SIGKILL ends the script. */
  script(command: string, killAt?: number): Promise<Outcome>;
  /** Runs a shell script. Returns its stdout. Throws an Error with its stderr if it fails. */
  sh(script: string): Promise<string>;
  /** Returns everything that the scripts may change, with the times of its files: a line for each. */
  state(): Promise<string[]>;
  close(): Promise<void>;
}

/** Stand-ins for programs, in a directory that is first in PATH. */
const STAND_INS: Record<string, string> = {
  // No test waits for what is inside a machine: paused, it uses no CPU.
  virsh: `#!/bin/bash
[[ " $* " != *' start '* ]] || set -- "$@" --paused
exec /usr/bin/virsh "$@"
`,
  systemctl: `#!/bin/bash
# A file marks a unit as enabled or active; some units also run their commands.
here=/run/stand-in
now=
words=()
for word in "$@"; do
  case $word in --now) now=1 ;; --*) ;; *) words+=("$word") ;; esac
done
unit=\${words[1]}
known() { [ -e "/etc/systemd/system/$unit" ] || [ -e "$here/known/$unit" ]; }
commands() { sed -n "s/^$1=//p" "/etc/systemd/system/$unit" | while IFS= read -r line; do eval "\${line#-}" || [ "$line" != "\${line#-}" ] || exit 1; done; }
start() {
  known || { echo "Unit $unit not found." >&2; exit 5; }
  case $unit in
  nginx.service) [ -e "$here/active/$unit" ] || nginx || exit 1 ;;
  *-firewall.service) commands ExecStart || exit 1 ;;
  esac
  touch "$here/active/$unit"
}
stop() {
  case $unit in
  nginx.service) [ ! -e "$here/active/$unit" ] || nginx -s quit ;;
  *-firewall.service) [ ! -e "$here/active/$unit" ] || commands ExecStop ;;
  esac
  rm -f "$here/active/$unit"
}
case \${words[0]} in
is-enabled)
  [[ " $* " != *' --quiet '* ]] || exec >/dev/null
  if [ -e "$here/enabled/$unit" ]; then echo enabled; exit 0; fi
  if known; then echo disabled; else echo "Failed to get unit file state for $unit" >&2; fi
  exit 1
  ;;
is-active) [ -e "$here/active/$unit" ]; exit ;;
esac
echo "systemctl $*" >>"$here/log"
case \${words[0]} in
enable) known || exit 1; touch "$here/enabled/$unit"; [ -z "$now" ] || start ;;
disable) rm -f "$here/enabled/$unit"; [ -z "$now" ] || stop ;;
start) start ;;
stop) stop ;;
restart) stop; start ;;
reload)
  [ -e "$here/active/$unit" ] || exit 1
  case $unit in
  nginx.service) nginx -s reload ;;
  libvirtd.service) kill -HUP "$(cat /run/libvirtd.pid)" ;;
  *-firewall.service) commands ExecReload || exit 1 ;;
  esac
  ;;
daemon-reload) ;;
*) exit 1 ;;
esac
`,
  'dpkg-query': `#!/bin/bash
[ -e "/run/stand-in/installed/\${!#}" ] && printf 'ii '
`,
  rpm: `#!/bin/bash
[ -e "/run/stand-in/installed/\${!#}" ]
`,
  'apt-get': `#!/bin/bash
echo "apt-get $*" >>/run/stand-in/log
while [ $# -gt 0 ] && [ "$1" != --no-install-recommends ]; do shift; done
shift
if [ $# -gt 0 ]; then cd /run/stand-in/installed && touch -- "$@"; fi
`,
};

for (const [name, last] of [
  ['zypper', '--auto-agree-with-licenses'],
  ['dnf', 'install'],
] as const)
  STAND_INS[name] = (STAND_INS['apt-get'] ?? '')
    .replaceAll('apt-get', name)
    .replace('--no-install-recommends', last);

/** Opens such a machine. Throws if not root. */
export async function openHostBox(): Promise<HostBox> {
  const sandbox = await openSandbox();
  const loops: string[] = [];
  const bin = join(sandbox.folder, 'bin');
  const path = `PATH=${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  const sh = (script: string) => sandbox.run(['env', path, 'bash', '-ec', script]);

  const box: HostBox = {
    sandbox,
    libvirt: await startLibvirt(sandbox),
    sh,
    async disk(name, size) {
      const file = join(sandbox.folder, `${name}.disk`);
      const device = (await sh(`truncate -s ${size}M ${file}; losetup --find --show ${file}`)).trim();
      loops.push(device);
      await sh(`mkdir -p /dev/shm/by-id; ln -s ${device} /dev/shm/by-id/${name}`);
      return `/dev/shm/by-id/${name}`;
    },
    async deploy(inventory, programs = {}) {
      const name = /^site: (\S+)$/m.exec(inventory)?.[1] ?? '';
      const source = makeSite({ 'site.yaml': inventory, ...programs }, name);
      for (const program of Object.keys(programs)) await chmod(join(source, program), 0o755);
      const { site, tree, diagnostics } = await compile(source);
      if (!site || !tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
      const folder = join(sandbox.folder, 'trees', name);
      await mkdir(folder, { recursive: true });
      await writeTree(folder, tree);
      await sh(`mkdir -p ${site.server.root}
        rsync --archive --checksum --chown=root:root --chmod=D755 --delete ${folder}/ ${site.server.root}/`);
      return site;
    },
    async include(site) {
      const file = site.server.secrets ?? '';
      const values = new Map([
        ['cluster_token', 'the token'],
        ['node_password', 'the password'],
      ]);
      await writeFile(join(sandbox.folder, 'include'), nginxInclude(site, values));
      await sh(`install -D -m 0600 ${sandbox.folder}/include ${file}`);
    },
    async script(command, killAt = Number.POSITIVE_INFINITY) {
      const run = killAt === Number.POSITIVE_INFINITY ? `{ ${command}; } 2>&1` : `exec ${command} 2>&1`;
      // No guest of these tests has a system that shuts down.
      const argv = ['env', path, MIRROR(sandbox), 'HARVGEN_SHUTDOWN_SECONDS=1', 'bash', '-c', run];
      const child = sandbox.spawn(argv, { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk;
        // The script prints each command just before it runs it.
        const commands = text.match(/^ {2}(?!warning|waiting)[a-z-]+ .*\n/gm)?.length ?? 0;
        if (commands >= killAt) kill(child.pid);
      });
      const status = await new Promise<number>((resolve) =>
        child.on('close', (code) => resolve(code ?? 137)),
      );
      return { status, text };
    },
    state: async () => (await sh(STATE)).split('\n'),
    async close() {
      await sandbox.close();
      for (const loop of loops) spawnSync('losetup', ['--detach', loop]);
    },
  };

  try {
    // Other users, too, must find the stand-ins.
    await chmod(sandbox.folder, 0o711);
    await mkdir(bin);
    for (const [name, text] of Object.entries(STAND_INS))
      await writeFile(join(bin, name), text, { mode: 0o755 });
    await sh(FRESH);
    return box;
  } catch (error) {
    await box.close();
    throw error;
  }
}

/** The URL from which scripts/fetch-media.sh fetches. */
const MIRROR = ({ folder }: Sandbox) => `HARVESTER_RELEASES=file://${folder}/mirror`;

/** A newly installed machine, with libvirt's daemon enabled, because that of the rig runs. */
const FRESH = `
mkdir -p /run/stand-in/{known,enabled,active,installed}
touch /run/stand-in/{log,known/libvirtd.service,enabled/libvirtd.service,active/libvirtd.service}
touch /run/stand-in/known/{nginx,chrony,chronyd}.service
rm -rf /srv/* /var/lib/harvgen /etc/nginx/conf.d/* /etc/nginx/harvgen
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
`;

const STATE = `
find /etc /srv /var/lib/harvgen /var/lib/libvirt/images -not -path '*/lost+found*' -printf '%p %y %m %u %g %s %T@ %l\\n' 2>/dev/null | sort
findmnt -rno SOURCE,TARGET,FSTYPE | grep libvirt/images || true
virsh list --all --name; virsh list --autostart --all --name; virsh net-list --all
nft -s list ruleset
cat /run/stand-in/log; ls /run/stand-in/enabled /run/stand-in/active
`;

/** Kills the process that a go-between of the sandbox has started, but not the children of that process. */
function kill(goBetween: number | undefined): void {
  try {
    const started = readFileSync(`/proc/${goBetween}/task/${goBetween}/children`, 'utf8').trim();
    if (started) process.kill(Number(started), 'SIGKILL');
  } catch {
    // the process has already ended
  }
}

/** Returns the changes from one state to another, as in a diff. */
export function changes(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
}
