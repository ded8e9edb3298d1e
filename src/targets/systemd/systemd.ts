import type { Node, Site } from '../../site/model.ts';
import { exposeUnit, leasesFile, stateFolder, unitName } from '../../tree/paths.ts';
import { dnsmasqPath, needsDnsmasq } from '../dnsmasq/dnsmasq.ts';
import { FIREWALL, needsFirewall, nftTable } from '../firewall/firewall.ts';
import type { Target } from '../target.ts';

/** Below 1024 a port is root's, or that of who has the capability (net.ipv4.ip_unprivileged_port_start). */
const FIRST_UNPRIVILEGED_PORT = 1024;

/** The path, in the tree, of what the watchdog runs. */
const WATCHDOG = 'scripts/watchdog.sh';

/** What runs on the host all the time: the firewall, the ports that lead to VIPs, and the watchdog of the domains. */
export const systemd: Target = {
  name: 'systemd',
  *emit(site, render) {
    const { root } = site.server;
    const path = (unit: string, kind = 'service') => `systemd/${unit}.${kind}`;
    const firewall = needsFirewall(site) ? firewallUnit(site) : undefined;
    if (firewall) {
      const data = { site, unit: firewall, table: nftTable(site), rules: `${root}/${FIREWALL}` };
      yield { path: path(firewall), content: render('systemd/firewall.systemd', data) };
    }
    if (site.host && needsDnsmasq(site)) {
      const config = `${root}/${dnsmasqPath(site)}`;
      const data = { site, config, leases: leasesFile(site), state: stateFolder(site) };
      yield { path: path(dnsmasqUnit(site)), content: render('systemd/dnsmasq.systemd', data) };
    }
    for (const exposed of site.host?.expose ?? []) {
      const privileged = exposed.port < FIRST_UNPRIVILEGED_PORT;
      const data = { site, exposed, privileged, firewall: exposed.allow.length > 0 ? firewall : undefined };
      yield { path: path(exposeUnit(site, exposed)), content: render('systemd/expose.systemd', data) };
    }
    const nodes = watchedNodes(site);
    if (nodes.length === 0) return;
    const unit = watchdogUnit(site);
    const script = `${root}/${WATCHDOG}`;
    yield { path: path(unit), content: render('systemd/watchdog.systemd', { site, script, unit }) };
    yield { path: path(unit, 'timer'), content: render('systemd/watchdog-timer.systemd', { site, unit }) };
    const watchdog = render('systemd/watchdog.sh', { site, nodes, unit });
    yield { path: WATCHDOG, content: watchdog, executable: true };
  },
};

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
