import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOwnDhcpServer, OWN_DHCP_SERVERS } from '../knowledge/boot-programs.ts';
import { networkFacts, tftpAddress } from '../plan/dhcp.ts';
import { type LoaderKind, loadersOfKind } from '../plan/programs.ts';
import type { Network, Node, Site } from '../site/model.ts';
import { isOciNetwork } from '../site/nodes.ts';
import { BOOT_SCRIPT, urlOf } from '../tree/paths.ts';
import { contains, type Ipv4 } from '../values/addresses.ts';
import { groupedBy } from '../values/grouped.ts';
import type { Mac } from '../values/identifiers.ts';
import { orUndefined } from '../values/or-undefined.ts';
import {
  addressesOf,
  type DhcpAnswer,
  decodeAnswer,
  encodeDiscover,
  OFFER,
  OPTION,
  textOf,
} from './dhcp-packet.ts';
import { ownAddresses } from './expected.ts';
import type { Findings, Progress, Run } from './findings.ts';

/** A program of a machine that probes for its boot file. */
interface Client {
  readonly what: string;
  readonly arch: number;
  readonly vendor: string;
  readonly userClass?: string;
  /** The boot file that the inventory sets, and how the client loads it. */
  readonly file: string;
  readonly transport: 'tftp' | 'http' | 'script';
}

/** A request as a machine sends it, with the answer that the inventory sets. */
interface DhcpProbe {
  readonly network: Network;
  readonly from: Ipv4;
  readonly xid: number;
  readonly node: string;
  readonly mac: Mac;
  readonly ip: Ipv4;
  /** The program that probes; undefined for a NIC that boots nothing. */
  readonly client: Client | undefined;
  /** One offer of each server. */
  readonly offers: Map<Ipv4, DhcpAnswer>;
}

const [SERVER_PORT, CLIENT_PORT] = [67, 68];
/** Milliseconds until unanswered requests are repeated, and until the end: a server may first check that an IP address is free. */
const [REPEATED, LISTENED] = [1500, 4000];
/** Requests at once, and the pause after them in milliseconds, so that no buffer overflows. */
const [AT_ONCE, PAUSE] = [20, 20];

/**
 * Requests an offer from every DHCP server as each machine would, and compares it with the inventory. Sends no DHCPREQUEST, so no
 * server leases anything. `only` limits the interface.
 */
export async function verifyDhcp(run: Run, only: string | undefined): Promise<void> {
  const { site, findings, progress } = run;
  const probes = site.networks.flatMap((network) => probesOf(run, network, only));
  if (probes.length === 0) return;
  const sockets = new Map<Ipv4, Socket>();
  try {
    const receiver = await opened('0.0.0.0');
    sockets.set('0.0.0.0', receiver);
    for (const { from } of probes) if (!sockets.has(from)) sockets.set(from, await opened(from));
    const byXid = new Map(probes.map((probe) => [probe.xid, probe]));
    receiver.on('message', (packet) => {
      const offer = decodeAnswer(packet);
      if (offer?.type === OFFER) byXid.get(offer.xid)?.offers.set(offer.server, offer);
    });
    const begun = Date.now();
    await sendAll(probes, sockets, progress);
    await sleep(REPEATED);
    const silent = probes.filter(({ offers }) => offers.size === 0);
    await sendAll(silent, sockets, progress);
    await sleep(Math.max(LISTENED - (Date.now() - begun), silent.length > 0 ? REPEATED : 0));
    await resolveMacs(probes, receiver);
  } catch (error) {
    findings.notes.add(whyNotAsked(error as NodeJS.ErrnoException));
    return;
  } finally {
    for (const socket of sockets.values()) socket.close();
  }
  for (const [network, ofNetwork] of groupedBy(probes, ({ network }) => network))
    compareNetwork(run, network, ofNetwork);
}

function whyNotAsked({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EACCES' || code === 'EPERM')
    return 'DHCP was not asked: its port 68 needs root, run verify by sudo';
  if (code === 'EADDRINUSE')
    return 'DHCP was not asked: another program uses port 68 of this machine, stop its DHCP client or run verify elsewhere';
  return `DHCP was not asked: ${message}`;
}

async function opened(address: Ipv4): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.bind({ address, port: CLIENT_PORT });
  await once(socket, 'listening');
  // A broken network must not end the process.
  socket.on('error', () => {});
  // Linux sends a limited broadcast by the interface of the source address.
  socket.setBroadcast(true);
  return socket;
}

