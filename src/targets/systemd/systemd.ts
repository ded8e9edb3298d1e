import { exposeUnit, leasesFile, stateFolder } from '../../tree/host-paths.ts';
import { dnsmasqPath, needsDnsmasq } from '../dnsmasq/dnsmasq.ts';
import { FIREWALL, needsFirewall, nftTable } from '../firewall/firewall.ts';
import type { Target } from '../target.ts';
import { dnsmasqUnit, firewallUnit, watchdogUnit, watchedNodes } from './units.ts';

/** Below 1024 a port is root's, or that of who has the capability (net.ipv4.ip_unprivileged_port_start). */
const FIRST_UNPRIVILEGED_PORT = 1024;

/** The path, in the tree, of what the watchdog runs. */
const WATCHDOG = 'scripts/watchdog.sh';

/** What runs on the host all the time: the firewall, the ports that lead to VIPs, and the watchdog of the domains. */
export const systemd: Target = {
  name: 'systemd',
  *emit(site, render) {
    const { root } = site.server;
    const firewall = needsFirewall(site) ? firewallUnit(site) : undefined;
    if (firewall) {
      const data = { site, unit: firewall, table: nftTable(site), rules: `${root}/${FIREWALL}` };
      yield { path: `systemd/${firewall}.service`, content: render('systemd/firewall.systemd', data) };
    }
    if (site.host && needsDnsmasq(site)) {
      const config = `${root}/${dnsmasqPath(site)}`;
      const data = { site, config, leases: leasesFile(site), state: stateFolder(site) };
      yield {
        path: `systemd/${dnsmasqUnit(site)}.service`,
        content: render('systemd/dnsmasq.systemd', data),
      };
    }
    for (const exposed of site.host?.expose ?? []) {
      const data = {
        site,
        exposed,
        privileged: exposed.port < FIRST_UNPRIVILEGED_PORT,
        firewall: exposed.allow.length > 0 ? firewall : undefined,
      };
      const path = `systemd/${exposeUnit(site, exposed)}.service`;
      yield { path, content: render('systemd/expose.systemd', data) };
    }
    const nodes = watchedNodes(site);
    if (nodes.length === 0) return;
    const unit = watchdogUnit(site);
    yield {
      path: `systemd/${unit}.service`,
      content: render('systemd/watchdog.systemd', { site, script: `${root}/${WATCHDOG}`, unit }),
    };
    yield {
      path: `systemd/${unit}.timer`,
      content: render('systemd/watchdog-timer.systemd', { site, unit }),
    };
    yield {
      path: WATCHDOG,
      content: render('systemd/watchdog.sh', { site, nodes, unit }),
      executable: true,
    };
  },
};
