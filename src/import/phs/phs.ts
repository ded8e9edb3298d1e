import { parseYaml } from '../../inventory/parse.ts';
import { FIRST_RELEASE_WITHOUT_BIOS } from '../../knowledge/harvester.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { isPlainUrl, parseServerUrl } from '../../values/urls.ts';
import { isAtLeast } from '../../values/version.ts';
import { gatheredSite } from '../joined/gathered-site.ts';
import { checkConfigs } from '../joined/modern-config.ts';
import {
  flow,
  NOT_FOUND,
  noted,
  OPEN,
  type SiteModel,
  sourceComment,
  sourcedAt,
} from '../joined/write-site.ts';
import { mapIn, type Text } from '../model/config-values.ts';
import type { GatheredMachine } from '../model/gathered.ts';
import type { ImportedSite, ImportFormat, ImportSettings } from '../model/import-format.ts';
import { freeName, siteNameOf } from '../model/names.ts';
import { Findings } from '../model/notes.ts';
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
  type Machine,
  machineOf,
  networkOf,
  nicsIn,
  type PhsSite,
  releaseFor,
  reportSharedAddresses,
  takeIso,
  takeServers,
  vipOf,
  withAddress,
} from './machines.ts';

/** The port on which phs listens, and which it appends to `server`. Source: its main.go. */
const PHS_PORT = 10000;

/** Slashes at the end of a URL, except those after its scheme. */
const SLASHES = /(?<!\/)\/+$/;

/** Returns the URL of the boot server; reports an error and returns undefined if it is unknown. */
function serverUrlOf(
  { server }: PhsFile,
  source: Source,
  { server: requested }: ImportSettings,
  findings: Findings,
): string | undefined {
  const error = findings.error.bind(findings, 'phs-server');
  const why = `it becomes ${requested}, as set by --server`;
  const tls =
    'phs does not support https: set server.tls with the certificate of its proxy, or add --server with http';
  const base = server?.value.replace(SLASHES, '') ?? '';
  if (requested !== undefined && server) findings.notes.changed('server', why, server.at);
  if ((requested ?? base).startsWith('https:')) findings.notes.open('server', tls, server?.at);
  if (requested !== undefined) return requested;
  const none = 'The file has no server: its version of phs had the URL built in.';
  const todo = `add --server http://ADDRESS:${PHS_PORT}, with the IP address that its boot images use`;
  if (!server) return error({ source, start: 0, end: 0 }, none, todo);
  const isUrl = parseServerUrl(base) !== undefined;
  if (isUrl && !/:\d+$/.test(base)) return `${base}:${PHS_PORT}`;
  const message = isUrl
    ? `phs appends :${PHS_PORT} to this, which already has a port: no machine can download its configuration.`
    : 'This is not the URL of a server: it must be http or https and a host, without a path.';
  return error(
    server.at,
    message,
    'write only http:// and the IP address; or add --server URL, with any port',
  );
}

/** Returns the base URL of the installation media; undefined if the boot server itself serves them. */
function mediaOf({ downloadserver: base }: PhsFile, findings: Findings): string | undefined {
  const why =
    'the file has none: the boot server itself serves the installation media at /harvester/, after scripts/fetch-media.sh ' +
    'of the output tree has downloaded them';
  if (!base) return findings.notes.changed('downloadserver', why);
  // The directory is from main.go of phs.
  const media = `${base.value.replace(SLASHES, '')}/harvester`;
  const message = 'This is not a URL from which a machine can download.';
  const help = 'write http or https, a host and an optional path, such as https://releases.rancher.com';
  return isPlainUrl(media) ? media : findings.error('phs-server', base.at, message, help);
}

/** Returns URLs for the sites of one phs, because nginx has one site per port: its own, then further ports. */
function inARow(url: string, count: number): string[] {
  const ports = Array.from({ length: count }, (_, index) => PHS_PORT + 1 + index);
  const further = ports.filter((port) => port !== parseServerUrl(url)?.port);
  return [url, ...further.map((port) => `${url.replace(/:\d+$/, '')}:${port}`)].slice(0, count);
}

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
      const own = new Findings(report);
      for (const note of fileNotes)
        if (!note.at || !isOfOthers(note.at, cluster, clusters)) own.notes.add(note);
      const release = releaseFor(cluster, options.harvesterVersion, own);
      const machines = cluster.nodes.map((node) => machineOf(node, release, own));
      const server = {
        name: names[index] ?? '',
        url: urls[index],
        media,
        next,
        isFirst: isOne || index === 0,
      };
      return siteOf({ ...cluster, ...server, ...release, machines, findings: own }, file, options) ?? [];
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

