import { isOwnDhcpServer, OWN_DHCP_SERVERS, type OwnDhcpServer } from '../knowledge/boot-programs.ts';
import type { Dhcp, Network } from '../site/model.ts';
import { isBroken, lacks, locationOf, selfLocation } from '../source/origin.ts';
import { ipv4Number } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { error, essential, warning } from './rule.ts';
import { nodesWhose, perNetwork, repeats } from './support.ts';

export const dhcpWithoutServer = essential('dhcp-without-server', {
  what: 'Where the configuration says DHCP, the network has a DHCP server.',
  why: 'The machine would ask for an address for ever.',
  check: nodesWhose('userConfig', ({ install }) => install?.management_interface?.method === 'dhcp').eachOnce(
    (node, report) => {
      const said = node.userConfig.install?.management_interface;
      const network = node.bootNic?.network;
      if (node.os !== 'harvester' || !said || isBroken(said, 'method')) return;
      if (!network || !lacks(network, 'dhcp')) return;
      report({
        message: `${node.name} is to get its address by DHCP, and its network ${network.name} has no DHCP server: it would ask for ever.`,
        at: locationOf(said, 'method'),
        related: [{ message: 'the network is at', at: locationOf(network, 'name') }],
        help: `remove method, so that the address is static; or add dhcp to the network ${network.name}`,
      });
    },
  ),
});

export const severalDhcpServers = error('several-dhcp-servers', {
  what: 'Of several DHCP servers on one machine, that of libvirt included, each has interfaces of its own, and Kea has none beside it.',
  why: 'Two of them cannot listen on one interface: the second does not start, or both answer. Kea takes UDP port 67 of an address whole, and hears nothing where another server has the port.',
  check({ networks = [] }, report) {
    const served = networks.flatMap((network): Served[] => {
      const { dhcp } = network ?? {};
      const server = dhcp?.server;
      return network && dhcp && (server === 'libvirt' || isOwnDhcpServer(server))
        ? [{ network, dhcp, server }]
        : [];
    });
    const own = served.filter(({ server }) => server !== 'libvirt');
    const libvirt = served.find(({ server }) => server === 'libvirt');
    for (const one of own) {
      const fault = own[0] && one.server !== own[0].server && faultOf(one, own);
      const beside = !fault && libvirt && faultBesideLibvirt(one);
      const other = fault ? own[0] : libvirt;
      if (!other || !(fault || beside)) continue;
      report({
        message: `${one.network.name} has ${nameOf(one.server)} for its DHCP server, and ${other.network.name} has ${nameOf(other.server)}: ${fault || beside}.`,
        at: locationOf(one.dhcp, 'server'),
        related: [{ message: 'the other one is named at', at: locationOf(other.dhcp, 'server') }],
        help: fault
          ? 'give all networks the same server, or each its own interface; or say `server: external` where another machine serves'
          : 'say `server: dnsmasq`; or `server: external` where another machine serves',
      });
    }
  },
});

/** Who listens on the boot server; libvirt's dnsmasq does where that is the host. */
type Server = OwnDhcpServer | 'libvirt';

interface Served {
  readonly network: Draft<Network>;
  readonly dhcp: Draft<Dhcp>;
  readonly server: Server;
}

function faultOf({ network, server }: Served, own: readonly Served[]): string | undefined {
  if (own.some((one) => one.server === 'kea')) return ALONE;
  if (own.some((one) => one.network.interface === undefined))
    return 'not every network says its interface, and each would listen on all';
  const shared = own.some((one) => one.server !== server && one.network.interface === network.interface);
  return shared ? `both would listen on ${network.interface}` : undefined;
}

/** dnsmasq leaves libvirt's bridges out by itself, and dhcpd listens where it has a subnet alone. */
function faultBesideLibvirt({ network, server }: Served): string | undefined {
  if (server === 'kea') return ALONE;
  const isEverywhere = server === 'coredhcp' && network.interface === undefined;
  return isEverywhere ? 'without an interface of its own it would answer on the other one, too' : undefined;
}

