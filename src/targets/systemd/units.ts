import type { Node, Site } from '../../site/model.ts';
import { unitName } from '../../tree/host-paths.ts';

/** The name of the unit that loads the host's firewall, without its ending. */
export function firewallUnit(site: Site): string {
  return unitName(site, 'firewall');
}

/** The name of the unit of the site's own dnsmasq on the host, without its ending. */
export function dnsmasqUnit(site: Site): string {
  return unitName(site, 'dnsmasq');
}

/** The name of the watchdog's two units, without their endings. */
export function watchdogUnit(site: Site): string {
  return unitName(site, 'watchdog');
}

/** The nodes whose domains the watchdog brings back: one that does not start with the host is a person's to start. */
export function watchedNodes({ nodes }: Site): Node[] {
  return nodes.filter(({ domain }) => domain?.autostart);
}
