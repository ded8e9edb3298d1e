import type { Report } from '../../source/diagnostics/report.ts';
import { parseServerUrl } from '../../values/urls.ts';
import type { Gathered, GatheredCluster } from '../model/gathered.ts';
import type { ImportedSite, ImportSettings } from '../model/import-format.ts';
import { displayName, siteNameOf } from '../model/names.ts';
import { Findings, type Notes } from '../model/notes.ts';
import { Secrets } from '../model/secrets.ts';
import { asBmc, attachBmcs, joinSharedBmcs, looseBmcs } from './bmcs.ts';
import { withBootFiles } from './boot-files.ts';
import { bootProfiles, noteLoaders } from './boot-profiles.ts';
import { CloudData } from './cloud-data.ts';
import { mergedValues } from './first-wins.ts';
import { dropSharedNids, groupsOf, openNetworksOf, tenantsOf } from './groups.ts';
import { type HarvesterPlan, harvesterPlan, noteVips, releaseOf, reportVipOutside } from './harvester.ts';
import { addInstaller, installedMachines, serverOf, withConfigs } from './installer.ts';
import { isLocal, modelOf } from './joined-model.ts';
import { bootNicOf } from './machine.ts';
import { addLeases, MachineMerger, machinesOfBoots } from './merge-machines.ts';
import { networkOfNic, networksOf } from './networks.ts';
import { bootServerOf, hasIscsi, imagesOf, joinTargets } from './server.ts';
import { dropInvalidValues, hostNames, withoutServers } from './tidy.ts';
import { type SiteModel, writeSite } from './write-site.ts';

/** The settings of one site. */
interface SiteSettings extends ImportSettings {
  /** The first line of its head. */
  readonly title: string;
  /** Adds what only one format has. */
  readonly amend?: (model: SiteModel) => SiteModel;
}

/**
 * Returns the site of data from files; of conflicting values, which are reported, the first applies. Returns undefined if it
 * reports an error, or if there is no machine.
 */
export function gatheredSite(
  files: readonly Gathered[],
  options: SiteSettings,
  report: Report,
): ImportedSite | undefined {
  const findings = new Findings(report);
  const { notes } = findings;
  for (const note of files.flatMap((one) => one.notes)) notes.add(note);
  const secrets = new Secrets(notes);
  const plan = planOf(withBootFiles(files, notes), options, secrets, findings);
  if (!plan) return undefined;
  const model = modelOf(plan);
  noteOpen(plan);
  for (const [name, secret] of plan.data.secrets) secrets.keep(name, secret);
  const { amend = (one) => one, title } = options;
  return writeSite(plan.name, amend(model), title, notes, secrets);
}

/** The input for the inventory of a site. */
export type JoinedSite = NonNullable<ReturnType<typeof planOf>>;