const ALONE = 'Kea has no other server beside it on one machine';

function nameOf(server: Server): string {
  return server === 'libvirt' ? "libvirt's" : OWN_DHCP_SERVERS[server].name;
}

export const dhcpServerOnHost = warning('dhcp-server-on-host', {
  what: 'A libvirt host serves DHCP by dnsmasq, where not by libvirt.',
  why: "The host's `host-setup.sh` sets up dnsmasq and libvirt's networks, and no other DHCP server: that one is a person's to install.",
  check: perNetwork(({ dhcp, name }, report, { host }) => {
    const which = dhcp?.server;
    if (!host || !dhcp || (which !== 'isc' && which !== 'kea' && which !== 'coredhcp')) return;
    report({
      message: `${name} has ${OWN_DHCP_SERVERS[which].name} for its DHCP server, which host-setup.sh does not set up.`,
      at: locationOf(dhcp, 'server'),
      help: 'say `server: dnsmasq`, or `server: libvirt` where libvirt makes the network; or set it up as the README.md of the tree says',
    });
  }),
});

export const coredhcpNoBootFile = warning('coredhcp-no-boot-file', {
  what: 'Machines that boot from a network of coredhcp start iPXE by themselves, from an image or a ROM that has the embedded script.',
  why: 'A machine that has a reservation gets an address of coredhcp, and no boot file: its plugins `file` and `nbp` each end the answer. Only with the plugin coresmd, of OpenCHAMI, does firmware get iPXE, and GRUB and pxelinux with none.',
  check: perNetwork((network, report, { nodes = [], server }) => {
    if (network.dhcp?.server !== 'coredhcp' || (server && isBroken(server, 'compat'))) return;
    const here = nodes.filter((one) => one?.bootNic?.network === network && one?.os !== 'local');
    const at = locationOf(network.dhcp, 'server');
    if (server?.compat?.includes('ochami')) {
      const other = here.find((one) => one?.loader === 'grub' || one?.loader === 'pxelinux');
      const what = other?.loader === 'grub' ? 'GRUB' : 'pxelinux';
      if (!other) return;
      report({
        message: `coredhcp hands out no ${what}: with its plugin coresmd the firmware of ${other.name} would load iPXE.`,
        at,
        related: [{ message: `${other.name} is to load ${what} by`, at: locationOf(other, 'loader') }],
        help: 'have another server, such as dnsmasq; or take boot.loader out, and machines boot by iPXE',
      });
    } else if (here[0]) {
      report({
        message: `coredhcp tells no machine of ${network.name} what to boot: the firmware of ${here[0].name} would find nothing.`,
        at,
        help: 'start iPXE from an image with the embedded script; or say server.compat: [ochami] and run coredhcp with its plugin coresmd; or have another server',
      });
    }
  }),
});

export const coredhcpOneNetwork = essential('coredhcp-one-network', {
  what: 'The server coredhcp serves one network.',
  why: 'It has one mask, one router and one set of name servers for whoever asks: machines of a second network would get those of the first.',
  check({ networks = [] }, report) {
    const [first, ...others] = networks.filter((network) => network?.dhcp?.server === 'coredhcp');
    for (const network of others) {
      if (!first?.dhcp || !network?.dhcp) continue;
      report({
        message: `${network.name} is the second network of coredhcp, which has one: its machines would get the mask and the router of ${first.name}.`,
        at: locationOf(network.dhcp, 'server'),
        related: [{ message: 'the first one is at', at: locationOf(first.dhcp, 'server') }],
        help: 'have another server for it: isc, kea or dnsmasq serve any number of networks',
      });
    }
  },
});

