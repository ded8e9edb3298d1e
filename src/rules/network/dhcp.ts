import { isOwnDhcpServer, OWN_DHCP_SERVERS, type OwnDhcpServer } from '../../knowledge/boot-programs.ts';
import { hostNames, namesOf } from '../../plan/dns-names.ts';
import type { Dhcp, Network, Node } from '../../site/model.ts';
import { bmcNics, networkOf } from '../../site/nics.ts';
import { isBroken, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import { removeKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { ipv4Number } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { hasNoBridge, mayBeOfLibvirt } from '../machines/vms.ts';
import { error, essential, nodesWith, per, repeats, warning } from '../rule.ts';
import { strangersOf } from '../support.ts';

const ALONE = 'Kea must be the only DHCP server on a machine';

const interfaceOfKea = ({ dhcp, interface: device }: Draft<Network>) =>
  (dhcp?.server === 'kea' && device) || undefined;

export const dhcpRules = [
  essential('dhcp-without-server', {
    what: 'If the configuration sets DHCP, the network must have a DHCP server.',
    why: 'Otherwise, the machine requests an IP address forever.',
  }).check(per.nodeOnce, (node, report) => {
    const management = node.userConfig?.install?.management_interface;
    const network = node.bootNic?.network;
    if (node.os !== 'harvester' || management?.method !== 'dhcp' || isBroken(management, 'method')) return;
    if (!network || !lacks(network, 'dhcp')) return;
    report(locationOf(management, 'method'), {
      message: `${node.name} uses DHCP, but its network ${network.name} has no DHCP server: it never gets an IP address.`,
      related: [{ message: 'the network is defined at', at: locationOf(network, 'name') }],
      fix: suggestedFix(removeKey(management, 'method')),
      help: `remove method: the IP address is then static; or add dhcp to the network ${network.name}`,
    });
  }),
  error('several-dhcp-servers', {
    what: "DHCP servers on one machine, including libvirt's, must have separate interfaces, and Kea must be the only one.",
    why: 'Two servers cannot listen on one interface: the second does not start, or both answer. Kea needs UDP port 67 of the IP address for itself, and receives nothing if another server has the port.',
  }).check(({ networks = [] }, report) => {
    const served = networks.flatMap((network): Served[] => {
      const { dhcp } = network ?? {};
      const server = dhcp?.server;
      const isServed = server === 'libvirt' || isOwnDhcpServer(server);
      return network && dhcp && isServed ? [{ network, dhcp, server }] : [];
    });
    const own = served.filter(({ server }) => server !== 'libvirt');
    const libvirt = served.find(({ server }) => server === 'libvirt');
    for (const one of own) {
      const conflict = own[0] && one.server !== own[0].server && conflictOf(one, own);
      const withLibvirt = !conflict && libvirt && conflictWithLibvirt(one);
      const other = conflict ? own[0] : libvirt;
      if (!other || !(conflict || withLibvirt)) continue;
      report(locationOf(one.dhcp, 'server'), {
        message: `The DHCP server of ${one.network.name} is ${nameOf(one.server)}, and that of ${other.network.name} is ${nameOf(other.server)}: ${conflict || withLibvirt}.`,
        related: [{ message: 'the other server is set at', at: locationOf(other.dhcp, 'server') }],
        help: conflict
          ? 'set the same server for all networks, or an interface for each; or, for a server on another machine, set `server: external`'
          : 'set `server: dnsmasq`; or, for a server on another machine, `server: external`',
      });
    }
  }),
  warning('dhcp-server-on-host', {
    what: 'The DHCP server on a libvirt host must be libvirt or dnsmasq.',
    why: "The host's `host-setup.sh` sets up dnsmasq and libvirt's networks. You would have to install any other DHCP server manually.",
  }).check(per.network, ({ dhcp, name }, report, { host }) => {
    const which = dhcp?.server;
    if (!host || !dhcp || !isOwnDhcpServer(which) || which === 'dnsmasq') return;
    report(locationOf(dhcp, 'server'), {
      message: `The DHCP server of ${name} is ${OWN_DHCP_SERVERS[which].name}: host-setup.sh does not set it up.`,
      help: 'set `server: dnsmasq` or, for a network of libvirt, `server: libvirt`; or set it up as in the README.md of the output tree',
    });
  }),
  warning('coredhcp-no-boot-file', {
    what: 'Machines on a network of coredhcp must start iPXE from an image or a ROM with the embedded script.',
    why: "A machine with a reserved IP address gets no boot file from coredhcp: its plugins `file` and `nbp` each end the answer. With OpenCHAMI's plugin coresmd, firmware gets iPXE, but never GRUB or pxelinux.",
  }).check(per.network, (network, report, { nodes = [], server }) => {
    if (network.dhcp?.server !== 'coredhcp' || (server && isBroken(server, 'compat'))) return;
    const here = nodes.filter((node) => node?.bootNic?.network === network && node?.os !== 'local');
    const at = locationOf(network.dhcp, 'server');
    if (server?.compat?.includes('ochami')) {
      const other = here.find((one) => one?.loader === 'grub' || one?.loader === 'pxelinux');
      const what = other?.loader === 'grub' ? 'GRUB' : 'pxelinux';
      if (!other) return;
      report(at, {
        message: `coredhcp does not offer ${what}: with its plugin coresmd, the firmware of ${other.name} loads iPXE.`,
        related: [{ message: `the loader of ${other.name} is set at`, at: locationOf(other, 'loader') }],
        help: 'set another server, such as dnsmasq; or remove boot.loader: machines then boot with iPXE',
      });
    } else if (here[0])
      report(at, {
        message: `coredhcp sends no boot file to machines on ${network.name}: the firmware of ${here[0].name} boots nothing.`,
        help: 'set `server: dnsmasq`; or, if coredhcp runs on another machine, `dhcp: { server: external, proxy: true }`: dnsmasq then adds the boot file; or start iPXE from an image with the embedded script; or set server.compat: [ochami] and run coredhcp with its plugin coresmd',
      });
  }),
  essential('coredhcp-one-network', {
    what: 'A coredhcp server must serve only one network.',
    why: 'It has one mask, one router and one set of name servers for all clients: machines on a second network get those of the first.',
  }).check(({ networks = [] }, report) => {
    const [first, ...others] = networks.filter((network) => network?.dhcp?.server === 'coredhcp');
    for (const network of others)
      if (first?.dhcp && network?.dhcp)
        report(locationOf(network.dhcp, 'server'), {
          message: `${network.name} is a second network of coredhcp, which serves one: its machines get the mask and router of ${first.name}.`,
          related: [{ message: 'the first network is set at', at: locationOf(first.dhcp, 'server') }],
          help: 'set another server for it: isc, kea or dnsmasq serve any number of networks',
        });
  }),
  warning('kea-shared-address', {
    what: 'On a network of Kea, only one NIC of a node must request its IP address.',
    why: 'Kea leases an IP address to one MAC address until the lease ends. If firmware tries several NICs of a bond, the next one gets an IP address of the pool, or none.',
  }).check(nodesWith('bootNic', ({ network }) => network?.dhcp?.server === 'kea').each, (node, report) => {
    const { bootNic, bootNics = [] } = node;
    const { dhcp } = bootNic.network ?? {};
    const second = bootNics.find((nic) => nic !== bootNic && nic?.mac !== undefined);
    if (!bootNic.ip || !dhcp || !second) return;
    report(selfLocation(second), {
      message: `${node.name} may also request ${bootNic.ip} with ${second.mac}: Kea leases it to one NIC until the lease of ${dhcp.lease} ends.`,
      related: [{ message: 'the server is set at', at: locationOf(dhcp, 'server') }],
      help: 'boot its firmware from one NIC only; or set a short lease, or another server: isc and dnsmasq lease the IP address to any NIC of the bond',
    });
  }),
  error('kea-shared-interface', {
    what: 'Kea must serve only one network per interface.',
    why: "It treats every client on an interface as one of the network of the interface's first IP address. Machines of a second network, mostly BMCs, get an IP address of the first pool, and a boot file.",
  }).check(
    per.repeat(({ networks = [] }) => networks, 'interface', interfaceOfKea),
    (later, first) => ({
      message: `${later.name} and ${first.name} are both on ${later.interface}: Kea treats machines of ${later.name} as those of ${first.name}.`,
      related: `${first.name} sets it at`,
      help: 'set dnsmasq or isc for both, which serve several networks on one wire; or set separate interfaces',
    }),
  ),
  warning('unknown-machines-without-pool', {
    what: 'If `unknown_machines` sets a boot, a network must have a `pool` or an external DHCP server.',
    why: 'No other network leases an IP address to a machine outside the inventory: it never loads the entry script.',
  }).check(({ networks = [], unknownMachines: [first] = [] }, report) => {
    const leases = ({ dhcp }: Draft<Network>) => dhcp && (dhcp.server === 'external' || !lacks(dhcp, 'pool'));
    if (!first || networks.some((network) => !network || isBroken(network, 'dhcp') || leases(network)))
      return;
    report(selfLocation(first), {
      message: 'unknown_machines has no effect: no network leases an IP address to an unknown machine.',
      help: 'add a pool to the dhcp of a network; or remove unknown_machines',
    });
  }),
  warning('hosts-files-without-dnsmasq', {
    tag: 'unnecessary',
    what: 'A network with `hosts_files` must have the DHCP server `dnsmasq` or `external`.',
    why: 'No other server reads these lists, so harvgen writes none: the reservations are in the configuration of the server.',
  }).check(per.network, ({ dhcp, name }, report) => {
    const { server, hostsFiles } = dhcp ?? {};
    if (!dhcp || !hostsFiles || !server || server === 'dnsmasq' || server === 'external') return;
    report(locationOf(dhcp, 'hostsFiles'), {
      message: `${name} sets hosts_files, but its DHCP server is ${server}, which reads no such files.`,
      related: [{ message: 'the server is set at', at: locationOf(dhcp, 'server') }],
      fix: suggestedFix(removeKey(dhcp, 'hostsFiles')),
      help: 'remove hosts_files, or set `server: dnsmasq`',
    });
  }),
  error('proxy-without-external', {
    what: 'A network with `proxy` must have the DHCP server `external`.',
    why: 'A proxyDHCP server adds the boot file to the answers of another DHCP server. Any other setting starts a second server beside it.',
  }).check(per.network, ({ dhcp, name }, report) => {
    if (!dhcp?.proxy || !dhcp.server || dhcp.server === 'external') return;
    report(locationOf(dhcp, 'proxy'), {
      message: `${name} sets proxy, but its DHCP server is ${dhcp.server}, which sends the boot file itself.`,
      help: 'set `server: external` if another server leases the IP addresses; otherwise remove proxy',
    });
  }),
  warning('boot-server-without-dns', {
    what: 'If `dns` of a network names the boot server, `server.dns` must be set.',
    why: 'By default, no DNS server of the site runs there: each lookup of a machine waits for an answer, and fails.',
  }).check(per.network, ({ dns = [], name }, report, site) => {
    const { server, nodes = [], networks = [] } = site;
    const { host } = server ?? {};
    if (!server || !lacks(server, 'dns') || host === undefined) return;
    if (networks.some((network) => !network?.subnet || strangersOf(site).has(network))) return;
    const ofServer = networkOf(host, networks);
    // The dnsmasq of a libvirt network also serves DNS; vm-without-bridge reports virtual machines without it.
    if (ofServer && (ofServer.libvirt || mayBeOfLibvirt(ofServer))) return;
    const isOnIt = (node: Draft<Node> | undefined) => node?.domain && node.bootNic?.network === ofServer;
    if (ofServer && hasNoBridge(ofServer) && nodes.some(isOnIt)) return;
    const index = dns.findIndex((address) => address !== undefined && address === host);
    if (index >= 0)
      report(locationOf(dns, index), {
        message: `The DNS server ${host} of ${name} is the boot server, where no DNS server of the site runs: lookups fail.`,
        help: 'set server.dns: dnsmasq; or, if another DNS server runs there, add silence: {boot-server-without-dns: "the reason"}',
      });
  }),
  warning('dns-without-clients', {
    what: 'With `server.dns`, `dns` of a network must name the boot server.',
    why: 'Otherwise, no machine of the site sends its queries to this DNS server: the names of machines do not resolve.',
  }).check(({ server, networks = [], nodes = [] }, report) => {
    const { dns, host } = server ?? {};
    // dns-needs-address reports a name.
    if (!server || !dns || host === undefined || ipv4Number(host) === undefined) return;
    if (networks.some((network) => !network || isBroken(network, 'dns'))) return;
    const ofNodes = nodes.map((node) => node?.userConfig?.os?.dns_nameservers);
    if ([...networks.map((network) => network?.dns), ...ofNodes].some((all) => all?.includes(host))) return;
    report(locationOf(server, 'dns'), {
      message: `No network has the boot server, ${host}, in its dns: no machine uses this DNS server.`,
      help: `add ${host} to dns of a network; or remove server.dns, unless another site of this dnsmasq needs it`,
    });
  }),
  warning('dns-without-domain', {
    what: 'With `server.dns: coredns`, the network of each node must have a `domain`, unless the name of the node contains one.',
    why: 'A zone file has only names of its domain: other names are only in the hosts file, which has no zone to transfer or delegate.',
  }).check(({ server, nodes = [] }, report) => {
    if (server?.dns !== 'coredns') return;
    for (const network of new Set(
      nodes.map((node) => (node?.name?.includes('.') ? undefined : node?.bootNic?.network)),
    ))
      if (network && lacks(network, 'domain'))
        report(locationOf(network, 'name'), {
          message: `${network.name} has no domain: the names of its machines are in no zone file.`,
          related: [{ message: 'the DNS server is set at', at: locationOf(server, 'dns') }],
          help: 'add a domain, such as `domain: cluster.example.org`; or set server.dns: dnsmasq',
        });
  }),
  error('dns-name-twice', {
    what: 'With `server.dns`, each host name, BMC name and xname must belong to one machine.',
    why: 'A name of two machines resolves to two IP addresses: a client reaches one of the two.',
  }).check((site, report) => {
    if (!site.server?.dns) return;
    const { nodes = [], networks = [] } = site;
    // bmc-name-taken reports these.
    const inDhcp = new Set(
      Array.from(bmcNics(nodes, networks), ({ bmc }) => bmc.network.dhcp && `${bmc.ip} ${bmc.name}`),
    );
    const all = namesOf(site).flatMap((named) =>
      hostNames(named).map((name) => ({ ...named, name, isBmc: named.names[0] !== named.node.name })),
    );
    const reported = new Set<string>();
    for (const { later, first } of repeats(all, ({ name }) => name)) {
      const pair = `${first.ip} ${later.ip}`;
      if (reported.has(pair) || inDhcp.has(`${later.ip} ${later.names[0]}`)) continue;
      // duplicate-xname reports two equal xnames.
      const isOfHost = [later, first].some(({ names: [own] }) => `${later.name}.`.startsWith(`${own}.`));
      if (!isOfHost) continue;
      reported.add(pair);
      const whose = later.isBmc ? `the BMC of ${later.node.name}` : later.node.name;
      report(locationOf(later.node, 'name'), {
        node: later.node,
        message: `${later.name} is a DNS name of ${first.isBmc ? 'the BMC of ' : ''}${first.node.name}, ${first.ip}, and of ${whose}, ${later.ip}: clients reach either.`,
        related: [{ message: `${first.node.name} is defined at`, at: locationOf(first.node, 'name') }],
        help: 'rename the node; or correct the xname',
      });
    }
  }),
  essential('dns-needs-address', {
    what: 'With `server.dns`, `server.url` must contain the IP address of a boot server, not of pods.',
    why: 'The DNS server listens on its IP address, by which zone files name it, and pods serve no DNS.',
  }).check(({ server }, report) => {
    const { dns, host, kubernetes } = server ?? {};
    if (!server || !dns || host === undefined || (!kubernetes && ipv4Number(host) !== undefined)) return;
    report(locationOf(server, 'dns'), {
      message: `server.dns starts a DNS server on the boot server, but ${host} is ${kubernetes ? 'that of pods, which serve no DNS' : 'a name: the server has no IP address to listen on'}.`,
      related: [{ message: 'the boot server is set at', at: locationOf(server, 'url') }],
      help: kubernetes ? 'remove server.dns' : 'set the IP address in server.url; or remove server.dns',
    });
  }),
  essential('dhcp-needs-address', {
    what: "With ISC's dhcpd, Kea or coredhcp, `server.url` must contain the IP address of a boot server, not of pods.",
    why: 'Both dhcpd and Kea send the IP address of the TFTP server, and coredhcp sends its own. Pods have no TFTP. dnsmasq sends its IP address automatically.',
  }).check(per.network, ({ dhcp, name }, report, { server }) => {
    const which = dhcp?.server;
    const { host, kubernetes } = server ?? {};
    if (!dhcp || !isOwnDhcpServer(which) || which === 'dnsmasq') return;
    if (!server || host === undefined || (!kubernetes && ipv4Number(host) !== undefined)) return;
    report(locationOf(dhcp, 'server'), {
      message: `${OWN_DHCP_SERVERS[which].name} on ${name} must send the IP address of a TFTP server, but ${host} is ${kubernetes ? 'that of pods, which have no TFTP' : 'a name'}: firmware finds no server.`,
      related: [{ message: 'the boot server is set at', at: locationOf(server, 'url') }],
      help: kubernetes
        ? 'set `server: dnsmasq`, on a machine of the network'
        : 'set the IP address in server.url; or set `server: dnsmasq` for the network',
    });
  }),
];

/** A DHCP server on the boot server; libvirt's dnsmasq, if the boot server is the host. */
type Server = OwnDhcpServer | 'libvirt';
type Served = { readonly network: Draft<Network>; readonly dhcp: Draft<Dhcp>; readonly server: Server };

function conflictOf({ network, server }: Served, own: readonly Served[]): string | undefined {
  if (own.some((one) => one.server === 'kea')) return ALONE;
  if (own.some((one) => one.network.interface === undefined))
    return 'a network has no interface, so both would listen on all interfaces';
  const shared = own.some((one) => one.server !== server && one.network.interface === network.interface);
  return shared ? `both would listen on ${network.interface}` : undefined;
}

/** dnsmasq ignores libvirt's bridges, and dhcpd listens only where it has a subnet. */
function conflictWithLibvirt({ network, server }: Served): string | undefined {
  if (server === 'kea') return ALONE;
  const isEverywhere = server === 'coredhcp' && network.interface === undefined;
  return isEverywhere ? 'without its own interface, it would answer on the other network, too' : undefined;
}

function nameOf(server: Server): string {
  return server === 'libvirt' ? "libvirt's" : OWN_DHCP_SERVERS[server].name;
}
