import { isWhole, listenerLocation, listenersOf } from '../../plan/served.ts';
import type { Exposed, Network, Node } from '../../site/model.ts';
import { eachNic } from '../../site/nics.ts';
import { rackOf } from '../../site/racks.ts';
import { listed, namesOf } from '../../source/diagnostics/words.ts';
import { isBroken, lacks, locationOf, mayHaveMore, selfLocation } from '../../source/origin.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import { removeAt, removeKey, safeFix, suggestedFix } from '../../source/text-edit/fix.ts';
import { contains, parseCidr } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { grouped } from '../../values/grouped.ts';
import { error, essential, nodesWith, warning } from '../rule.ts';

const LOOPBACK = parseCidr('127.0.0.0/8');

/** The first port that libvirt tries. Source: libvirt, src/qemu/qemu.conf.in (remote_display_port_min). */
const FIRST_FREE = 5900;

/** The keys of `vm` that only a domain of the host has. */
const HOSTED = ['preset', 'vcpus', 'vnc', 'autostart'];

/** The port of SSH; vnc-port-taken checks the screens of virtual machines. */
const SSH = 22;

export const vmRules = [
  essential('vm-incomplete', {
    what: "A host's virtual machine must have CPUs, memory and, unless it boots a Linux kernel or an iSCSI disk, a disk.",
    why: 'Without CPUs and memory, libvirt defines no domain. Harvester is installed on the disk.',
  }).check(({ nodes = [] }, report) => {
    const lacking = nodes.flatMap((node) => {
      const what = listed(node ? lackingOf(node) : []);
      return node && what ? [[what, node] as const] : [];
    });
    for (const [what, nodes] of grouped(lacking)) {
      const [first, another] = nodes;
      if (!first.facts) continue;
      report(locationOf(first.facts, 'vm'), {
        message: `The virtual ${another ? 'machines' : 'machine'} ${namesOf(nodes)} ${another ? 'have' : 'has'} no ${what}: libvirt cannot create ${another ? 'them' : 'it'}.`,
        help: 'set it under vm of the node, a profile or defaults: `vm: {preset: small, disks: [{size: 300Gi}]}`',
      });
    }
  }),
  warning('vm-without-host', {
    tag: 'unnecessary',
    what: 'CPUs and screens under `vm` must be those of a site with a `host`.',
    why: 'Only the domains of a libvirt host have them: without it, the output tree has no `libvirt/`, and nothing creates the machines.',
  }).check((site, report) => {
    const { nodes = [] } = site;
    // If libvirt creates a network, libvirt-without-host reports the missing host.
    const vms =
      lacks(site, 'host') && !site.networks?.some((network) => network?.libvirt)
        ? nodes.flatMap((node) =>
            node?.facts?.vm && HOSTED.some((key) => key in (node.facts?.vm ?? {})) ? [node] : [],
          )
        : [];
    const [first] = vms;
    if (!first?.facts) return;
    report(locationOf(first.facts, 'vm'), {
      message: `${namesOf(vms)} ${vms.length > 1 ? 'have' : 'has'} vm, but the site has no host: the tree has no libvirt/ for ${vms.length > 1 ? 'them' : 'it'}.`,
      help: 'add `host: {}` at the top level, and `dhcp: {server: libvirt}` to the network that libvirt creates; or write only `vm: {}` if another system runs the machine',
    });
  }),
  essential('vm-without-bridge', {
    what: 'Every network of a virtual machine must be created by libvirt, or set its bridge of the host.',
    why: 'A NIC of a domain needs a bridge: without one, harvgen cannot write the domain, and the machine has no connection.',
  }).check((site, report) => {
    const plugged = eachNic(site).flatMap(({ node, nic: { network } }) =>
      node.domain && network && hasNoBridge(network) ? [[network, node] as const] : [],
    );
    for (const [network, nodes] of grouped(plugged))
      report(selfLocation(network), {
        message: `The network ${network.name} is neither created by libvirt nor on a bridge of the host: ${namesOf([...new Set(nodes)])} cannot be connected to it.`,
        help: 'add `dhcp: {server: libvirt}` or `libvirt: {}`; or set interface to a bridge of the host',
      });
  }),
  warning('vnc-open', {
    what: 'The screen of a virtual machine must be on the loopback interface of its host.',
    why: 'VNC has no encryption and no password here: any client that reaches it has the screen and the keyboard, and with them the boot menu and the machine.',
  }).check(nodesWith('domain').eachOnce, (node, report) => {
    const { vnc } = node.domain;
    if (!vnc?.listen || !LOOPBACK || contains(LOOPBACK, vnc.listen)) return;
    report(locationOf(vnc, 'listen'), {
      message: `The screen of ${node.name} listens on ${vnc.listen === '0.0.0.0' ? 'every IP address of the host' : `${vnc.listen} of the host`}: VNC has no password.`,
      fix: suggestedFix(removeKey(vnc, 'listen')),
      help: 'remove listen, and connect through SSH: `ssh -L 5900:127.0.0.1:5900 <host>`',
    });
  }),
  error('vnc-port-taken', {
    what: 'Screens of virtual machines must not share an IP address and port, or use ports that libvirt assigns.',
    why: 'The second machine does not start: QEMU cannot listen on a port that is in use.',
  }).check(({ nodes = [] }, report) => {
    const others = nodes.flatMap((node) =>
      node?.domain?.vnc && lacks(node.domain.vnc, 'port') ? [node] : [],
    );
    const taken = new Map<number, Screen[]>();
    for (const screen of nodes.flatMap((node) => (node ? screenOf(node) : []))) {
      const { node, port, address, at } = screen;
      const onPort = taken.get(port) ?? [];
      const other = onPort.find((screen) => isAtOnce(screen.address, address));
      taken.set(port, onPort);
      onPort.push(screen);
      if (other)
        report(at, {
          // A port in a layer is one error for all its nodes.
          dedupe: true,
          message: `The port ${port} of the screen of ${node} is also that of ${other.node}: only one of them can start.`,
          related:
            locationKey(other.at) === locationKey(at)
              ? []
              : [{ message: `${other.node} sets it at`, at: other.at }],
          fix: port < FIRST_FREE ? undefined : suggestedFix(removeAt(at)),
          help: `set a different port for each${port < FIRST_FREE ? '' : ', or remove port: libvirt then chooses a free one'}`,
        });
      else if (port >= FIRST_FREE && port < FIRST_FREE + others.length)
        report(at, {
          dedupe: true,
          message: `libvirt may choose the port ${port} of the screen of ${node} for ${namesOf(others)}, which ${others.length > 1 ? 'have' : 'has'} no port: ${node} then does not start.`,
          fix: suggestedFix(removeAt(at)),
          help: `choose ${FIRST_FREE + others.length} or higher, remove port, or set a port for each machine`,
        });
    }
  }),
  warning('console-without-allow', {
    what: 'With screens in a browser, `server.allow` must list the operators.',
    why: 'Every browser gets an error: nginx shows the screens only to the clients in `server.allow`.',
  }).check(nodesWith('domain').eachOnce, ({ name, domain: { vnc } }, report, { server }) => {
    if (!vnc?.websocket || !server?.allow || server.allow.length > 0) return;
    report(locationOf(vnc, 'websocket'), {
      message: `The screen of ${name} is available in a browser, but server.allow lists no client: nginx rejects all of them.`,
      help: 'add the IP addresses of the operators, or of the host for SSH tunnels: `server: {allow: [203.0.113.0/24]}`',
    });
  }),
  essential('exposed-port-twice', {
    what: 'A port of the host must not be exposed twice on one IP address.',
    why: 'The port is already in use for the second socat, which retries forever. Without `address`, a port is exposed on all IP addresses.',
  }).check(({ host }, report) => {
    const exposed = host?.expose ?? [];
    for (const [index, one] of exposed.entries()) {
      const first = one && exposed.slice(0, index).find((other) => other && isSamePort(one, other));
      if (!first) continue;
      report(locationOf(one, 'port'), {
        message: `Port ${one.port} of the host${one.address ? ` on ${one.address}` : ''} is already exposed: it can have only one destination.`,
        related: [{ message: 'it is first exposed at', at: locationOf(first, 'port') }],
        help: 'choose another port of the host for one of them: `to` is the port of the VIP',
      });
    }
  }),
  error('exposed-port-taken', {
    what: 'An exposed port of the host must not be a port of nginx or SSH.',
    why: 'The first program to start gets the port. If it is socat, machines fetch nothing, or no user can log in to the host; otherwise, the port is not exposed.',
  }).check(({ host, server }, report) => {
    const listeners = isWhole(server) ? listenersOf(server) : [];
    for (const exposed of host?.expose ?? []) {
      const listener = listeners.find(({ port }) => port === exposed?.port);
      if (!exposed || (!listener && exposed.port !== SSH)) continue;
      report(locationOf(exposed, 'port'), {
        message: `Port ${exposed.port} of the host is that of ${listener ? 'nginx, which serves boot files' : 'SSH'}: it cannot lead to a VIP as well.`,
        related:
          server && listener ? [{ message: 'it is set at', at: listenerLocation(server, listener) }] : [],
        help: `choose another port of the host, and set \`to\` to that of the VIP${listener ? '' : '; or, if SSH of the host has another port, add silence: {exposed-port-taken: "the reason"}'}`,
      });
    }
  }),
  error('tftp-server-of-host', {
    what: 'On a site with a host, the TFTP server must be dnsmasq.',
    why: "The host's `host-setup.sh` sets up dnsmasq, next to libvirt's own, and no other TFTP server: machines would request files from a server that does not run.",
  }).check(({ server, host }, report) => {
    const { tftpServer } = server ?? {};
    if (!server || !host || tftpServer === undefined || tftpServer === 'dnsmasq') return;
    report(locationOf(server, 'tftpServer'), {
      message: `The TFTP server is ${tftpServer}, but host-setup.sh sets up only dnsmasq: machines get no files.`,
      fix: safeFix(removeKey(server, 'tftpServer')),
      help: 'remove server.tftp_server',
    });
  }),
];

