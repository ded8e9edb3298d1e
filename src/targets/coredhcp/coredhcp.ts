import type { Network, Site } from '../../site/model.ts';
import { type NetworkFacts, networkFacts } from '../dhcp/network-facts.ts';
import type { Target } from '../target.ts';
import { coresmdArguments } from './coresmd.ts';
import { goDuration } from './go-duration.ts';
import { renderCoredhcp } from './render-coredhcp.ts';

/** The paths, in the tree, of what coredhcp reads: its configuration, who has which address, and the form for OpenCHAMI's plugin. */
export const COREDHCP = {
  config: 'coredhcp/config.yaml',
  hosts: 'coredhcp/hosts',
  coresmd: 'coredhcp/coresmd.yaml',
} as const;

/** Where coredhcp keeps who of the pool has which address. */
const LEASES = '/var/lib/coredhcp/leases';

const MADE_BY = 'Made by harvgen: edit the inventory instead.';

/**
 * DHCP by coredhcp and the plugins that it comes with, for the network that names it as its server: it has options for one. It
 * gives addresses alone: the plugin `nbp`, which names a boot file, ends the answer, and so does `file` for whom it knows, so that
 * one of them is never reached. Source: coredhcp, plugins/nbp/nbp.go and plugins/file/plugin.go.
 */
export const coredhcp: Target = {
  name: 'coredhcp',
  *emit(site) {
    const network = site.networks.find(({ dhcp }) => dhcp?.server === 'coredhcp');
    if (!network) return;
    const facts = networkFacts(site, network);
    const { general, lease } = pluginsOf(site, network, facts);
    const hosts = `${site.server.root}/${COREDHCP.hosts}`;
    yield {
      path: COREDHCP.config,
      content: renderCoredhcp(
        network,
        [...general, lease, { file: hosts }, ...poolOf(facts)],
        `${site.name}: DHCP for the machines of ${network.name}, by coredhcp. ${MADE_BY}`,
      ),
    };
    yield { path: COREDHCP.hosts, content: hostsOf(site, facts) };
    if (!site.server.compat.includes('ochami')) return;
    yield {
      path: COREDHCP.coresmd,
      content: renderCoredhcp(
        network,
        [...general, { coresmd: coresmdArguments(site, facts) }, lease, ...poolOf(facts)],
        `${site.name}: the same for a coredhcp that has OpenCHAMI's plugin coresmd built in. ${MADE_BY}`,
      ),
    };
  },
};

/** What every answer has. What is in no list of plugins nobody is told: host names, time servers. */
function pluginsOf(
  site: Site,
  { gateway, dns, domain, mtu, subnet }: Network,
  { leaseSeconds }: NetworkFacts,
) {
  const general = [
    { server_id: site.server.host },
    { netmask: subnet.mask },
    ...(gateway === undefined ? [] : [{ router: gateway }]),
    ...(dns.length === 0 ? [] : [{ dns: dns.join(' ') }]),
    ...(domain === undefined ? [] : [{ searchdomains: domain }]),
    ...(mtu === undefined ? [] : [{ mtu: String(mtu) }]),
  ];
  return { general, lease: { lease_time: goDuration(leaseSeconds) } };
}

/** The pool comes after the reservations: the plugin of these ends the answer for whom it knows. */
function poolOf({ pool, leaseSeconds }: NetworkFacts) {
  return pool ? [{ range: `${LEASES} ${pool.from} ${pool.to} ${goDuration(leaseSeconds)}` }] : [];
}

/** A line for each MAC that may ask for the address. */
function hostsOf({ name }: Site, { reservations }: NetworkFacts): string {
  const lines = reservations.flatMap(({ macs, ip }) => macs.map((mac) => `${mac} ${ip}\n`));
  return `# ${name}: who has which address. ${MADE_BY}\n${lines.join('')}`;
}
