import { parseYaml } from '../../inventory/parse.ts';
import { FIRST_RELEASE_WITHOUT_BIOS } from '../../knowledge/harvester.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { hasLocation, isValueMap, locationOf } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { parseServerUrl } from '../../values/urls.ts';
import { isAtLeast } from '../../values/version.ts';
import type { ImportedSite, ImportFormat, ImportNote, ImportSettings } from '../kind.ts';
import { freeName, siteNameOf } from '../names.ts';
import { Notes } from '../notes.ts';
import { concealLikely, concealValues, referToSecrets, Secrets } from '../secrets.ts';
import { type Content, flow, sourceComment, writeSite } from '../write-site.ts';
import { answered, clustersOf, noteUnused, type PhsCluster, reportLostByMerge } from './clusters.ts';
import { checkConfigs } from './config.ts';
import { readPhsFile } from './file.ts';
import { hostNames, type Machine, machineOf } from './machine.ts';
import { modelOf, type SitePlan } from './model.ts';
import {
  judgeVipMode,
  networkOf,
  plannedVip,
  reportCluster,
  reportSharedAddresses,
  vipOf,
} from './network.ts';
import { inARow, isoOf, type PhsServer, releaseFor, serverOf } from './server.ts';

/** A data file of phs, andrehofman/harvester-bootstrapserver, of either generation. */
export const phs: ImportFormat = {
  name: 'phs',
  what: 'the data file of phs, the HTTP iPXE server andrehofman/harvester-bootstrapserver; a site for each of its clusters',
  takes: ['harvesterVersion', 'server'],
  read(source, wish, report) {
    concealLikely(source);
    const root = parseYaml(source, report, '`server:` and `maclist:`');
    if (!root) return undefined;
    concealValues(root);
    const notes = new Notes();
    const findings = { notes, report };
    const file = readPhsFile(root, findings);
    if (!file) return undefined;
    const server = serverOf(file, source, wish, findings);
    noteUnused(file, notes);
    const nodes = answered(file, findings);
    reportLostByMerge(file, nodes, report);
    const clusters = clustersOf({ ...file, nodes });
    const names = namesOf(clusters, wish);
    // Who names one site and its server means that server.
    const isOne = wish.site !== undefined && wish.server !== undefined;
    const servers = server && !isOne ? inARow(server, clusters.length) : clusters.map(() => server);
    const sites = clusters.map((cluster, index) =>
      siteOf(
        cluster,
        {
          name: names[index] ?? '',
          next: isOne ? undefined : names[index + 1],
          server: servers[index],
          wish,
          fileNotes: notes.sorted().filter(({ at }) => !at || !isOfOthers(at, cluster, clusters)),
        },
        report,
      ),
    );
    if (report.failed) return undefined;
    return sites.filter((site): site is ImportedSite => site !== undefined);
  },
};

function isOfOthers(at: SourceLocation, own: PhsCluster, clusters: readonly PhsCluster[]): boolean {
  const isIn = ({ nodes, blocks }: PhsCluster) =>
    [...nodes, ...blocks].some((one) => one.at.start <= at.start && at.end <= one.at.end);
  return !isIn(own) && clusters.some(isIn);
}

/** Names sites as the file labels their clusters, else as what is wished for or the folder, with numbers where there are several. */
function namesOf(clusters: readonly PhsCluster[], { site, folder }: ImportSettings): string[] {
  if (site !== undefined && clusters.length === 1) return [site];
  const stem = siteNameOf(site ?? folder ?? '') ?? 'site';
  const taken = new Set<string>();
  return clusters.map(({ label }, index) => {
    const own = (label && siteNameOf(label.value)) ?? (clusters.length === 1 ? stem : `${stem}-${index + 1}`);
    return freeName(own, taken);
  });
}

interface Around {
  readonly name: string;
  /** The site of the file whose boot server is the next one. */
  readonly next: string | undefined;
  readonly server: PhsServer | undefined;
  readonly wish: ImportSettings;
  readonly fileNotes: readonly ImportNote[];
}