/** Joins the data of files; returns undefined if it reports an error, or if there is no machine. */
function planOf(
  gathered: readonly Gathered[],
  options: ImportSettings,
  secrets: Secrets,
  findings: Findings,
) {
  const { notes, report } = findings;
  const all = <T>(listOf: (one: Gathered) => readonly T[] | undefined) =>
    gathered.flatMap((one) => listOf(one) ?? []);
  const merger = new MachineMerger(findings);
  const release = releaseOf(gathered, options, notes);
  const configured = withConfigs(gathered, release.version, notes);
  const { boots, vips } = configured;
  const listed = configured.machines.filter((machine) => !asBmc(machine));
  for (const machine of listed) if (!machine.isLease) merger.add(machine);
  const leases = listed.filter(({ isLease }) => isLease);
  addLeases(merger, leases, notes);
  const fileGroups = all((one) => one.groups);
  if (merger.machines.length === 0)
    for (const machine of machinesOfBoots(boots, fileGroups, notes)) merger.add(machine);
  const servers = gathered.flatMap(({ server }) => server ?? []);
  const url = servers.find((one) => one.url)?.url ?? serverOf(all((one) => one.boots));
  const server = options.server ?? url?.value;
  const networkDetails = all((one) => one.networkDetails);
  const gateways = [...configured.networks, ...networkDetails].map(({ gateway }) => gateway?.value ?? '');
  const machines = withoutServers(merger.machines, gateways, parseServerUrl(server ?? '')?.host, notes);
  if (machines.length === 0 && !gathered.some(({ isSite }) => isSite)) return undefined;
  attachBmcs(machines, looseBmcs(gathered), findings);
  joinSharedBmcs(machines, notes);
  dropSharedNids(machines, notes);
  dropInvalidValues(machines, notes);
  joinTargets(
    machines,
    all((one) => one.targets),
    notes,
  );
  const groups = groupsOf(machines, fileGroups, notes);
  const profiles = bootProfiles(machines, boots, findings);
  const profileOf = new Map(profiles.flatMap((profile) => profile.machines.map((one) => [one, profile])));
  const own = installedMachines(machines, (one) => !profileOf.has(one) && !one.disk, options, notes);
  const onLines = own.flatMap((machine) => addInstaller(machine, release.version, notes));
  const others = { secrets, hasOthers: own.length < machines.length };
  const harvester = harvesterPlan(own, vips, release, others, findings);
  noteVips(vips, harvester, notes);
  if (report.failed) return undefined;
  noteRoles(harvester, notes);
  noteLoaders(machines, notes);
  const cluster = clusterOf(gathered, findings);
  const why = 'the server of the old files: add --server if the site has another';
  if (url && options.server === undefined) notes.changed(url, why);
  const input = {
    networks: [...configured.networks, ...onLines],
    networkDetails,
    vlans: all((one) => one.vlans),
  };
  const vip = harvester?.vip ? [harvester.vip.value] : [];
  const networks = networksOf(machines, input, vip, { ...options, server }, findings);
  reportVipOutside(harvester?.vip, networks, findings);
  const openNetworks = networks.length === 0 ? openNetworksOf(machines) : undefined;
  const bootServer = bootServerOf(servers, machines, findings);
  const hasDisks = machines.some(({ disk }) => disk);
  return {
    name:
      options.site ?? siteNameOf(cluster?.name?.value ?? '') ?? siteNameOf(options.folder ?? '') ?? 'site',
    server,
    harvester,
    bootServer,
    /** Whether the servers and boot loaders in the files mean that nodes boot iSCSI disks. */
    isDiskless: hasIscsi(bootServer) || machines.some(({ loader }) => loader),
    /** Names of the networks of a site, if their subnets are in no file. */
    openNetworks: openNetworks?.size === 0 ? ['mgmt'] : [...(openNetworks?.values() ?? [])],
    networks,
    groups,
    profiles,
    profileOf,
    cluster,
    machines,
    /** Whether any of them boots a disk that is in a file. */
    hasDisks,
    /** Whether no file contains the boot of any machine. */
    isOpen: profiles.length === 0 && !hasDisks && !harvester,
    names: hostNames(machines, cluster, notes),
    images: imagesOf(profiles, notes),
    tenants: tenantsOf(machines, networks, openNetworks ?? new Map(), notes),
    data: new CloudData(notes, secrets.taken),
    notes,
  };
}

/** Adds notes on roles of SMD that the key `role` cannot contain, because it is the role in a Harvester cluster. */
function noteRoles(harvester: HarvesterPlan | undefined, notes: Notes): void {
  const why = 'the role of this node in its Harvester cluster is in the file, too: a node has one of both';
  for (const [{ role }, installation] of harvester?.nodes ?? [])
    if (role && installation.role && role.value !== 'Management')
      notes.left(`the role ${displayName(role.value)} in SMD`, why, role.at);
}

/** Returns the settings of all machines; the first file with a value takes precedence, and differences are reported. */
function clusterOf(gathered: readonly Gathered[], findings: Findings): GatheredCluster | undefined {
  return gathered.reduce<GatheredCluster | undefined>(
    (known, { cluster }) =>
      cluster ? mergedValues(known, cluster, OF_CLUSTER, { whose: 'the cluster', findings }) : known,
    undefined,
  );
}