function siteOf(read: PhsSite, file: PhsFile, options: ImportSettings): ImportedSite | undefined {
  const { findings, release, isOpen, url: server } = read;
  const { report, notes } = findings;
  checkCluster(read);
  reportSharedAddresses(read);
  const site = { ...read, machines: read.machines.map((machine) => withAddress(machine, findings)) };
  const { machines } = site;
  checkConfigs(machines, release, report);
  reportSharedAddresses(site);
  const network = networkOf(site);
  const vip = vipOf(site);
  if (vip?.ip) checkVip(vip.ip, network, site);
  const gathered = machines.map((machine) => gatheredMachine(machine, takeIso(machine, site)));
  if (report.failed || !network || !vip || server === undefined) return undefined;
  const dns = takeServers('dns_nameservers', site);
  const ntp = takeServers('ntp_servers', site);
  const dhcp = vip.mac ? 'external' : 'none';
  noteOpen(site, dns.length > 0);
  noteNames(site, file);
  const count = machines.length === 1 ? 'one node' : `${machines.length} nodes`;
  const title = `A site imported from a data file of phs (andrehofman/harvester-bootstrapserver): ${count} of Harvester${isOpen ? '' : ` ${release.text}`}. Comments contain the sources of values.`;
  const amend = (model: SiteModel) => ({ ...model, ...contentOf(site, file) });
  const settings = {
    ...options,
    site: site.name,
    harvesterVersion: isOpen ? undefined : release,
    server,
    title,
    amend,
  };
  const networks = [{ ...network, dns, ntp, dhcp } as const];
  const data = { machines: gathered, networks, vips: [vip], notes: notes.sorted() };
  return gatheredSite([data], settings, report);
}

function gatheredMachine(machine: Machine, iso: Text | undefined): GatheredMachine {
  const { at, mac, macText, ipaddress: ip, interface: nicName, name, config } = machine;
  const nic = { mac: { value: mac, at: macText.at }, ips: ip ? [ip] : [], name: nicName, boots: true };
  return { at, isOther: true, name, nics: [nic], harvester: { config, iso } };
}

/** Returns the contents of the inventory that only this format has. */
function contentOf(
  { name, label, release, isOpen, machines, url = '', media, next, isFirst }: PhsSite,
  file: PhsFile,
) {
  const { server, downloadserver } = file;
  const versionsAt = machines.map(({ version }) => version?.at);
  const hasOtherPort = isFirst && parseServerUrl(url)?.port !== PHS_PORT;
  return {
    site: label ? noted(name, sourceComment([label.at])) : name,
    harvester: { version: isOpen ? noted(OPEN, NOT_FOUND) : sourcedAt(release.text, versionsAt) },
    server: {
      url: sourcedAt(url, [server?.at]),
      media: media === undefined ? undefined : sourcedAt(media, [downloadserver?.at]),
      next: next?.url === undefined ? undefined : noted(next.url, 'another site of the same phs'),
      ports: hasOtherPort ? flow([PHS_PORT], 'the port that the boot images of phs use') : undefined,
    },
  };
}

/** Adds notes on another name, and on the next site of one phs: nginx has one site per port, so the sites are chained. */
function noteNames({ name, label, url, next, findings: { notes } }: PhsSite, { server }: PhsFile): void {
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
function noteOpen({ machines, release, isOpen, findings: { notes } }: PhsSite, hasDns: boolean): void {
  const ofDns = 'the installer requires DNS servers for static IP addresses, but the file has none';
  const isServed = ({ config }: Machine) => mapIn(config, 'os').dns_nameservers;
  if (!hasDns && !machines.every(isServed)) notes.open('networks.mgmt.dns', ofDns);
  const ofNic = 'the file has no name of its NIC, which the installer needs: add nics with a name';
  for (const { macText, interface: nic, config } of machines)
    if (!nic && !nicsIn(config).some(({ name }) => name)) notes.open(macText.value, ofNic, macText.at);
  const ofImages =
    'boot images that set the IP address of machines (set net0/ip …) request their script from that, which is not that ' +
    'of a node: add it to the list';
  notes.open('server.allow_scripts', ofImages);
  // phs boots every machine with `console=ttyS0 console=tty1`. Source: its main.go.
  const ofConsole =
    'phs starts the installer with console=ttyS0 console=tty1, and the site with one console, tty1: for machines with ' +
    'a serial console, add boot: {consoles: [ttyS0, tty1]} to defaults or to a node';
  if (!machines.every(({ config }) => mapIn(config, 'install').tty))
    notes.open('config.install.tty', ofConsole);
  const ofFirmware =
    `the file does not show whether machines boot with UEFI, and Harvester ${release.text} rejects BIOS: switch them to UEFI, or ` +
    'add --harvester-version v1.7.1 and set firmware: bios';
  if (!isOpen && isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS)) notes.open('firmware', ofFirmware);
}
