import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Sandbox } from '../../src/rehearse/sandbox.ts';

/** The parts of cloud-init that set the host name, write files and run programs. */
const CONFIGURATION = `
datasource_list: [NoCloud]
preserve_hostname: false
cloud_init_modules: [write-files, set-hostname, update-hostname]
cloud_config_modules: [runcmd]
cloud_final_modules: [scripts-vendor, scripts-user, final-message]
system_info: { distro: debian, network: { renderers: [networkd] } }
logcfg: |
  [loggers]
  keys=root,cloudinit
  [handlers]
  keys=file
  [formatters]
  keys=line
  [logger_root]
  level=DEBUG
  handlers=file
  [logger_cloudinit]
  level=DEBUG
  handlers=
  qualname=cloudinit
  [handler_file]
  class=FileHandler
  formatter=line
  args=('/var/log/cloud-init.log',)
  [formatter_line]
  format=%(asctime)s - %(filename)s[%(levelname)s]: %(message)s
`;

/** The network is already configured. */
const NO_NETWORK = 'network: { config: disabled }\n';

/** cloud-init writes the configuration of the network, but has no systemd that can start it. */
export const WITHOUT_SYSTEMD = `${CONFIGURATION}disable_network_activation: true\n`;

/**
 * Later versions of cloud-init request the network configuration from the seed's URL $2, but Debian's 22.4 does not: it gets the
 * same answer as its system configuration.
 */
const NETWORK_CONFIG = `
echo network: >/etc/cloud/cloud.cfg.d/50-network.cfg
curl -sf "$2network-config" | sed 's/^/  /' >>/etc/cloud/cloud.cfg.d/50-network.cfg
`;

/**
 * Takes the place of systemd between two stages of cloud-init: the real networkd configures the NIC $1 from nothing. Without
 * udev, it waits for no device if /sys is read-only.
 */
const NETWORKD = `
mount -o remount,bind,ro /sys
ip address flush dev "$1"
ip route flush dev "$1"
mkdir -p /run/systemd/netif
chown -R systemd-network: /run/systemd/netif
/usr/lib/systemd/systemd-networkd >/run/networkd.log 2>&1 &
networkd=$!
for _ in $(seq 100); do
  ip -o -4 address show dev "$1" | grep -q . && break
  sleep 0.2
done
kill "$networkd"
`;

/** A whole boot, in the order of init systems; its last line is the kernel's host name. */
export const BOOT = (isCabled: boolean) => `
rm -rf /var/lib/cloud /run/cloud-init /run/systemd/network /etc/systemd/network/* /var/tmp/order /var/log/cloud-init.log
hostname unset
set -e
cloud-init init --local
${isCabled ? NETWORK_CONFIG : ''}
cloud-init init
${isCabled ? NETWORKD : ''}
cloud-init modules --mode=config
cloud-init modules --mode=final
hostname
`;

/** A machine that boots by cloud-init: its kernel command line and its IP address, and the IP address of its server. */
interface Booting {
  readonly cmdline: string;
  readonly ip: string;
  readonly server: string;
  /** Further configuration of cloud-init, as in an image. */
  readonly image?: string;
  /** Its NICs, of which only one has a cable, to a bridge of the server. By default, it has the IP address without a NIC. */
  readonly cabled?: { readonly macs: readonly string[]; readonly mac: string; readonly bridge: string };
}