function lackingOf(node: Draft<Node>): string[] {
  const { domain, os, iscsi } = node;
  if (!domain || mayHaveMore(node)) return [];
  const { disks } = domain;
  return [
    ...(lacks(domain, 'vcpus') ? ['vcpus'] : []),
    ...(lacks(domain, 'memory') ? ['memory'] : []),
    ...(os !== 'linux' && !iscsi && (lacks(domain, 'disks') || disks?.length === 0) ? ['disks'] : []),
  ];
}

/** Whether an error hides the DHCP server of a network: it may be a typo of libvirt. */
export function mayBeOfLibvirt(network: Draft<Network>): boolean {
  const { dhcp } = network;
  return isBroken(network, 'dhcp') || Boolean(dhcp && isBroken(dhcp, 'server'));
}

/** Whether virtual machines cannot be connected to a network: neither libvirt nor the host has a bridge for it. */
export function hasNoBridge(network: Draft<Network>): boolean {
  return !mayBeOfLibvirt(network) && lacks(network, 'libvirt') && lacks(network, 'interface');
}

interface Screen {
  readonly node: string | undefined;
  readonly address: string;
  readonly port: number;
  readonly at: SourceLocation;
}

/** Returns the ports at which a virtual machine has its screen: for VNC, and for browsers. */
export function screenOf({ name, domain }: Draft<Node>): Screen[] {
  const { vnc } = domain ?? {};
  if (vnc?.listen === undefined) return [];
  return (['port', 'websocket'] as const).flatMap((key) => {
    const { listen: address, [key]: port } = vnc;
    return address && port ? { node: name, address, port, at: locationOf(vnc, key) } : [];
  });
}

