import { METADATA_SERVICES } from '../../knowledge/clouds.ts';
import type { Exposed, Site } from '../../site/model.ts';
import { exposeName, libvirtNetworks } from '../../tree/paths.ts';
import type { Target } from '../target.ts';

/** The path, in the tree, of the host's firewall. */
export const FIREWALL = 'host/firewall.nft';

/**
 * What the host's firewall has for a site, by nftables: its virtual machines never reach the metadata service of a cloud
 * provider, those of an air-gapped site nothing but each other and the host, and exposed ports are for those alone whom
 * the inventory allows.
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
      metadata: METADATA_SERVICES.map((service) => {
        return { ...service, family: service.address.includes(':') ? 'ip6' : 'ip' };
      }),
      guarded: guardedPorts(site).map((exposed) => {
        return { ...exposed, chain: exposeName(exposed).replaceAll('-', '_') };
      }),
    };
    yield { path: FIREWALL, content: render('firewall/host.nft', data) };
  },
};

/** Says whether the host's firewall has anything to do for a site: wherever there are virtual machines, it has. */
export function needsFirewall(site: Site): boolean {
  return bridgesOf(site).length > 0 || guardedPorts(site).length > 0;
}

/** The name of the site's own table of nftables: it holds nothing else, and no other table is touched. */
export function nftTable({ name }: Site): string {
  return `harvgen_${name}`;
}

/** The bridges that virtual machines are on: those of libvirt's networks, and those that are there without libvirt. */
function bridgesOf(site: Site): string[] {
  const machines = site.nodes.filter(({ domain }) => domain);
  const others = machines.flatMap(({ nics }) => nics.flatMap(({ network }) => network.interface ?? []));
  return [...new Set([...ownBridges(site), ...others])];
}

function ownBridges(site: Site): string[] {
  return libvirtNetworks(site).flatMap(({ libvirt }) => libvirt?.bridge ?? []);
}

function guardedPorts({ host }: Site): Exposed[] {
  return host?.expose.filter(({ allow }) => allow.length > 0) ?? [];
}