async function sendAll(
  probes: readonly DhcpProbe[],
  sockets: ReadonlyMap<Ipv4, Socket>,
  progress: Progress,
): Promise<void> {
  for (const [index, probe] of probes.entries()) {
    sockets
      .get(probe.from)
      ?.send(encodeDiscover({ ...probe, ...probe.client }), SERVER_PORT, '255.255.255.255', () => {});
    if (index % AT_ONCE === AT_ONCE - 1) await sleep(PAUSE);
    progress('DHCP', index + 1, probes.length);
  }
}

/** Has the kernel resolve the MACs of all servers: an empty datagram to the discard port is enough. */
async function resolveMacs(probes: readonly DhcpProbe[], socket: Socket): Promise<void> {
  const servers = new Set(probes.flatMap(({ offers }) => [...offers.keys()]));
  for (const server of servers) socket.send('', 9, server, () => {});
  if (servers.size > 0) await sleep(200);
}

/** Returns a server for a message: its identifier and, if the kernel knows it, its MAC. */
function nameOf(server: Ipv4): string {
  const table = orUndefined(() => readFileSync('/proc/net/arp', 'utf8')) ?? '';
  const mac = table
    .split('\n')
    .map((line) => line.split(/\s+/))
    .find(([address, , , mac]) => address === server && mac !== '00:00:00:00:00:00')?.[3];
  return mac === undefined ? server : `${server} (${mac})`;
}

/** Returns the requests of the machines of a network; notes why it cannot be asked. */
function probesOf({ site, names, findings }: Run, network: Network, only: string | undefined): DhcpProbe[] {
  if (!network.dhcp || isOciNetwork(site, network)) return [];
  const addresses = ownAddresses().filter(({ name }) => only === undefined || name === only);
  const inSubnet = addresses.find(({ address }) => contains(network.subnet, address));
  const from = (inSubnet ?? (only === undefined ? undefined : addresses[0]))?.address;
  const owners = new Map(site.nodes.flatMap((node) => node.nics.map(({ mac }) => [mac, node] as const)));
  const probes = networkFacts(site, network).reservations.flatMap(({ macs, ip, hostname, loads }) => {
    const [mac] = macs;
    const owner = owners.get(mac);
    if (!mac || !(owner ? names.has(owner.name) : names.size === site.nodes.length)) return [];
    const node = owner?.name ?? hostname ?? 'VIP';
    const probeBy = (mac: Mac, client: Client | undefined): DhcpProbe => {
      return { network, from: from ?? '', xid: randomInt(2 ** 32), node, mac, ip, client, offers: new Map() };
    };
    const boots = owner?.bootNic.network === network && owner.bootNic.mac === mac && loads !== undefined;
    const clients = boots ? clientsOf(site, owner, loads) : [undefined];
    return [
      ...clients.map((client) => probeBy(mac, client)),
      ...macs.slice(1).map((mac) => probeBy(mac, undefined)),
    ];
  });
  if (probes.length === 0 || from !== undefined) return probes;
  const asker = only === undefined ? 'this machine' : `the interface ${only}`;
  findings.notes.add(
    `DHCP on ${network.name} was not asked: ${asker} has no connected address in ${network.subnet.text}`,
  );
  return [];
}

/** Returns the programs of a machine that probe one after the other: its firmware by TFTP or HTTP, then iPXE. */
function clientsOf(site: Site, { firmware, arch }: Node, loads: LoaderKind): Client[] {
  const names = firmware === 'bios' ? /^bios$/ : arch === 'arm64' ? /arm64$/ : /x86_64$/;
  const ofFirmware = loadersOfKind(site, loads).filter(({ name }) => names.test(name));
  const clients = ofFirmware.map(({ codes: [code = 0], transport, file }): Client => {
    const kind = transport === 'http' ? 'HTTP' : 'PXE';
    const vendor = `${kind}Client:Arch:${String(code).padStart(5, '0')}:UNDI:003016`;
    return {
      what: `${firmware === 'bios' ? 'BIOS' : 'UEFI'} ${kind} boot`,
      arch: code,
      vendor,
      file,
      transport,
    };
  });
  const [first] = clients;
  const iPxe = {
    what: 'iPXE',
    userClass: 'iPXE',
    file: urlOf(site, BOOT_SCRIPT),
    transport: 'script',
  } as const;
  return first ? [...clients, { ...first, ...iPxe }] : [];
}

