import { parseServerUrl } from '../../values/urls.ts';
import type { Gathered, GatheredCluster } from '../model/gathered.ts';
import type { ImportSettings } from '../model/import-format.ts';
import { displayName, siteNameOf } from '../model/names.ts';
import type { Findings, Notes } from '../model/notes.ts';
import type { Secrets } from '../model/secrets.ts';
import { asBmc, attachBmcs, joinSharedBmcs, looseBmcs } from './bmcs.ts';
import { bootProfiles, noteLoaders } from './boot-profiles.ts';
import { CloudData } from './cloud-data.ts';
import { mergedValues } from './first-wins.ts';
import { dropSharedNids, groupsOf, openNetworksOf, tenantsOf } from './groups.ts';
import { type HarvesterPlan, harvesterPlan, noteVips, releaseOf, reportVipOutside } from './harvester.ts';
import { addInstaller, installedMachines, serverOf, withConfigs } from './installer.ts';
import { addLeases, MachineMerger, machinesOfBoots } from './merge-machines.ts';
import { networksOf } from './networks.ts';
import { bootServerOf, hasIscsi, imagesOf, joinTargets } from './server.ts';
import { dropInvalidValues, hostNames, withoutServers } from './tidy.ts';

/** The input for the inventory of a site. */
export type JoinedSite = NonNullable<ReturnType<typeof planOf>>;

/** Joins the data of files; returns undefined if it reports an error, or if there is no machine. */
export function planOf(
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
