import type { Network, Site } from '../../site/model.ts';
import { libvirtNetworks } from '../../tree/paths.ts';
import { timedNetworks } from '../chrony/chrony.ts';
import { listenersOf } from '../nginx/listeners.ts';

/** What machines ask the host for on a bridge, and the host's own firewall is to let in there. */
export interface Opening {
  readonly bridge: string;
  /** How libvirt's network leads out, where the bridge is libvirt's. */
  readonly forward?: string;
  /** Of the web server and the clock: `80/tcp`. */
  readonly ports: readonly string[];
  /** Of dnsmasq, libvirt's own or the site's. */
  readonly dnsmasq: readonly string[];
}

/** Gives what is to be let in on each of the host's bridges and NICs that the site's machines are on: what is asked for there, and no more. */
export function openingsOf(site: Site): Opening[] {
  const used = new Set(site.nodes.flatMap(({ nics }) => nics.map(({ network }) => network)));
  const booted = new Set(site.nodes.map(({ bootNic }) => bootNic.network));
  const timed = timedNetworks(site);
  const web = [...new Set(listenersOf(site.server).map(({ port }) => `${port}/tcp`))];
  const portsOf = (network: Network) => [
    ...(booted.has(network) ? web : []),
    ...(timed.includes(network) ? ['123/udp'] : []),
  ];
  const own = libvirtNetworks(site).flatMap((network) => {
    const { bridge, forward, address } = network.libvirt ?? {};
    if (!bridge || !address) return [];
    return {
      bridge,
      ...(forward && { forward }),
      ports: portsOf(network),
      dnsmasq: dnsmasqPorts(network, address),
    };
  });
  const others = [...used].flatMap((network) => {
    if (network.libvirt || network.interface === undefined) return [];
    return { bridge: network.interface, ports: portsOf(network), dnsmasq: dnsmasqPorts(network) };
  });
  return [...own, ...others].filter(({ ports, dnsmasq }) => ports.length + dnsmasq.length > 0);
}

/** What dnsmasq is asked for on a network: names where the host has that address, addresses, and iPXE. */
function dnsmasqPorts({ dns, dhcp }: Network, address?: string): string[] {
  return [
    ...(address !== undefined && dns.includes(address) ? ['53/tcp', '53/udp'] : []),
    // Where somebody else gives the addresses, the host has iPXE all the same.
    ...(dhcp && dhcp.server !== 'external' ? ['67/udp'] : []),
    ...(dhcp ? ['69/udp'] : []),
  ];
}

/** Gives the exposed ports that people elsewhere ask for: not those that are for the host itself. */
export function outsidePorts({ host }: Site): string[] {
  const ports = (host?.expose ?? []).filter(({ address }) => !address?.startsWith('127.'));
  return [...new Set(ports.map(({ port }) => `${port}/tcp`))];
}