/** The IP addresses with which the site's own DHCP server may identify itself. */
function expectedServer(site: Site, { dhcp, libvirt, subnet, bootServer }: Network): Ipv4 | undefined {
  if (dhcp?.server === 'libvirt') return libvirt?.address;
  if (bootServer && isOwnDhcpServer(dhcp?.server)) return bootServer;
  return isOwnDhcpServer(dhcp?.server) && contains(subnet, site.server.host) ? site.server.host : undefined;
}

function restartOf({ libvirt }: Network, server: string | undefined): string {
  if (server === 'libvirt')
    return `run scripts/host-setup.sh on the host again, and \`virsh net-start ${libvirt?.name}\``;
  if (!isOwnDhcpServer(server)) return 'correct the external DHCP server';
  return `deploy the tree again, then \`systemctl restart ${OWN_DHCP_SERVERS[server].unit}\` on the boot server`;
}

/** Returns the proxyDHCP servers among those that answer: they offer a boot file, or a menu of them, and never an IP address. */
function proxiesOf({ dhcp }: Network, servers: readonly Ipv4[], probes: readonly DhcpProbe[]): Ipv4[] {
  const isProxied = (offer?: DhcpAnswer) =>
    !offer || (offer.address === '0.0.0.0' && textOf(offer.options.get(OPTION.vendor)) === 'PXEClient');
  return servers.filter(
    (server) => dhcp?.proxy && probes.every(({ offers }) => isProxied(offers.get(server))),
  );
}

/** Compares the boot files of the site's proxy. Firmware gets its own from a menu, or from port 4011; UEFI HTTP boot ignores a proxy. */
function compareProxy({ findings }: Run, network: Network, probes: readonly DhcpProbe[], proxy?: Ipv4): void {
  for (const { node, client, offers } of probes) {
    if (!client || client.transport === 'http') continue;
    const { what, file, transport } = client;
    const offer = proxy === undefined ? undefined : offers.get(proxy);
    const wrong = transport === 'script' && offer?.bootFile !== file;
    const message = !offer
      ? `no proxyDHCP server of the site answers on ${network.name}: firmware gets no boot file`
      : wrong &&
        `DHCP server ${proxy} sends ${what} the boot file ${shown(offer.bootFile)} instead of ${file}`;
    if (message) findings.add('dhcp', message, restartOf(network, 'dnsmasq'), { nodes: [node] });
  }
}

function compareNetwork(run: Run, network: Network, probes: readonly DhcpProbe[]): void {
  const { site, findings } = run;
  const all = [...new Set(probes.flatMap(({ offers }) => [...offers.keys()]))];
  const proxies = proxiesOf(network, all, probes);
  const proxy = proxies.find((server) => server === site.server.host) ?? proxies[0];
  const servers = all.filter((server) => !proxies.includes(server));
  const expected = expectedServer(site, network);
  const rightBy = (server: Ipv4) =>
    probes.filter(({ ip, offers }) => offers.get(server)?.address === ip).length;
  const [best] = servers.sort((a, b) => rightBy(b) - rightBy(a) || (a < b ? -1 : 1));
  // A server with reserved addresses is that of the site, under another of its IP addresses.
  const isLikely = best !== undefined && (rightBy(best) > 0 || network.dhcp?.server === 'external');
  const own = expected && servers.includes(expected) ? expected : isLikely ? best : undefined;
  for (const server of all)
    if (server !== own && server !== proxy) addOther(network, server, probes, findings);
  if (network.dhcp?.proxy) compareProxy(run, network, probes, proxy);
  const restart = restartOf(network, network.dhcp?.server);
  const silent = probes.filter(({ offers }) => own === undefined || !offers.has(own));
  if (silent.length === probes.length) {
    const program = network.dhcp?.server ?? '';
    const isHere = ownAddresses().some(({ address }) => address === site.server.host);
    if (isHere && (program === 'isc' || program === 'kea'))
      findings.notes.add(
        `DHCP on ${network.name} was not asked: ${OWN_DHCP_SERVERS[program].name} does not hear its own machine, run verify on another one`,
      );
    else
      findings.add(
        'dhcp',
        `no DHCP server of the site answers on ${network.name}${expected ? `, where ${expected} should` : ''}`,
        `${restart}; a firewall on the way must pass UDP ports 67 and 68`,
        { nodes: [...new Set(probes.map(({ node }) => node))] },
      );
    return;
  }
  for (const { node } of silent)
    findings.add('dhcp', `DHCP server ${own} makes no offer`, restart, { nodes: [node] });
  for (const probe of probes) {
    const offer = own === undefined ? undefined : probe.offers.get(own);
    if (offer) compareOffer(site, probe, offer, restart, findings);
  }
}

