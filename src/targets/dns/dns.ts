import { createHash } from 'node:crypto';
import { hostNames, type Named, namesOf, qualified } from '../../plan/dns-names.ts';
import type { Site } from '../../site/model.ts';
import { groupedBy } from '../../values/grouped.ts';
import type { Emitted, Target } from '../target.ts';

/** Returns the path, in the tree, of the names and IP addresses of the site's machines, in the form of hosts(5). */
export function namesPath({ name, server }: Site): string {
  return server.dns === 'coredns' ? 'coredns/hosts' : `dnsmasq/${name}.names`;
}

/** The names of the site's machines for a DNS server (`server.dns`): a hosts file, and for CoreDNS zone files, too. */
export const dns: Target = { name: 'dns', emit: dnsFiles };

/** Yields the files of `server.dns`: none by default. They contain no secrets. */
export function* dnsFiles(site: Site): Iterable<Emitted> {
  if (!site.server.dns) return;
  const names = namesOf(site);
  yield { path: namesPath(site), content: hostsText(site, names) };
  if (site.server.dns !== 'coredns') return;
  const zones = groupedBy(recordsOf(site, names), ({ zone }) => zone);
  for (const [zone, records] of zones) yield { path: zonePath(zone), content: zoneText(site, zone, records) };
  yield { path: 'coredns/Corefile', content: corefile(site, [...zones.keys()]) };
}

function hostsText(site: Site, names: readonly Named[]): string {
  const lines = names.map((named) => [named.ip, ...hostNames(named)].join(' '));
  const head = `# ${site.name}: the names of the machines, for a DNS server. Made by harvgen: edit the inventory instead.`;
  return `${[head, ...lines].join('\n')}\n`;
}

/**
 * Returns the records of all names in a domain of a network: the longest is their zone, in which DNS servers look. Other names
 * with dots have no zone: the server would be the only one for another domain, such as `io`.
 */
function recordsOf({ networks }: Site, names: readonly Named[]) {
  const zones = [...new Set(networks.flatMap(({ domain }) => domain ?? []))];
  zones.sort((a, b) => b.length - a.length);
  return names.flatMap(({ ip, names: all, domain }) =>
    all.flatMap((name) => {
      const full = qualified(name, domain);
      const zone = zones.find((zone) => full === zone || full.endsWith(`.${zone}`));
      return zone === undefined ? [] : [{ zone, label: full.slice(0, -zone.length - 1) || '@', ip }];
    }),
  );
}

const zonePath = (zone: string) => `coredns/${zone}.zone`;

/**
 * Returns a zone file (RFC 1035, section 5). Servers load a zone again if its serial number changes: this one is a digest of
 * the records. A secondary server only accepts greater numbers, so it cannot follow.
 */
function zoneText({ name, server }: Site, zone: string, records: ReturnType<typeof recordsOf>): string {
  const own = records.some(({ label }) => label === 'ns') ? 'ns-harvgen' : 'ns';
  const body = [
    `@ IN NS ${own}`,
    `${own} IN A ${server.host}`,
    ...records.map(({ label, ip }) => `${label} IN A ${ip}`),
  ].join('\n');
  const serial = createHash('sha256').update(body).digest().readUInt32BE() || 1;
  return `; ${name}: the zone ${zone}. Made by harvgen: edit the inventory instead.
$ORIGIN ${zone}.
$TTL 60
@ IN SOA ${own} hostmaster ${serial} 3600 600 86400 60
${body}
`;
}

/** Returns the configuration of CoreDNS: the zones, the names without a domain and for IP addresses, and other servers. */
function corefile(site: Site, zones: readonly string[]): string {
  const { name, server, airGapped } = site;
  const hosts = `hosts ${server.root}/${namesPath(site)}`;
  const others = airGapped ? [hosts] : [`${hosts} {`, '    fallthrough', '}', 'forward . /etc/resolv.conf'];
  const blocks = zones.map((zone) => [zone, [`file ${server.root}/${zonePath(zone)}`]] as const);
  const texts = [...blocks, ['.', others] as const].map(([zone, lines]) => {
    // Only there: systemd-resolved and libvirt's dnsmasq use port 53 of other addresses.
    const all = [`bind ${server.host}`, ...lines, 'errors'].map((line) => `    ${line}\n`);
    return `${zone} {\n${all.join('')}}\n`;
  });
  const head = `# ${name}: CoreDNS for the machines of the site. Made by harvgen: edit the inventory instead.
# Only this server has names in the domains below: a name that other servers have there does not exist for its clients.
`;
  return `${head}${texts.join('\n')}`;
}
