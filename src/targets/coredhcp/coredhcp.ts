import { Document } from 'yaml';
import type { Site } from '../../site/model.ts';
import { plainXname } from '../../values/identifiers.ts';
import { networkFacts } from '../dhcp/dhcp.ts';
import type { Target } from '../target.ts';

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
    const { gateway, dns, domain, mtu, subnet } = network;
    const { pool, leaseSeconds, reservations } = networkFacts(site, network);
    const lease = leaseSeconds % 3600 === 0 ? `${leaseSeconds / 3600}h` : `${leaseSeconds}s`;
    const listen = network.interface === undefined ? undefined : [`%${network.interface}`];
    const render = (whose: object | undefined, ownFile: object | undefined, comment: string) => {
      // What every answer has. What is in no list of plugins nobody is told: host names, time servers.
      const plugins = [
        { server_id: site.server.host },
        { netmask: subnet.mask },
        gateway === undefined ? undefined : { router: gateway },
        dns.length === 0 ? undefined : { dns: dns.join(' ') },
        domain === undefined ? undefined : { searchdomains: domain },
        mtu === undefined ? undefined : { mtu: String(mtu) },
        whose,
        { lease_time: lease },
        ownFile,
        // The pool comes after the reservations: the plugin of these ends the answer for whom it knows.
        pool && { range: `${LEASES} ${pool.from} ${pool.to} ${lease}` },
      ].filter((plugin) => plugin !== undefined);
      const document = new Document({ server4: { listen, plugins } });
      document.commentBefore = ` ${site.name}: ${comment} ${MADE_BY}`;
      return document.toString({ lineWidth: 0 });
    };
    const hosts = { file: `${site.server.root}/${COREDHCP.hosts}` };
    const comment = `DHCP for the machines of ${network.name}, by coredhcp.`;
    yield { path: COREDHCP.config, content: render(undefined, hosts, comment) };
    // A line for each MAC that may ask for the address.
    const lines = reservations.flatMap(({ macs, ip }) => macs.map((mac) => `${mac} ${ip}\n`));
    const content = `# ${site.name}: who has which address. ${MADE_BY}\n${lines.join('')}`;
    yield { path: COREDHCP.hosts, content };
    if (!site.server.compat.includes('ochami')) return;
    const coresmd = { coresmd: coresmdArguments(site, lease) };
    const same = "the same for a coredhcp that has OpenCHAMI's plugin coresmd built in.";
    yield { path: COREDHCP.coresmd, content: render(coresmd, undefined, same) };
  },
};

/**
 * The arguments of OpenCHAMI's plugin `coresmd`, one a line: it asks the tree's web server, as if that were SMD and BSS, and
 * has TFTP of its own. A rule for each node gives it its name, which SMD does not know.
 * Source: OpenCHAMI/coresmd, plugin/coredhcp/coresmd/main.go and examples/coredhcp/rules.md.
 */
function coresmdArguments(site: Site, lease: string): string {
  const { url, tftp } = site.server;
  const names = site.nodes.flatMap(({ name, xname }) =>
    xname ? [`rule=id:${plainXname(xname)},hostname:${name}`] : [],
  );
  return [
    `svc_base_uri=${url}`,
    `ipxe_base_uri=${url}`,
    'cache_valid=30s',
    `lease_time=${lease}`,
    'single_port=false',
    `tftp_dir=${tftp}`,
    'tftp_port=69',
    ...names,
    'rule=hostname:{id}',
    '',
  ].join('\n');
}
