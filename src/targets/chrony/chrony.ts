import type { Network, Site } from '../../site/model.ts';
import { libvirtNetworks } from '../../tree/paths.ts';
import type { Target } from '../target.ts';

/** The path, in the tree, of what the host's chrony reads besides its own configuration. */
export const CHRONY = 'host/chrony.conf';

/** The time for the machines of an air-gapped site: the host's own, by chrony. */
export const chrony: Target = {
  name: 'chrony',
  *emit(site, render) {
    if (!needsChrony(site)) return;
    yield { path: CHRONY, content: render('chrony/host.chrony', { site, networks: timedNetworks(site) }) };
  },
};

/** Says whether the host gives a site's machines the time. */
export function needsChrony(site: Site): boolean {
  return timedNetworks(site).length > 0;
}

/** The networks on which machines can ask the host for the time, and nobody else. */
export function timedNetworks(site: Site): Network[] {
  return site.airGapped ? libvirtNetworks(site).filter(({ libvirt }) => libvirt?.address) : [];
}