/** Runs the real cloud-init to its end, for a machine in the sandbox of its server. Returns its host name, files and log. */
export async function runCloudInit(
  { folder, run }: Pick<Sandbox, 'folder' | 'run'>,
  { cmdline, ip, server, image = '', cabled }: Booting,
) {
  const install = async (path: string, content: string) => {
    const file = join(folder, 'installed');
    writeFileSync(file, content);
    await run(['install', '-D', '-m', '0755', file, path]);
  };
  // Only files: a checkout of harvgen may be there.
  await run(['sh', '-c', 'rm -rf /etc/cloud/cloud.cfg.d; find /var/tmp -maxdepth 1 -type f -delete']);
  await install('/etc/cloud/cloud.cfg', cabled ? WITHOUT_SYSTEMD : CONFIGURATION + NO_NETWORK);
  await install('/etc/cloud/cloud.cfg.d/99-image.cfg', image);
  const nic = `eth${cabled?.macs.indexOf(cabled.mac)}`;
  if (cabled) {
    await run(['ip', 'netns', 'add', 'machine']);
    for (const [index, mac] of cabled.macs.entries()) {
      const [port, name] = [`port${index}`, `eth${index}`];
      await run(['ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', name, 'netns', 'machine']);
      await run(['ip', '-n', 'machine', 'link', 'set', name, 'address', mac, 'up']);
    }
    await run(['ip', 'link', 'set', nic.replace('eth', 'port'), 'master', cabled.bridge, 'up']);
    // As the initramfs does.
    await install(
      '/run/lease',
      '#!/bin/sh\n[ "$1" != bound ] || ip address add "$ip/$mask" dev "$interface"\n',
    );
    const dhcp = ['busybox', 'udhcpc', '-i', nic, '-s', '/run/lease', '-n', '-q', '-t', '10', '-T', '1'];
    await run(['ip', 'netns', 'exec', 'machine', ...dhcp]);
  } else {
    // It sends its requests as the node does: from the node's IP address.
    await run(['ip', 'route', 'replace', 'table', 'local', 'local', server, 'dev', 'lo', 'src', ip]);
  }
  const inside = cabled ? ['ip', 'netns', 'exec', 'machine'] : [];
  const seed = /;s=(\S+)/.exec(cmdline)?.[1] ?? '';
  const boot = ['unshare', '--uts', 'sh', '-c', BOOT(cabled !== undefined), 'sh', nic, seed];
  const output = await run([...inside, 'env', `DEBUG_PROC_CMDLINE=${cmdline}`, ...boot]);
  if (cabled) await run(['ip', 'netns', 'delete', 'machine']);
  const text = (path: string) => run(['cat', path]);
  const log = await text('/var/log/cloud-init.log');
  return { hostname: output.trim().split('\n').at(-1), text, log };
}

/**
 * Asserts that a machine with a cable at its second NIC has reached cloud-init's end without an error. Its data must be from a URL,
 * and its IP address from the served network configuration, by networkd.
 */
export async function assertEnd(run: Sandbox['run'], seed: string, ip: string): Promise<void> {
  assert.match(await run(['cloud-init', 'status', '--long']), /^status: done$/m);
  const { datasource, errors } = JSON.parse(await run(['cat', '/run/cloud-init/result.json'])).v1;
  assert.match(datasource, `DataSourceNoCloudNet [seed=cmdline,${seed}]`);
  assert.equal(errors, []);
  const networkd = await run(['cat', '/run/networkd.log']);
  for (const [name, dhcp] of [
    ['eth0', 'no'],
    ['eth1', 'ipv4'],
  ] as const) {
    const file = `/etc/systemd/network/10-cloud-init-${name}.network`;
    assert.match(await run(['cat', file]), new RegExp(`^DHCP=${dhcp}$`, 'm'));
    assert.match(networkd, `${name}: Configuring with ${file}`);
  }
  assert.match(networkd, `eth1: DHCPv4 address ${ip}/24, gateway `);
}

/** Asserts that cloud-init logged its end, no error, and only these warnings. */
export function assertNoWarnings(log: string, except: readonly string[] = []): void {
  assert.match(log, 'finish: modules-final: SUCCESS');
  const wrong = log.split('\n').filter((line) => /\[(?:WARNING|ERROR|CRITICAL)\]|Traceback/.test(line));
  assert.equal(
    wrong.map((line) => line.replace(/^.*?\]: /, '')),
    except,
  );
}