function siteOf(
  cluster: PhsCluster,
  { name, next, server, wish, fileNotes }: Around,
  report: Report,
): ImportedSite | undefined {
  const notes = new Notes();
  const findings = { notes, report };
  for (const note of fileNotes) notes.add(note);
  const release = releaseFor(cluster, wish.harvesterVersion, findings);
  const machines = cluster.nodes.map((node) => machineOf(node, release, findings));
  reportCluster(machines, cluster.label ? `the cluster ${cluster.label.value}` : 'a cluster', report);
  reportSharedAddresses(cluster.nodes, report);
  reportSharedAddresses(machines, report);
  const network = networkOf(machines, report);
  const planned = plannedVip(cluster, machines, release);
  const vip = vipOf(machines, planned, network, findings);
  const vipSaid = machines.find(({ mode }) => mode === 'create') ?? planned ?? {};
  judgeVipMode([...machines, vipSaid], findings);
  for (const { isoUrl, version, config } of machines) {
    const iso = isoUrl && isoOf(isoUrl, version, { media: server?.media, release }, findings);
    if (iso !== undefined && isValueMap(config.install)) config.install.iso_url = iso;
  }
  checkConfigs(machines, release, report);
  if (report.failed || !server || !network || !vip) return undefined;
  if (cluster.label && cluster.label.value !== name)
    notes.changed('cluster', `the site of ${cluster.label.value} is called ${name}`, cluster.label.at);
  const secrets = new Secrets(notes);
  const token = tokenOf(machines, secrets);
  for (const { os } of machines.map(({ config }) => config))
    if (isValueMap(os) && typeof os.password === 'string' && os.password !== '')
      os.password = secrets.reference('node_password', {
        value: os.password,
        at: locationOf(os, 'password'),
      });
  for (const { config } of machines) referToSecrets(config, secrets);
  const dns = takeShared(machines, 'dns_nameservers', notes);
  const ntp = takeShared(machines, 'ntp_servers', notes);
  const names = hostNames(machines, name, release, notes);
  sayOpen({ machines, dns, network, release }, notes);
  // nginx has one site at a port: what one phs answered for several is answered by one after the other.
  if (next !== undefined && server.next !== undefined) {
    const why =
      `nginx has one site at a port, and phs had several: ${server.url} sends the machines of ${next} on to ${server.next}, as server.next ` +
      `says. Let firewalls pass port ${parseServerUrl(server.next)?.port} too. ` +
      'Where each site has a boot server of its own, give each its server.url, and take next away';
    notes.changed('server', why, server.urlFrom?.at);
  }
  const title = `A site that was made of a data file of phs (andrehofman/harvester-bootstrapserver): ${
    machines.length === 1 ? 'one node' : `${machines.length} nodes`
  } of Harvester ${release.text}. Comments say where values stood.`;
  const plan = {
    name,
    label: cluster.label,
    release,
    server,
    network,
    dns,
    ntp,
    vip,
    vipSaid,
    token,
    machines,
    names,
  };
  return writeSite(name, modelOf(plan), title, notes, secrets);
}

/** The token of a cluster: that of the machine that creates it, else of the first that has one. */
function tokenOf(machines: readonly Machine[], secrets: Secrets): string {
  const having = machines.filter((machine) => machine.token);
  const { token } = having.find(({ mode }) => mode === 'create') ?? having[0] ?? {};
  if (token) return secrets.reference('cluster_token', token);
  const text = 'the file has none: make the secret cluster_token';
  secrets.make('cluster_token', 'openssl rand -hex 32', 'token', text);
  return '${secret:cluster_token}';
}

/**
 * Takes a list out of the configurations where all that say it say it alike: then it is the network's. What stands twice
 * counts once; who has none gets it, too.
 */
function takeShared(machines: readonly Machine[], key: string, notes: Notes): Content | undefined {
  const lists = machines.flatMap(({ config: { os } }) => {
    const list = isValueMap(os) ? os[key] : undefined;
    return isValueMap(os) && Array.isArray(list)
      ? [{ os, list: list as string[], at: locationOf(os, key) }]
      : [];
  });
  for (const { list, at } of lists) {
    const distinct = [...new Set(list)];
    if (distinct.length === list.length) continue;
    const text = `what stands in it twice stands there once: ${distinct.join(', ')}`;
    notes.changed(`os.${key}`, text, at);
    list.splice(0, list.length, ...distinct);
  }
  const [first] = lists;
  if (!first || first.list.length === 0 || lists.some(({ list }) => list.join(' ') !== first.list.join(' ')))
    return undefined;
  for (const { config, macText } of machines) {
    const { os } = config;
    if (isValueMap(os) && os[key] !== undefined) delete os[key];
    else notes.changed(macText.value, `it has no os.${key}: it has those of the others`, macText.at);
    if (isValueMap(os) && Object.keys(os).length === 0) delete config.os;
  }
  return flow([...first.list], sourceComment(lists.map(({ at }) => at)));
}

function sayOpen(
  { machines, dns, network, release }: Pick<SitePlan, 'machines' | 'dns' | 'network' | 'release'>,
  notes: Notes,
): void {
  const open = (of: string, text: string, at?: SourceLocation) => notes.open(of, text, at);
  if (network.gateway === undefined)
    open('networks.mgmt.gateway', 'the installer wants a default route, and the file has no gateway');
  const hasDns = ({ config: { os } }: Machine) =>
    isValueMap(os) && hasLocation(os, 'dns_nameservers') && Boolean(os.dns_nameservers);
  const reason = 'the installer wants DNS servers where addresses are static, and the file has none';
  if (!dns && !machines.every(hasDns)) open('networks.mgmt.dns', reason);
  for (const { macText, nicName, config } of machines) {
    const { value, at } = macText;
    if (!nicName)
      open(value, 'the file does not name its NIC, which the installer needs: give nics with a name', at);
    if (!isValueMap(config.install) || config.install.device === undefined)
      open(value, 'the file does not say which disk it is installed to: add config.install.device', at);
  }
  const why =
    'boot images that give machines an address of their own (set net0/ip …) fetch their script by that, which is no ' +
    "node's: list it there";
  open('server.allow_scripts', why);
  // phs boots every machine with `console=ttyS0 console=tty1`. Source: its main.go.
  const todo =
    'phs started the installer with console=ttyS0 console=tty1, and the site with one console, tty1: for machines that ' +
    'are watched over a serial line say tty: ttyS0 below defaults.config.install, or below a node';
  if (!machines.every(({ config: { install } }) => isValueMap(install) && install.tty))
    open('config.install.tty', todo);
  if (isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS))
    open(
      'firmware',
      `whether machines boot by UEFI the file does not say, and Harvester ${release.text} refuses BIOS: set them to UEFI, or ` +
        'give --harvester-version v1.7.1 and say firmware: bios',
    );
}