function addOther(network: Network, server: Ipv4, probes: readonly DhcpProbe[], findings: Findings): void {
  const offered = probes.flatMap(({ node, offers }) => {
    const offer = offers.get(server);
    return offer ? [{ node, offer }] : [];
  });
  const [first] = offered;
  if (!first) return;
  const { address, bootFile, options } = first.offer;
  const router = addressesOf(options.get(OPTION.router));
  const what = [
    address === '0.0.0.0' ? 'no address' : address,
    ...(router ? [`router ${router}`] : []),
    bootFile ? `boot file ${JSON.stringify(bootFile.slice(0, LONGEST))}` : 'no boot file',
  ];
  findings.add(
    'dhcp',
    `another DHCP server answers on ${network.name}: ${nameOf(server)}`,
    'switch it off, or move it to a network of its own: a machine takes the first offer',
    { nodes: offered.map(({ node }) => node), detail: `it offers ${first.node} ${what.join(', ')}` },
  );
}

/** The number of characters of a server's text that a message contains. */
const LONGEST = 100;

function compareOffer(
  site: Site,
  probe: DhcpProbe,
  offer: DhcpAnswer,
  restart: string,
  findings: Findings,
): void {
  const { node, network, ip, client } = probe;
  const { server, options, bootFile } = offer;
  const add = (message: string, detail?: string, help = restart) =>
    findings.add('dhcp', `DHCP server ${server} ${message}`, help, {
      nodes: [node],
      ...(detail && { detail }),
    });
  findings.gets(node, 'address', offer.address);
  if (offer.address !== ip)
    add(
      'offers another address than the reserved one',
      `${node} ${offer.address} instead of ${ip}`,
      `${restart}; if the machine has an old lease, or another machine has the address, remove that lease`,
    );
  for (const [what, value, expected] of valuesOf(site, network, options))
    if (value !== expected) add(`sends the ${what} ${shown(value)} instead of ${shown(expected)}`);
  // coredhcp has no boot files.
  if (!client || network.dhcp?.server === 'coredhcp') return;
  const { what, file, transport } = client;
  if (network.dhcp?.proxy) {
    const help = 'remove the boot file from the external DHCP server';
    const message = `sends the boot file ${shown(bootFile)}: firmware may load it instead of the proxy's`;
    if (bootFile) add(message, undefined, help);
    return;
  }
  if (bootFile !== file) add(`sends ${what} the boot file ${shown(bootFile)} instead of ${file}`);
  else if (transport === 'tftp') findings.gets(node, 'boot file', file);
  if (transport === 'http' && textOf(options.get(OPTION.vendor)) !== 'HTTPClient')
    add(`sends ${what} no option 60 HTTPClient: the firmware ignores the offer`);
  if (transport !== 'tftp') return;
  const { host } = site.server;
  const own = isOwnDhcpServer(network.dhcp?.server) ? server : network.libvirt?.address;
  const named = offer.nextServer === '0.0.0.0' ? textOf(options.get(OPTION.tftpServer)) : offer.nextServer;
  const expected = tftpAddress(site) ?? host;
  if (named !== expected && named !== own)
    add(`sends ${what} the TFTP server ${shown(named)} instead of ${expected}`);
}

/** Returns the values of options that the inventory sets: the name, the value of the offer, and that of the inventory. */
function valuesOf(site: Site, network: Network, options: DhcpAnswer['options']) {
  const { subnet, gateway = '', dns, domain, mtu, dhcp } = network;
  const sent = options.get(OPTION.mtu);
  const { ntpAddresses } = networkFacts(site, network);
  const further: readonly (readonly [string, string, string])[] = [
    ['time server', addressesOf(options.get(OPTION.ntp)), ntpAddresses.join(', ')],
    ['domain', textOf(options.get(OPTION.domain)), domain ?? ''],
    ['MTU', sent?.length === 2 ? String(sent.readUInt16BE()) : '', mtu?.toString() ?? ''],
  ];
  // An external server, and coredhcp, need not send these. Each server may send more than the inventory sets.
  const isWhole = dhcp?.server !== 'external' && dhcp?.server !== 'coredhcp';
  return [
    ['subnet mask', addressesOf(options.get(OPTION.mask)), subnet.mask],
    ['router', addressesOf(options.get(OPTION.router)), gateway],
    ['DNS server', addressesOf(options.get(OPTION.dns)), dns.join(', ')],
    ...further.filter(([, , expected]) => isWhole && expected),
  ] as const;
}

const shown = (text: string) => (text === '' ? '(none)' : text.slice(0, LONGEST));
