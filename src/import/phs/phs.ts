import { parseYaml } from '../../inventory/parse.ts';
import { FIRST_RELEASE_WITHOUT_BIOS } from '../../knowledge/harvester.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { hasLocation, isValueMap, locationOf } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { parseServerUrl } from '../../values/urls.ts';
import { isAtLeast } from '../../values/version.ts';
import { checkConfigs } from '../joined/modern-config.ts';
import { type Content, flow, sourceComment, writeSite } from '../joined/write-site.ts';
import type { ImportNote } from '../model/gathered.ts';
import type { ImportedSite, ImportFormat, ImportSettings } from '../model/import-format.ts';
import { freeName, siteNameOf } from '../model/names.ts';
import { Findings, type Notes } from '../model/notes.ts';
import { concealLikely, concealValues, referToSecrets, Secrets } from '../model/secrets.ts';
import { clustersOf, noteUnused, type PhsCluster, reportLostByMerge, servedNodes } from './clusters.ts';
import { readPhsFile } from './file.ts';
import { hostNames, type Machine, machineOf } from './machine.ts';
import {
  checkVipModes,
  exists,
  networkOf,
  plannedVip,
  reportCluster,
  reportSharedAddresses,
  vipOf,
} from './network.ts';
import { modelOf, type PhsSite } from './phs-model.ts';
import { inARow, isoOf, type PhsServer, releaseFor, serverOf } from './server.ts';

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
    const { notes } = findings;
    const file = readPhsFile(root, findings);
    if (!file) return undefined;
    const server = serverOf(file, source, options, findings);
    noteUnused(file, notes);
    const nodes = servedNodes(file, findings);
    reportLostByMerge(file, nodes, findings);
    const clusters = clustersOf({ ...file, nodes });
    const names = namesOf(clusters, options);
    // A user who names one site and its server means that server.
    const isOne = options.site !== undefined && options.server !== undefined;
    const servers = server && !isOne ? inARow(server, clusters.length) : clusters.map(() => server);
    const sites = clusters.map((cluster, index) =>
      siteOf(
        cluster,
        {
          name: names[index] ?? '',
          next: isOne ? undefined : names[index + 1],
          server: servers[index],
          options,
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

/** Returns site names: the labels of clusters, otherwise the requested name or the directory, with numbers for several. */
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
  /** The site of the file with the next boot server. */
  readonly next: string | undefined;
  readonly server: PhsServer | undefined;
  readonly options: ImportSettings;
  readonly fileNotes: readonly ImportNote[];
}

function siteOf(
  cluster: PhsCluster,
  { name, next, server, options, fileNotes }: Around,
  report: Report,
): ImportedSite | undefined {
  const findings = new Findings(report);
  const { notes } = findings;
  for (const note of fileNotes) notes.add(note);
  const release = releaseFor(cluster, options.harvesterVersion, findings);
  const machines = cluster.nodes.map((node) => machineOf(node, release, findings));
  reportCluster(machines, cluster.label ? `the cluster ${cluster.label.value}` : 'a cluster', findings);
  reportSharedAddresses(cluster.nodes, findings);
  reportSharedAddresses(machines, findings);
  const network = networkOf(machines, findings);
  const planned = plannedVip(cluster, machines, release);
  const vip = vipOf(machines, planned, network, findings);
  const vipInput = machines.find(({ mode }) => mode === 'create') ?? planned ?? {};
  checkVipModes([...machines, vipInput], findings);
  for (const { isoUrl, version, config } of machines) {
    const iso = isoUrl && isoOf(isoUrl, version, { media: server?.media, release }, findings);
    if (iso !== undefined && isValueMap(config.install)) config.install.iso_url = iso;
  }
  checkConfigs(machines, release, report);
  if (report.failed || !server || !network || !vip) return undefined;
  if (cluster.label && cluster.label.value !== name)
    notes.changed('cluster', `the site of ${cluster.label.value} is named ${name}`, cluster.label.at);
  const secrets = new Secrets(notes);
  const token = tokenOf(machines, secrets, notes);
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
  noteOpen({ machines, dns, network, release }, notes);
  if (exists(machines))
    notes.open(
      'cluster.exists',
      `no machine creates the cluster: they join the one that answers at ${vip.value}, of Harvester ${release.text}. For a new cluster, ` +
        'set mode: create for one of them, and remove exists',
    );
  // nginx has one site per port, so the sites of one phs are chained.
  if (next !== undefined && server.next !== undefined) {
    const why =
      `nginx has one site per port, but phs had several: ${server.url} redirects the machines of ${next} to ${server.next}, as set in ` +
      `server.next. Allow port ${parseServerUrl(server.next)?.port} in firewalls too. ` +
      'If each site has a separate boot server, set server.url in each, and remove next';
    notes.changed('server', why, server.urlFrom?.at);
  }
  const title = `A site imported from a data file of phs (andrehofman/harvester-bootstrapserver): ${
    machines.length === 1 ? 'one node' : `${machines.length} nodes`
  } of Harvester ${release.text}. Comments contain the sources of values.`;
  const plan = {
    name,
    label: cluster.label,
    release,
    server,
    network,
    dns,
    ntp,
    vip,
    vipInput,
    token,
    machines,
    names,
  };
  return writeSite(name, modelOf(plan), title, notes, secrets);
}

/** Returns the token of a cluster: of the machine that creates it, otherwise of the first that has one. */
function tokenOf(machines: readonly Machine[], secrets: Secrets, notes: Notes): string {
  const having = machines.filter((machine) => machine.token);
  const { token } = having.find(({ mode }) => mode === 'create') ?? having[0] ?? {};
  if (token) return secrets.reference('cluster_token', token);
  if (exists(machines))
    notes.open(
      'token',
      'the file has none: set the secret cluster_token to the token of the running cluster',
    );
  else
    secrets.make(
      'cluster_token',
      'openssl rand -hex 32',
      'token',
      'the file has none: generate the secret cluster_token',
    );
  return '${secret:cluster_token}';
}

/**
 * Removes a list from the configurations and returns it for the network, if all configurations with the list agree. Removes
 * duplicate entries. Machines without the list get it too.
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
    const text = `duplicate entries are removed: ${distinct.join(', ')}`;
    notes.changed(`os.${key}`, text, at);
    list.splice(0, list.length, ...distinct);
  }
  const [first] = lists;
  if (!first || first.list.length === 0 || lists.some(({ list }) => list.join(' ') !== first.list.join(' ')))
    return undefined;
  for (const { config, macText } of machines) {
    const { os } = config;
    if (isValueMap(os) && os[key] !== undefined) delete os[key];
    else notes.changed(macText.value, `it has no os.${key}: it gets those of the others`, macText.at);
    if (isValueMap(os) && Object.keys(os).length === 0) delete config.os;
  }
  return flow([...first.list], sourceComment(lists.map(({ at }) => at)));
}

function noteOpen(
  { machines, dns, network, release }: Pick<PhsSite, 'machines' | 'dns' | 'network' | 'release'>,
  notes: Notes,
): void {
  const open = (of: string, text: string, at?: SourceLocation) => notes.open(of, text, at);
  if (network.gateway === undefined)
    open('networks.mgmt.gateway', 'the installer requires a default route, but the file has no gateway');
  const hasDns = ({ config: { os } }: Machine) =>
    isValueMap(os) && hasLocation(os, 'dns_nameservers') && Boolean(os.dns_nameservers);
  const reason = 'the installer requires DNS servers for static IP addresses, but the file has none';
  if (!dns && !machines.every(hasDns)) open('networks.mgmt.dns', reason);
  for (const { macText, nicName, config } of machines) {
    const { value, at } = macText;
    if (!nicName)
      open(value, 'the file has no name of its NIC, which the installer needs: add nics with a name', at);
    if (!isValueMap(config.install) || config.install.device === undefined)
      open(value, 'the file does not contain its installation disk: add config.install.device', at);
  }
  const why =
    'boot images that set the IP address of machines (set net0/ip …) request their script from that, which is not that ' +
    'of a node: add it to the list';
  open('server.allow_scripts', why);
  // phs boots every machine with `console=ttyS0 console=tty1`. Source: its main.go.
  const todo =
    'phs starts the installer with console=ttyS0 console=tty1, and the site with one console, tty1: for machines with ' +
    'a serial console, add boot: {consoles: [ttyS0, tty1]} to defaults or to a node';
  if (!machines.every(({ config: { install } }) => isValueMap(install) && install.tty))
    open('config.install.tty', todo);
  if (isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS))
    open(
      'firmware',
      `the file does not show whether machines boot with UEFI, and Harvester ${release.text} rejects BIOS: switch them to UEFI, or ` +
        'add --harvester-version v1.7.1 and set firmware: bios',
    );
}
