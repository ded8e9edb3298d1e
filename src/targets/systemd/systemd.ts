import { isIPv6 } from 'node:net';
import { metadataServices } from '../../knowledge/clouds.ts';
import { needsDnsmasq } from '../../plan/dhcp.ts';
import type { Exposed, Network, Node, Site } from '../../site/model.ts';
import * as paths from '../../tree/paths.ts';
import { dnsmasqPath } from '../dnsmasq/dnsmasq.ts';
import { sandboxOf, type Target } from '../target.ts';

/** The path, in the tree, of the host's firewall. */
export const FIREWALL = 'host/firewall.nft';

/**
 * The host's firewall, by nftables. Virtual machines cannot reach a cloud's metadata service, those of an air-gapped site
 * nothing outside, and only the clients in the inventory can reach exposed ports.
 */
export const firewall: Target = {
  name: 'firewall',
  *emit(site, render) {
    if (!needsFirewall(site)) return;
    const data = {
      site,
      table: nftTable(site),
      bridges: bridgesOf(site),
      closed: site.airGapped ? ownBridges(site) : [],
      metadata: metadataServices().map((service) => {
        return { ...service, family: service.address.includes(':') ? 'ip6' : 'ip' };
      }),
      guarded: guardedPorts(site).map((exposed) => {
        return { ...exposed, chain: paths.exposeName(exposed).replaceAll('-', '_') };
      }),
    };
    yield { path: FIREWALL, content: render('firewall/host.nft', data) };
  },
};

/** Whether a site needs the host's firewall: always if it has virtual machines. */
export function needsFirewall(site: Site): boolean {
  return bridgesOf(site).length > 0 || guardedPorts(site).length > 0;
}

/** Returns the name of the site's own nftables table, the only one that is changed. */
export function nftTable({ name }: Site): string {
  return `harvgen_${name}`;
}

/** Returns the bridges of virtual machines: those of libvirt's networks, and others. */
function bridgesOf(site: Site): string[] {
  const machines = site.nodes.filter(({ domain }) => domain);
  const others = machines.flatMap(({ nics }) => nics.flatMap(({ network }) => network.interface ?? []));
  return [...new Set([...ownBridges(site), ...others])];
}

function ownBridges(site: Site): string[] {
  return paths.libvirtNetworks(site).flatMap(({ libvirt }) => libvirt?.bridge ?? []);
}

/** Returns the exposed ports that other machines can reach: those on the loopback address are only for the host itself. */
export function reachablePorts({ host }: Pick<Site, 'host'>): Exposed[] {
  return host?.expose.filter(({ address }) => !address?.startsWith('127.')) ?? [];
}

function guardedPorts({ host }: Site): Exposed[] {
  return host?.expose.filter(({ allow }) => allow.length > 0) ?? [];
}

/** The path, in the tree, of a file for the host's chrony, besides its own configuration. */
export const CHRONY = 'host/chrony.conf';

/** The time service for the machines of an air-gapped site: the host's chrony. */
export const chrony: Target = {
  name: 'chrony',
  *emit(site, render) {
    if (!needsChrony(site)) return;
    yield { path: CHRONY, content: render('chrony/host.chrony', { site, networks: timedNetworks(site) }) };
  },
};

/** Whether the host serves the time to a site's machines. */
export function needsChrony(site: Site): boolean {
  return timedNetworks(site).length > 0;
}

/** Returns the networks whose machines may request the time from the host. */
export function timedNetworks(site: Site): Network[] {
  return site.airGapped ? paths.libvirtNetworks(site).filter(({ libvirt }) => libvirt?.address) : [];
}

const WATCHDOG = 'scripts/watchdog.sh';

/** The services of the host: the firewall, the ports that forward to VIPs, and the watchdog of the domains. */
export const systemd: Target = {
  name: 'systemd',
  *emit(site, render) {
    const { root } = site.server;
    const path = (unit: string, kind = 'service') => `systemd/${unit}.${kind}`;
    const firewall = needsFirewall(site) ? paths.unitName(site, 'firewall') : undefined;
    if (firewall) {
      const sandbox = sandboxOf(render, 'AF_NETLINK AF_UNIX', [
        'ProtectProc',
        'IPAddressDeny',
        'unprivileged',
      ]);
      const data = { site, unit: firewall, table: nftTable(site), rules: `${root}/${FIREWALL}`, sandbox };
      yield { path: path(firewall), content: render('systemd/firewall.systemd', data) };
    }
    if (site.host && needsDnsmasq(site)) {
      const config = `${root}/${dnsmasqPath(site)}`;
      const state = paths.stateFolder(site);
      const sandbox = sandboxOf(render, 'AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_UNIX', [], state);
      const data = { site, config, leases: paths.leasesFile(site), state, sandbox };
      yield { path: path(paths.unitName(site, 'dnsmasq')), content: render('systemd/dnsmasq.systemd', data) };
    }
    for (const exposed of site.host?.expose ?? []) {
      // Source: net.ipv4.ip_unprivileged_port_start.
      const privileged = exposed.port < 1024;
      const guard = exposed.allow.length > 0 ? firewall : undefined;
      const isIpv6 = hasIpv6Clients(site, exposed);
      const families = isIpv6 ? 'AF_INET AF_INET6' : 'AF_INET';
      const sandbox = sandboxOf(render, families, ['ProcSubset', 'ProtectProc', 'RemoveIPC', 'unprivileged']);
      const data = { site, exposed, privileged, firewall: guard, isIpv6, sandbox };
      yield { path: path(paths.exposeUnit(site, exposed)), content: render('systemd/expose.systemd', data) };
    }
    const nodes = watchedNodes(site);
    if (nodes.length === 0) return;
    const unit = paths.unitName(site, 'watchdog');
    const script = `${root}/${WATCHDOG}`;
    const alone = ['PrivateNetwork', 'ProcSubset', 'ProtectProc', 'IPAddressDeny', 'unprivileged'];
    const sandbox = sandboxOf(render, 'AF_UNIX', alone);
    yield { path: path(unit), content: render('systemd/watchdog.systemd', { site, script, unit, sandbox }) };
    yield { path: path(unit, 'timer'), content: render('systemd/watchdog-timer.systemd', { site, unit }) };
    const watchdog = render('systemd/watchdog.sh', { site, nodes, unit, state: paths.stateFolder(site) });
    yield { path: WATCHDOG, content: watchdog, executable: true };
  },
};

/** Whether clients reach an exposed port by IPv6, too. Without it, the host may lack IPv6. */
function hasIpv6Clients({ host }: Site, { address, allow }: Exposed): boolean {
  if (address !== undefined) return false;
  return allow.length > 0 ? allow.some((one) => one.includes(':')) : isIPv6(host?.address ?? '');
}

/** Returns the nodes whose domains the watchdog starts: others, which do not start with the host, are started manually. */
export function watchedNodes({ nodes }: Site): Node[] {
  return nodes.filter(({ domain }) => domain?.autostart);
}
