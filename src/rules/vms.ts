import type { Exposed, Network, Node } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { eachNic } from '../site/nics.ts';
import { listed, namesOf } from '../source/diagnostics/words.ts';
import { isBroken, lacks, locationOf, selfLocation } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import { listenerPlace, listenersOf } from '../targets/nginx/served.ts';
import { contains, parseCidr } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { error, essential, warning } from './rule.ts';
import { grouped, nodesWhose } from './support.ts';

export const vmIncomplete = essential('vm-incomplete', {
  what: 'A virtual machine on a site with a host has CPUs, memory and, unless it boots a Linux by its kernel or a disk by iSCSI, a disk.',
  why: 'Without the first two libvirt defines no domain, and Harvester is installed on the last.',
  check({ nodes = [] }, report) {
    const lacking = nodes.flatMap((node) => {
      const what = listed(node ? lackingOf(node) : []);
      return node && what ? [[what, node] as const] : [];
    });
    for (const [what, nodes] of grouped(lacking)) {
      const [first, another] = nodes;
      if (!first.facts) continue;
      report({
        message: `The virtual ${another ? 'machines' : 'machine'} ${namesOf(nodes)} ${another ? 'have' : 'has'} no ${what}: libvirt could not make ${another ? 'them' : 'it'}.`,
        at: locationOf(first.facts, 'vm'),
        help: 'say it under vm, of the node, a profile or defaults: `vm: {preset: small, disks: [{size: 300Gi}]}`',
      });
    }
  },
});

function lackingOf({ domain, os, iscsi }: Draft<Node>): string[] {
  if (!domain) return [];
  const { disks } = domain;
  return [
    ...(lacks(domain, 'vcpus') ? ['vcpus'] : []),
    ...(lacks(domain, 'memory') ? ['memory'] : []),
    ...(os !== 'linux' && !iscsi && (lacks(domain, 'disks') || disks?.length === 0) ? ['disks'] : []),
  ];
}

export const vmWithoutBridge = essential('vm-without-bridge', {
  what: 'Every network of a virtual machine is one that libvirt makes, or names the bridge of the host that it is on.',
  why: 'A NIC of a domain is plugged into something: without it there is nothing to write, and the machine would reach nobody.',
  check(site, report) {
    const plugged = eachNic(site).flatMap(({ node, nic: { network } }) =>
      node.domain && network && hasNoBridge(network) ? [[network, node] as const] : [],
    );
    for (const [network, nodes] of grouped(plugged)) {
      report({
        message: `libvirt does not make the network ${network.name}, and it names no bridge of the host: ${namesOf([...new Set(nodes)])} could not be plugged into it.`,
        at: selfLocation(network),
        help: 'let libvirt make it with `dhcp: {server: libvirt}` or `libvirt: {}`, or name a bridge of the host with interface',
      });
    }
  },
});

function hasNoBridge(network: Draft<Network>): boolean {
  const { dhcp } = network;
  // A server of DHCP that was said wrongly may have been libvirt.
  const isUnclear = isBroken(network, 'dhcp') || (dhcp && isBroken(dhcp, 'server'));
  return !isUnclear && lacks(network, 'libvirt') && lacks(network, 'interface');
}

const LOOPBACK = parseCidr('127.0.0.0/8');

export const vncOpen = warning('vnc-open', {
  what: 'The screen of a virtual machine is on the loopback of its host.',
  why: 'VNC has no encryption and no password here: whoever reaches it has the screen and the keyboard, with them the boot menu, and so the machine.',
  check: nodesWhose('domain').eachOnce((node, report) => {
    const { vnc } = node.domain;
    if (!vnc?.listen || !LOOPBACK || contains(LOOPBACK, vnc.listen)) return;
    report({
      message: `The screen of ${node.name} is shown to everybody who reaches ${vnc.listen === '0.0.0.0' ? 'any address of the host' : `${vnc.listen} of the host`}: VNC asks for no password.`,
      at: locationOf(vnc, 'listen'),
      help: 'remove listen, and reach it through SSH: `ssh -L 5900:127.0.0.1:5900 <host>`',
    });
  }),
});

/** Where libvirt begins to look for a free port. Source: libvirt, src/qemu/qemu.conf.in (remote_display_port_min). */
const FIRST_FREE = 5900;