const OF_CLUSTER = { name: 'name', shortName: 'prefix of host names', nidLength: 'length of NIDs' } as const;

/** Adds notes on required values that no file contains. Their placeholder is `…`, which `harvgen check` rejects. */
function noteOpen(plan: JoinedSite): void {
  const { networks, profiles, machines, hasDisks, isOpen, openNetworks } = plan;
  const open = plan.notes.open.bind(plan.notes);
  const why = 'not found in the files read: set the URL of the boot server for downloads; or add --server';
  if (plan.server === undefined) open('server.url', why);
  const subnet = 'no IP address found in the files read';
  for (const name of openNetworks)
    open(`networks.${name}.subnet`, openNetworks.length > 1 ? subnet : `${subnet}; or add --subnet`);
  for (const { name, input: network, boots } of networks)
    if (boots && !network?.gateway)
      open(
        `networks.${name}.gateway`,
        network?.dhcp && network.dhcp !== 'proxy'
          ? 'not found in the files read, but the installer requires a default route'
          : 'not found in the files read: add gateway if machines must reach other networks',
      );
  const { pool, id, conf, keyring, snapshot } = plan.bootServer.iscsi ?? {};
  if (!pool && (id || conf || keyring || snapshot))
    open('server.iscsi.rbd.pool', 'the Ceph pool of images and disks was not found in the files read');
  const owned = new Set([...plan.tenants.values()].flatMap(({ network }) => network ?? []));
  for (const { name, vlan } of networks)
    if (owned.has(name) && owned.size > 1 && !vlan)
      open(
        `networks.${name}.vlan`,
        'not found in the files read, but VLANs separate the tenants: HIL has it in the channels of the network, /v0/network/NETWORK',
      );
  if (isOpen && plan.isDiskless)
    open(
      'defaults.boot.image',
      'the boot of machines was not found in the files read: set the image of their disks here and in images; or add the scripts of BMI with --join ipxe:FILE',
    );
  else if (isOpen)
    open(
      'defaults.boot',
      "the boot of machines was not found in the files read: set kernel and initrd; or add BSS's boot parameters with --join bss:FILE",
    );
  for (const { name, boot } of profiles)
    if (!boot.kernel) open(`profiles.${name}.boot.kernel`, 'not found in the files read');
  const reason =
    'no machine found in the files read: add answers of HIL for nodes with --join hil:FILE, and scripts of nodes with --join ipxe:FILE';
  if (machines.length === 0) open('nodes', reason);
  for (const machine of machines) {
    const name = plan.names.get(machine) ?? '';
    const nic = bootNicOf(machine);
    const lacks = [...(nic?.mac ? [] : ['MAC address']), ...(nic?.ips[0] ? [] : ['IP address'])];
    const [alias] = nic?.ips[0] ? [] : (machine.aliases ?? []);
    const lookup = alias
      ? `, only the name ${displayName(alias.value)}: its DHCP server looks it up: add its hosts file with --join dnsmasq:/etc/hosts`
      : '';
    for (const one of machine.nics)
      if (one.network && one.ips.length === 0 && networks.length > 0 && !networkOfNic(one, networks))
        open(
          `a NIC of ${name}`,
          `it is on the network ${displayName(one.network.value)}, whose subnet was not found in the files read: until you add that to networks, and network to the NIC, it is on ${networks[0]?.name}`,
          one.network.at,
        );
    if (lacks.length > 0)
      open(
        name,
        `its ${lacks.join(' and ')} ${lacks.length > 1 ? 'were' : 'was'} not found in the files read${lookup}`,
        machine.at,
      );
    const todo = `its boot was not found in the files read: it boots its disk until you set ${hasDisks ? 'an image' : 'a profile'}`;
    if (!isOpen && isLocal(machine, plan) && !machine.disk) open(name, todo, machine.at);
  }
}
