import { parseYaml } from '../../inventory/parse.ts';
import { FIRST_RELEASE_WITHOUT_BIOS } from '../../knowledge/harvester.ts';
import { isValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { parseServerUrl } from '../../values/urls.ts';
import { isAtLeast, type Version } from '../../values/version.ts';
import { gatheredSite } from '../joined/gathered-site.ts';
import { checkConfigs } from '../joined/modern-config.ts';
import { flow, noted, type SiteModel, sourceComment, sourcedAt } from '../joined/write-site.ts';
import type { Text } from '../model/config-values.ts';
import type { GatheredMachine } from '../model/gathered.ts';
import type { ImportedSite, ImportFormat, ImportSettings } from '../model/import-format.ts';
import { freeName, siteNameOf } from '../model/names.ts';
import { Findings, type Notes } from '../model/notes.ts';
import { concealLikely, concealValues } from '../model/secrets.ts';
import {
  clustersOf,
  homesOf,
  noteUnused,
  type PhsCluster,
  reportLostByMerge,
  servedNodes,
} from './clusters.ts';
import { type PhsFile, readPhsFile } from './file.ts';
import {
  checkCluster,
  checkVip,
  installOf,
  type Machine,
  machineOf,
  networkOf,
  reportSharedAddresses,
  takeIso,
  takeServers,
  vipOf,
  withAddress,
} from './machines.ts';
import { inARow, mediaOf, PHS_PORT, releaseFor, serverUrlOf } from './server.ts';

/** A data file of phs, andrehofman/harvester-bootstrapserver, of either generation. */
export const phs: ImportFormat = {
  name: 'phs',
  what: 'the data file of phs, the HTTP iPXE server andrehofman/harvester-bootstrapserver; one site per cluster',
  takes: ['harvesterVersion', 'server'],
  read(source, options, report) {
    concealLikely(source);
    const root = parseYaml(source, report, '`server:` and `maclist:`');
    if (!root) return undefined;
    concealValues(root);
    const findings = new Findings(report);
    const file = readPhsFile(root, findings);
    if (!file) return undefined;
    const url = serverUrlOf(file, source, options, findings);
    const media = mediaOf(file, findings);
    const homes = homesOf(file);
    noteUnused(file, homes, findings.notes);
    const nodes = servedNodes(file, findings);
    reportLostByMerge(nodes, homes, findings);
    const clusters = clustersOf({ ...file, nodes }, homes);
    const names = namesOf(clusters, options);
    // A user who names one site and its server means that server.
    const isOne = options.site !== undefined && options.server !== undefined;
    const urls = url === undefined || isOne ? clusters.map(() => url) : inARow(url, clusters.length);
    const fileNotes = findings.notes.sorted();
    const sites = clusters.flatMap((cluster, index) => {
      const next = isOne ? undefined : { name: names[index + 1], url: urls[index + 1] };
      const site = { name: names[index] ?? '', url: urls[index], media, next, isFirst: isOne || index === 0 };
      const own = new Findings(report);
      for (const note of fileNotes)
        if (!note.at || !isOfOthers(note.at, cluster, clusters)) own.notes.add(note);
      return siteOf(site, cluster, file, options, own) ?? [];
    });
    return report.failed ? undefined : sites;
  },
};

function isOfOthers(at: SourceLocation, cluster: PhsCluster, clusters: readonly PhsCluster[]): boolean {
  const isIn = ({ nodes, blocks }: PhsCluster) =>
    [...nodes, ...blocks].some((entry) => entry.at.start <= at.start && at.end <= entry.at.end);
  return !isIn(cluster) && clusters.some(isIn);
}

/** Returns site names: the labels of clusters, otherwise the requested name or the directory, with numbers for several. */
function namesOf(clusters: readonly PhsCluster[], { site, folder }: ImportSettings): string[] {
  if (site !== undefined && clusters.length === 1) return [site];
  const stem = siteNameOf(site ?? folder ?? '') ?? 'site';
  const taken = new Set<string>();
  return clusters.map(({ label }, index) => {
    const numbered = clusters.length === 1 ? stem : `${stem}-${index + 1}`;
    return freeName((label && siteNameOf(label.value)) ?? numbered, taken);
  });
}

/** A site of the file, with its boot server and the one to which machines of others are redirected. */
interface Site {
  readonly name: string;
  readonly url: string | undefined;
  readonly media: string | undefined;
  readonly next: { readonly name: string | undefined; readonly url: string | undefined } | undefined;
  readonly isFirst: boolean;
}

function siteOf(
  site: Site,
  cluster: PhsCluster,
  file: PhsFile,
  options: ImportSettings,
  findings: Findings,
): ImportedSite | undefined {
  const { report, notes } = findings;
  const { name, url, media } = site;
  const { label, nodes } = cluster;
  const release = releaseFor(nodes, options.harvesterVersion, findings);
  const read = nodes.map((node) => machineOf(node, release, findings));
  checkCluster(read, label ? `the cluster ${label.value}` : 'a cluster', findings);
  reportSharedAddresses(read, findings);
  const machines = read.map((machine) => withAddress(machine, findings));
  checkConfigs(machines, release, report);
  reportSharedAddresses(machines, findings);
  const network = networkOf(machines, findings);
  const vip = vipOf(machines, cluster, release, findings);
  if (vip) checkVip(vip.ip, machines, network?.subnet, findings);
  const gathered = machines.map((machine) =>
    gatheredMachine(machine, takeIso(machine, media, release, findings)),
  );
  if (report.failed || !network || !vip || url === undefined) return undefined;
  const { subnet, netmask, gateway } = network;
  const dns = takeServers(machines, 'dns_nameservers', notes);
  const ntp = takeServers(machines, 'ntp_servers', notes);
  noteOpen(machines, dns.length > 0, release, notes);
  noteNames(site, cluster, file, notes);
  const dhcp = vip.mac ? 'external' : 'none';
  const networks = [
    { at: netmask.at, subnet: { value: subnet.text, at: netmask.at }, gateway, dns, ntp, dhcp } as const,
  ];
  const count = machines.length === 1 ? 'one node' : `${machines.length} nodes`;
  const title = `A site imported from a data file of phs (andrehofman/harvester-bootstrapserver): ${count} of Harvester ${release.text}. Comments contain the sources of values.`;
  const versionsAt = machines.map(({ version }) => version?.at);
  const amend = (model: SiteModel) => ({
    ...model,
    site: label ? noted(name, sourceComment([label.at])) : name,
    harvester: { version: sourcedAt(release.text, versionsAt) },
    server: serverContent(site, file),
  });
  const settings = { ...options, site: name, harvesterVersion: release, server: url, title, amend };
  return gatheredSite(
    [{ machines: gathered, networks, vips: [vip], notes: notes.sorted() }],
    settings,
    report,
  );
}

function gatheredMachine(machine: Machine, iso: Text | undefined): GatheredMachine {
  const { at, mac, macText, ipaddress: ip, interface: nicName, name, config } = machine;
  const nic = { mac: { value: mac, at: macText.at }, ips: ip ? [ip] : [], name: nicName, boots: true };
  return { at, isOther: true, name, nics: [nic], harvester: { config, iso } };
}

function serverContent({ url = '', media, next, isFirst }: Site, file: PhsFile): SiteModel['server'] {
  const hasOtherPort = isFirst && parseServerUrl(url)?.port !== PHS_PORT;
  return {
    url: sourcedAt(url, [file.server?.at]),
    media: media === undefined ? undefined : sourcedAt(media, [file.downloadserver?.at]),
    next: next?.url === undefined ? undefined : noted(next.url, 'another site of the same phs'),
    ports: hasOtherPort ? flow([PHS_PORT], 'the port that the boot images of phs use') : undefined,
  };
}

/** Adds notes on another name, and on the next site of one phs: nginx has one site per port, so the sites are chained. */
function noteNames(
  { name, url, next }: Site,
  { label }: PhsCluster,
  { server }: PhsFile,
  notes: Notes,
): void {
  const why = `the site of ${label?.value} is named ${name}`;
  if (label && label.value !== name) notes.changed('cluster', why, label.at);
  if (next?.url === undefined) return;
  const chain =
    `nginx has one site per port, but phs had several: ${url} redirects the machines of ${next.name} to ${next.url}, as set in ` +
    `server.next. Allow port ${parseServerUrl(next.url)?.port} in firewalls too. ` +
    'If each site has a separate boot server, set server.url in each, and remove next';
  notes.changed('server', chain, server?.at);
}

/** Adds notes on facts that the file lacks. */
function noteOpen(machines: readonly Machine[], hasDns: boolean, release: Version, notes: Notes): void {
  const ofDns = 'the installer requires DNS servers for static IP addresses, but the file has none';
  const isServed = ({ config: { os } }: Machine) => isValueMap(os) && Boolean(os.dns_nameservers);
  if (!hasDns && !machines.every(isServed)) notes.open('networks.mgmt.dns', ofDns);
  const ofNic = 'the file has no name of its NIC, which the installer needs: add nics with a name';
  for (const { macText, interface: nic, config } of machines)
    if (!nic && !isValueMap(installOf(config).management_interface))
      notes.open(macText.value, ofNic, macText.at);
  const ofImages =
    'boot images that set the IP address of machines (set net0/ip …) request their script from that, which is not that ' +
    'of a node: add it to the list';
  notes.open('server.allow_scripts', ofImages);
  // phs boots every machine with `console=ttyS0 console=tty1`. Source: its main.go.
  const ofConsole =
    'phs starts the installer with console=ttyS0 console=tty1, and the site with one console, tty1: for machines with ' +
    'a serial console, add boot: {consoles: [ttyS0, tty1]} to defaults or to a node';
  if (!machines.every(({ config }) => installOf(config).tty)) notes.open('config.install.tty', ofConsole);
  const ofFirmware =
    `the file does not show whether machines boot with UEFI, and Harvester ${release.text} rejects BIOS: switch them to UEFI, or ` +
    'add --harvester-version v1.7.1 and set firmware: bios';
  if (isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS)) notes.open('firmware', ofFirmware);
}
