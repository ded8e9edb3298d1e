import type { Site } from '../../src/site/model.ts';
import { libvirtNetworks } from '../../src/tree/paths.ts';
import { announceRouter } from './daemons.ts';
import { deployTree, siteOf, standInsOf } from './deploy.ts';
import { type Libvirt, startLibvirt } from './libvirt.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

/** A libvirt host with the virtual machines of a site, cut off from the network and files of this machine. */
export interface Nest {
  readonly sandbox: Sandbox;
  readonly libvirt: Libvirt;
  /**
   * Builds a site's folder by the command line and brings the host to what the tree says, by the commands of its README.
   * Gives the site, and what the commands said; throws where one fails.
   */
  bringUp(folder: string): Promise<{ site: Site; said: string }>;
  /** Runs a command on the host, with what stands in for systemctl; gives its stdout, throws if it fails. */
  run(...argv: readonly string[]): Promise<string>;
  /** Stops everything that runs there and leaves nothing behind. */
  close(): Promise<void>;
}

/**
 * What stands in for systemd: knows which units are enabled and which are active, and runs nginx, and what a oneshot
 * unit starts and stops.
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

# What the unit says of $1, if it does its work at once.
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

/** Opens such a host, with libvirt running; throws if not root. */
export async function openNest(): Promise<Nest> {
  const sandbox = await openSandbox();
  try {
    const libvirt = await startLibvirt(sandbox);
    const units = ['enabled/libvirtd.service', 'active/libvirtd.service', 'active/virtlogd.socket'];
    const sh = (script: string) => sandbox.run(['sh', '-ec', script]);
    await sh(`mkdir -p /run/units/enabled /run/units/active && cd /run/units && touch ${units.join(' ')}`);
    let announced = false;

    /** Announces a router on the first network, as soon as libvirt has made it. */
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
        return { site, said: await deploying };
      },
      run: (...argv) => sandbox.run(['env', `PATH=${standInsOf(sandbox)}:${process.env.PATH}`, ...argv]),
      close: () => sandbox.close(),
    };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}