function isSamePort(one: Draft<Exposed>, other: Draft<Exposed>): boolean {
  if (one.port === undefined || one.port !== other.port) return false;
  if ([one, other].some((exposed) => isBroken(exposed, 'address'))) return false;
  return one.address === other.address || one.address === undefined || other.address === undefined;
}

const ALL = [undefined, '0.0.0.0'];

/** Whether a host listens twice on a port that is set for both IP addresses; by default, for all of the host's. */
export function isAtOnce(address: string | undefined, other: string | undefined): boolean {
  return address === other || ALL.includes(address) || ALL.includes(other);
}

export const rackRules = [
  warning('position-without-rack', {
    tag: 'unnecessary',
    what: 'A node with a position must have a rack.',
    why: 'The report draws machines in racks: it cannot draw a position in an unknown one.',
  }).check(nodesWith('position').each, (node, report) => {
    if (rackOf(node) !== undefined) return;
    report(locationOf(node, 'position'), {
      message: `${node.name} has the position ${node.position}, but no rack: the report does not draw it there.`,
      help: 'add `rack: NAME`',
    });
  }),
  warning('rack-unit-taken', {
    what: 'A rack unit must belong to one machine only.',
    why: 'Two machines cannot be in one place: a technician who follows the inventory finds the wrong one.',
  }).check((site, report) => {
    const owners = new Map<string, Draft<Node>>();
    for (const node of nodesWith('position').ofSite(site)) {
      const rack = rackOf(node);
      const units = Array.from({ length: node.height ?? 1 }, (_, index) => node.position + index);
      const taken = rack === undefined ? undefined : units.find((unit) => owners.has(`${rack} ${unit}`));
      const owner = taken === undefined ? undefined : owners.get(`${rack} ${taken}`);
      if (owner)
        report(locationOf(node, 'position'), {
          node,
          message: `${node.name} and ${owner.name} both take unit ${taken} of the rack ${rack}: one of them is somewhere else.`,
          related: [{ message: `${owner.name} sets its position at`, at: locationOf(owner, 'position') }],
          help: 'set the lowest unit of each machine, and its height',
        });
      else for (const unit of units) owners.set(`${rack} ${unit}`, node);
    }
  }),
];
