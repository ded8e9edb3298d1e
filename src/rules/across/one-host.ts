import type { Host, Site } from '../../site/model.ts';

/** A site that has a libvirt host. */
export type HostedSite = Site & { readonly host: Host };

/**
 * Gives the sites that live on one libvirt host, for each host that has several: those that say the same address of it.
 * Of one whose address is not said nobody knows which host it is.
 */
export function sitesByHost(sites: readonly Site[]): HostedSite[][] {
  const byHost = new Map<string, HostedSite[]>();
  for (const site of sites) {
    const address = site.host?.address?.toLowerCase();
    if (address === undefined) continue;
    byHost.set(address, [...(byHost.get(address) ?? []), site as HostedSite]);
  }
  return [...byHost.values()].filter(({ length }) => length > 1);
}

/** Gives each two sites that live on one libvirt host: the later one, and one before it. */
export function* pairsOnOneHost(sites: readonly Site[]): Iterable<readonly [HostedSite, HostedSite]> {
  for (const together of sitesByHost(sites)) {
    for (const [index, site] of together.entries())
      for (const other of together.slice(0, index)) yield [site, other];
  }
}

/** Gives what tells the boot servers of sites apart: two that have a name in common, of either kind, are one machine. */
export function machinesOf(sites: readonly Site[]): ReadonlyMap<Site, string> {
  const machines = new Map<Site, string>();
  const byName = new Map<string, string>();
  for (const [index, site] of sites.entries()) {
    const names = [site.server.host, site.host?.address].flatMap((name) => name?.toLowerCase() ?? []);
    const known = new Set(names.flatMap((name) => byName.get(name) ?? []));
    const [machine = String(index)] = known;
    // It may tell that two were one all the time.
    for (const [name, other] of byName) if (known.has(other)) byName.set(name, machine);
    for (const [one, other] of machines) if (known.has(other)) machines.set(one, machine);
    for (const name of names) byName.set(name, machine);
    machines.set(site, machine);
  }
  return machines;
}
