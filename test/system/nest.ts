import { announceRouter } from '../../src/rehearse/daemons.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Site } from '../../src/site/model.ts';
import { libvirtNetworks } from '../../src/tree/paths.ts';
import { deployTree, siteOf, standInsOf } from './deploy.ts';
import { type Libvirt, startLibvirt } from './libvirt.ts';

/** A libvirt host with the virtual machines of a site, isolated from the network and files of this machine. */
export interface Nest {
  readonly sandbox: Sandbox;
  readonly libvirt: Libvirt;
  /**
   * Builds a site's directory with the command line, and sets the host up with the tree, by the commands of its README.
   * Returns the site, and the output of the commands. Throws if one fails.
   */
  bringUp(folder: string): Promise<{ site: Site; output: string }>;
  /** Runs a command on the host, with the stand-in for systemctl. Returns its stdout. Throws if it fails. */
  run(...argv: readonly string[]): Promise<string>;
  /** Stops everything that runs there, and removes all traces. */
  close(): Promise<void>;
}

/**
 * Replaces systemd: keeps which units are enabled and which are active, and runs nginx and the commands of oneshot
 * units.
 */
const SYSTEMCTL = `#!/bin/sh
mkdir -p /run/units/enabled /run/units/active
now= words=
for word; do
  case $word in
  --now) now=1 ;;
  -q | --quiet) exec >/dev/null ;;
  *) words="$words $word" ;;
  esac
done
set -- $words
verb=$1 unit=$2
file=$(ls /etc/systemd/system/$unit /lib/systemd/system/$unit 2>/dev/null | head -n 1)

runs() { [ -e "/run/units/active/$unit" ]; }

# Runs the commands of $1 in the unit, if its type is oneshot.
at_once() { grep -q '^Type=oneshot' "$file" && sed -n "s/^$1=-*//p" "$file" | sh -e; }

start() {
  touch "/run/units/active/$unit"
  case $unit in
  nginx.service) nginx </dev/null >/dev/null 2>&1 ;;
  harvgen-*.service) at_once ExecStart || true ;;
  esac
}

stop() {
  runs || return 0
  rm "/run/units/active/$unit"
  case $unit in
  nginx.service) nginx -s quit ;;
  harvgen-*.service) at_once ExecStop || true ;;
  esac
}

case $verb in
daemon-reload) ;;
is-active) runs && echo active || { echo inactive && exit 3; } ;;
is-enabled)
  [ -n "$file" ] || { echo not-found && exit 4; }
  [ -e "/run/units/enabled/$unit" ] && echo enabled || { echo disabled && exit 1; }
  ;;
enable) touch "/run/units/enabled/$unit" && [ -z "$now" ] || start ;;
disable) rm -f "/run/units/enabled/$unit" && [ -z "$now" ] || stop ;;
start) runs || start ;;
stop) stop ;;
restart) stop && start ;;
reload) nginx -s reload ;;
*) echo "no stand-in for systemctl $verb" >&2 && exit 1 ;;
esac
`;

/** Opens such a host, with libvirt running. Throws if not root. */
export async function openNest(): Promise<Nest> {
  const sandbox = await openSandbox();
  try {
    const libvirt = await startLibvirt(sandbox);
    const units = ['enabled/libvirtd.service', 'active/libvirtd.service', 'active/virtlogd.socket'];
    const sh = (script: string) => sandbox.run(['sh', '-ec', script]);
    await sh(`mkdir -p /run/units/enabled /run/units/active && cd /run/units && touch ${units.join(' ')}`);
    let announced = false;

    /** Announces a router on the first network, as soon as libvirt has created the network. */
    async function announce(site: Site): Promise<void> {
      const [first] = libvirtNetworks(site);
      const bridge = first?.libvirt?.bridge ?? '';
      const ipv6 = `/proc/sys/net/ipv6/conf/${bridge}/disable_ipv6`;
      await sh(
        `until ip link show dev ${bridge} up 2>/dev/null | grep -q UP; do sleep 0.5; done; echo 0 >${ipv6}`,
      );
      await announceRouter(sandbox, bridge);
    }

    return {
      sandbox,
      libvirt,
      async bringUp(folder) {
        const site = await siteOf(folder);
        const deploying = deployTree(sandbox, site, folder, SYSTEMCTL);
        if (!announced) await Promise.race([announce(site), deploying]);
        announced = true;
        return { site, output: await deploying };
      },
      run: (...argv) => sandbox.run(['env', `PATH=${standInsOf(sandbox)}:${process.env.PATH}`, ...argv]),
      close: () => sandbox.close(),
    };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}