export const vncPortTaken = error('vnc-port-taken', {
  what: 'No two screens of virtual machines are at one address and port of the host, nor is one where libvirt may put another.',
  why: 'The second machine does not start: QEMU cannot listen where another one does.',
  check({ nodes = [] }, report) {
    const others = nodes.flatMap((node) =>
      node?.domain?.vnc && lacks(node.domain.vnc, 'port') ? [node] : [],
    );
    const taken = new Map<number, Screen[]>();
    for (const screen of nodes.flatMap((node) => (node ? screenOf(node) : []))) {
      const { node, port, address, at } = screen;
      const there = taken.get(port) ?? [];
      const other = there.find((one) => one.address === address || [one.address, address].includes(ANY));
      taken.set(port, there);
      there.push(screen);
      if (other)
        report({
          // What a layer says for all of them is one fault.
          dedupe: true,
          message: `The port ${port} of the screen of ${node} is that of ${other.node}, too: only one of them could start.`,
          at,
          related:
            locationKey(other.at) === locationKey(at)
              ? []
              : [{ message: `${other.node} has it at`, at: other.at }],
          help: 'give each a port of its own; without port, libvirt takes a free one',
        });
      else if (port < FIRST_FREE + others.length)
        report({
          dedupe: true,
          message: `The port ${port} of the screen of ${node} is one that libvirt may choose for ${namesOf(others)}, which ${others.length > 1 ? 'name' : 'names'} none: ${node} would not start then.`,
          at,
          help: `choose one from ${FIRST_FREE + others.length} on, or none, or one for each`,
        });
    }
  },
});

interface Screen {
  readonly node: string | undefined;
  readonly address: string;
  readonly port: number;
  readonly at: SourceLocation;
}

function screenOf({ name, domain }: Draft<Node>): Screen[] {
  const { listen, port } = domain?.vnc ?? {};
  if (!domain?.vnc || listen === undefined || port === undefined) return [];
  return [{ node: name, address: listen, port, at: locationOf(domain.vnc, 'port') }];
}

const ANY = '0.0.0.0';

export const exposedPortTwice = essential('exposed-port-twice', {
  what: 'No port of the host is exposed twice, but at different addresses of the host.',
  why: 'A connection can lead to one place only: the second socat finds the port taken, and tries again for ever. Without `address` a port is exposed at all addresses.',
  check({ host }, report) {
    const exposed = host?.expose ?? [];
    for (const [index, one] of exposed.entries()) {
      const first = one && exposed.slice(0, index).find((other) => other && isSamePort(one, other));
      if (!first) continue;
      report({
        message: `Port ${one.port} of the host${one.address ? `, at ${one.address},` : ''} is exposed already: it can lead to one place only.`,
        at: locationOf(one, 'port'),
        related: [{ message: 'it is exposed first at', at: locationOf(first, 'port') }],
        help: 'choose another port of the host for one of them: `to` is the one of the VIP',
      });
    }
  },
});

function isSamePort(one: Draft<Exposed>, other: Draft<Exposed>): boolean {
  if (one.port === undefined || one.port !== other.port) return false;
  if ([one, other].some((exposed) => isBroken(exposed, 'address'))) return false;
  return one.address === other.address || one.address === undefined || other.address === undefined;
}

/** The port of SSH; vnc-port-taken has the screens of virtual machines. */
const SSH = 22;

export const exposedPortTaken = error('exposed-port-taken', {
  what: 'No exposed port of the host is one that something else listens at: nginx, or SSH.',
  why: 'Whichever comes first has the port. If that is socat, machines fetch nothing and nobody can log in to the host; if not, the port leads nowhere.',
  check({ host, server }, report) {
    const isServed = server?.url && server.host && server.port;
    const listeners = isServed ? listenersOf(server as Server) : [];
    for (const exposed of host?.expose ?? []) {
      const listener = listeners.find(({ port }) => port === exposed?.port);
      if (!exposed || (!listener && exposed.port !== SSH)) continue;
      report({
        message: `Port ${exposed.port} of the host is that of ${listener ? 'nginx, which hands out what machines boot from' : 'SSH'}: it cannot lead to a VIP as well.`,
        at: locationOf(exposed, 'port'),
        related: server && listener ? [{ message: 'it is set at', at: listenerPlace(server, listener) }] : [],
        help: `choose another port of the host, and say that of the VIP with \`to\`${listener ? '' : "; where the host's SSH listens elsewhere, silence exposed-port-taken with the reason"}`,
      });
    }
  },
});

export const tftpServerOfHost = error('tftp-server-of-host', {
  what: 'On a site with a host, dnsmasq serves TFTP.',
  why: 'The script that sets a host up has dnsmasq there, beside those that libvirt runs for its networks, and no other TFTP server: machines would ask one that nobody has started.',
  check({ server, host }, report) {
    const { tftpServer } = server ?? {};
    if (!server || !host || tftpServer === undefined || tftpServer === 'dnsmasq') return;
    report({
      message: `${tftpServer} is to serve TFTP, and host-setup.sh sets up dnsmasq alone.`,
      at: locationOf(server, 'tftpServer'),
      help: 'take server.tftp_server out',
    });
  },
});