export const keaSharedAddress = warning('kea-shared-address', {
  what: 'On a network of Kea one NIC of a node asks for its address.',
  why: 'Kea gives an address to one MAC until its lease ends. Another NIC of the bond that asks meanwhile, as where firmware tries one after the other, gets an address of the pool, or none.',
  check: nodesWhose('bootNic', ({ network }) => network?.dhcp?.server === 'kea').each((node, report) => {
    const { bootNic, bond = [] } = node;
    const { dhcp } = bootNic.network ?? {};
    const second = bond.find((nic) => nic !== bootNic && nic?.mac !== undefined);
    if (!bootNic.ip || !dhcp || !second) return;
    report({
      message: `${node.name} may ask for ${bootNic.ip} by ${second.mac}, too: Kea gives it to one NIC at a time, until the lease of ${dhcp.lease} ends.`,
      at: selfLocation(second),
      related: [{ message: 'the server is named at', at: locationOf(dhcp, 'server') }],
      help: 'have its firmware boot from one NIC alone; or say a short lease, or another server: isc and dnsmasq give the address to any NIC of the bond',
    });
  }),
});

export const keaSharedInterface = error('kea-shared-interface', {
  what: 'Kea serves one network on an interface.',
  why: 'It takes the network of the first address of an interface for that of whoever asks there: machines of a second one, management controllers mostly, would get an address of the pool of the first, and be told to boot.',
  check({ networks = [] }, report) {
    const served = networks.filter((network) => network?.dhcp?.server === 'kea');
    for (const { one, first } of repeats(served, (network) => network.interface || undefined)) {
      report({
        message: `${one.name} is on ${one.interface}, and so is ${first.name}: Kea would take its machines for those of ${first.name}.`,
        at: locationOf(one, 'interface'),
        related: [{ message: `${first.name} names it at`, at: locationOf(first, 'interface') }],
        help: 'have dnsmasq or isc for both, which serve several networks on one wire; or give each an interface of its own',
      });
    }
  },
});

export const hostsFilesWithoutDnsmasq = warning('hosts-files-without-dnsmasq', {
  what: 'Lists of reservations are asked for where a dnsmasq reads them: of `dnsmasq` and `external`.',
  why: 'No other server reads them, so that none are written: the reservations are in its own configuration.',
  check: perNetwork(({ dhcp, name }, report) => {
    const { server, hostsFiles } = dhcp ?? {};
    if (!dhcp || !hostsFiles || !server || server === 'dnsmasq' || server === 'external') return;
    report({
      message: `${name} asks for hosts_files, and its DHCP server is ${server}, which reads none.`,
      at: locationOf(dhcp, 'hostsFiles'),
      related: [{ message: 'the server is named at', at: locationOf(dhcp, 'server') }],
      help: 'remove hosts_files, or have dnsmasq serve the network',
    });
  }),
});

export const dhcpNeedsAddress = essential('dhcp-needs-address', {
  what: "With ISC's dhcpd, Kea or coredhcp the boot server is known by its address, and is itself what machines fetch from.",
  why: 'Both dhcpd and Kea tell firmware from where it gets its program by TFTP, and coredhcp calls itself, by an address; that of pods is none that has TFTP. dnsmasq tells its own by itself.',
  check: perNetwork(({ dhcp, name }, report, { server }) => {
    const which = dhcp?.server;
    const { host, kubernetes } = server ?? {};
    if (!dhcp || (which !== 'isc' && which !== 'kea' && which !== 'coredhcp')) return;
    if (!server || host === undefined || (!kubernetes && ipv4Number(host) !== undefined)) return;
    report({
      message: `${OWN_DHCP_SERVERS[which].name}, which serves ${name}, is to say an address, and ${host} is ${kubernetes ? 'that of pods, which have no TFTP' : 'a name'}.`,
      at: locationOf(dhcp, 'server'),
      related: [{ message: 'the boot server is named at', at: locationOf(server, 'url') }],
      help: kubernetes
        ? 'have dnsmasq for it, on a machine of the network'
        : 'write the address in server.url; or have dnsmasq for the network',
    });
  }),
});
