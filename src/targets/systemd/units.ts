import type { Node, Site } from '../../site/model.ts';
import { needsFirewall } from '../firewall/firewall.ts';
import { exposeUnit, unitName } from '../host-paths.ts';

/** One of a site's systemd units. It lies in `systemd/` of the tree. */
export interface Unit {
  /** With its ending. */
  readonly name: string;
  /** Whether it is to be enabled and started; what is not, another one starts. */
  readonly enabled: boolean;
}

/** Gives a site's units, in the order to start them. A site without a host has none. */
export function unitsOf(site: Site): Unit[] {
  return [
    ...(needsFirewall(site) ? [{ name: `${firewallUnit(site)}.service`, enabled: true }] : []),
    ...(site.host?.expose ?? []).map((one) => ({ name: `${exposeUnit(site, one)}.service`, enabled: true })),
    ...(watchedNodes(site).length > 0
      ? [
          { name: `${watchdogUnit(site)}.service`, enabled: false },
          { name: `${watchdogUnit(site)}.timer`, enabled: true },
        ]
      : []),
  ];
}

/** The name of the unit that loads the host's firewall, without its ending. */
export function firewallUnit(site: Site): string {
  return unitName(site, 'firewall');
}

/** The name of the watchdog's two units, without their endings. */
export function watchdogUnit(site: Site): string {
  return unitName(site, 'watchdog');
}

/** The nodes whose domains the watchdog brings back: one that does not start with the host is a person's to start. */
export function watchedNodes({ nodes }: Site): Node[] {
  return nodes.filter(({ domain }) => domain?.autostart);
}
