import { basename } from 'node:path';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import type { JoinedKind } from '../formats/file-reader.ts';
import type { ImportedSite, ImportSettings } from '../kind.ts';
import { JOINED_KINDS } from '../kinds.ts';
import { displayName, siteNameOf } from '../names.ts';
import { Notes } from '../notes.ts';
import { concealLikely } from '../secrets.ts';
import { writeSite } from '../write-site.ts';
import { bootProfiles, noteLoaders } from './boots.ts';
import { CloudData } from './cloud-data.ts';
import type { Gathered, GatheredBoot, GatheredCluster } from './gathered.ts';
import { dropSharedNids, groupsOf, openNetworksOf, tenantsOf } from './groups.ts';
import {
  asBmc,
  attachBmcs,
  bootNicOf,
  dropSharedBmcs,
  looseBmcs,
  type Machine,
  withoutNothing,
} from './machine.ts';
import { addLeases, MachineMerger, machinesOfBoots } from './meet.ts';
import { modelOf, orMgmt, type SitePlan } from './model.ts';
import { networkCalled, networksOf } from './networks.ts';
import { bootServerOf, hasIscsi, imagesOf, joinTargets } from './server.ts';
import { dropInvalidValues, hostNames } from './tidy.ts';

interface JoinedFile {
  readonly kind: JoinedKind;
  readonly source: Source;
}

/** Makes one site of files that each say something of its machines: of contradictions, which are reported, the first counts. */
export function joinedSite(
  files: readonly JoinedFile[],
  wish: ImportSettings,
  report: Report,
): readonly ImportedSite[] | undefined {
  const gathered = files.flatMap((file) => readFile(file, report) ?? []);
  if (report.failed) return undefined;
  const notes = new Notes();
  for (const note of gathered.flatMap((one) => one.notes)) notes.add(note);
  const all = <T>(listOf: (one: Gathered) => readonly T[] | undefined) =>
    gathered.flatMap((one) => listOf(one) ?? []);
  const meeting = new MachineMerger(report);
  const listed = all((one) => one.machines).filter((machine) => !asBmc(machine));
  for (const machine of listed) if (!machine.isLease) meeting.add(machine);
  const leases = listed.filter(({ isLease }) => isLease);
  addLeases(meeting, leases, notes);
  const boots = all((one) => one.boots);
  const saidGroups = all((one) => one.groups);
  if (meeting.machines.length === 0)
    for (const machine of machinesOfBoots(boots, saidGroups, notes)) meeting.add(machine);
  const { machines } = meeting;
  if (machines.length === 0 && !gathered.some(({ isSite }) => isSite)) {
    reportNobody(files, report);
    return undefined;
  }
  attachBmcs(machines, looseBmcs(gathered), notes, report);
  dropSharedBmcs(machines, notes);
  dropSharedNids(machines, notes);
  dropInvalidValues(machines, notes);
  const targets = all((one) => one.targets);
  joinTargets(machines, targets, notes);
  const groups = groupsOf(machines, saidGroups, notes);
  const profiles = bootProfiles(machines, boots, { notes, report });
  noteRoles(machines, boots, notes);
  noteLoaders(machines, notes);
  const cluster = clusterOf(gathered);
  const saidOf = { networks: all((one) => one.networks), vlans: all((one) => one.vlans) };
  const networks = networksOf(machines, saidOf, wish, { notes, report });
  const openNetworks = networks.length === 0 ? openNetworksOf(machines) : new Map<string, string>();
  const servers = gathered.flatMap(({ server }) => server ?? []);
  const bootServer = bootServerOf(servers, machines, notes, report);
  const data = new CloudData(notes);
  const name = wish.site ?? siteNameOf(cluster?.name?.value ?? '') ?? siteNameOf(wish.folder ?? '') ?? 'site';
  const plan = {
    name,
    server: wish.server,
    bootServer,
    isDiskless: hasIscsi(bootServer) || machines.some(({ loader }) => loader),
    openNetworks: [...openNetworks.values()],
    networks,
    groups,
    profiles,
    profileOf: new Map(profiles.flatMap((profile) => profile.machines.map((one) => [one, profile]))),
    cluster,
    machines,
    hasDisks: machines.some(({ disk }) => disk),
    names: hostNames(machines, cluster, notes),
    images: imagesOf(profiles, notes),
    tenants: tenantsOf(machines, networks, openNetworks, notes),
    data,
    notes,
  };
  const model = modelOf(plan);
  noteOpen(plan, notes);
  const title = `Made by harvgen import of ${files.map(({ kind, source }) => `${kind.name}: ${fileOf(source)}`).join(', ')}.`;
  return [writeSite(name, model, title, notes, { values: data.secrets, at: data.secretsAt })];
}

/** What a file says; undefined where it is at fault, which is reported: that it is of another kind before all. */
function readFile({ kind, source }: JoinedFile, report: Report): Gathered | undefined {
  concealLikely(source);
  const meant = kind.isLike(source) ? undefined : JOINED_KINDS.find((other) => other.isLike(source));
  if (!meant) return kind.read(source, report);
  // What is secret in it only its own kind would know.
  source.conceal({ start: 0, end: source.text.length });
  report.error({
    code: 'import-kind',
    message: `This is no file of ${kind.name}, and looks like one of ${meant.name}: ${meant.what}.`,
    at: { source, start: 0, end: 0 },
    help: `import it as ${meant.name}, or join it: --join ${meant.name}:FILE`,
  });
  return undefined;
}

function fileOf({ file }: Source): string {
  return file === '-' ? 'standard input' : displayName(basename(file)).replace(/^"([\w.-]+)"$/, '$1');
}

function reportNobody(files: readonly JoinedFile[], report: Report): void {
  const [first] = files;
  if (!first) return;
  report.error({
    code: 'import-nothing',
    message:
      files.length === 1
        ? `The file names no machine that ${first.kind.name} would have.`
        : 'None of the files names a machine.',
    at: { source: first.source, start: 0, end: 0 },
    help: 'give a file that lists machines, and join the others to it by --join KIND:FILE',
  });
}

/** Roles that nothing is booted by are for people: a site has groups for them. */
function noteRoles(machines: readonly Machine[], boots: readonly GatheredBoot[], notes: Notes): void {
  const used = new Set(boots.flatMap(({ hosts = [] }) => hosts.map(({ value }) => value.toLowerCase())));
  for (const { role } of machines)
    if (role && !used.has(role.value.toLowerCase()))
      notes.left(`the role ${displayName(role.value)}`, 'a site has groups', role.at);
}

/** What holds for all machines, of several files each value as the first says it. */
function clusterOf(gathered: readonly Gathered[]): GatheredCluster | undefined {
  const all = gathered.flatMap(({ cluster }) => (cluster ? [withoutNothing(cluster)] : []));
  return all.length === 0 ? undefined : Object.assign({}, ...all.reverse());
}

/** Notes what no file says and a site needs: it stands there as `…`, at which `harvgen check` points. */
function noteOpen(plan: SitePlan, notes: Notes): void {
  const { networks, profiles, machines, hasDisks, openNetworks } = plan;
  const open = (of: string, text: string, at?: SourceLocation) => notes.open(of, text, at);
  const why =
    'no file says it: the URL that machines fetch from, on the boot server of the site; or give --server';
  if (plan.server === undefined) open('server.url', why);
  if (networks.length === 0)
    for (const name of orMgmt(openNetworks))
      open(
        `networks.${name}.subnet`,
        openNetworks.length > 1 ? 'no file has an address' : 'no file has an address; or give --subnet',
      );
  for (const { name, said, boots } of networks)
    if (boots && !said?.gateway)
      open(
        `networks.${name}.gateway`,
        'no file says it: where machines are to reach other networks, add gateway',
      );
  const { pool, id, conf, keyring, snapshot } = plan.bootServer.iscsi ?? {};
  if (!pool && (id || conf || keyring || snapshot))
    open('server.iscsi.rbd.pool', 'no file says the pool of Ceph that images and disks are in');
  const owned = new Set([...plan.tenants.values()].flatMap(({ network }) => network ?? []));
  for (const { name, vlan } of networks)
    if (owned.has(name) && owned.size > 1 && !vlan)
      open(
        `networks.${name}.vlan`,
        'no file says it, and tenants are kept apart by VLANs: HIL has it in the channels of the network, /v0/network/NETWORK',
      );
  const isOpen = profiles.length === 0 && !hasDisks;
  if (isOpen && plan.isDiskless)
    open(
      'defaults.boot.image',
      'no file says what machines boot: name what their disks are clones of, here and below images; or join the scripts that BMI wrote, by --join ipxe:FILE',
    );
  else if (isOpen)
    open(
      'defaults.boot',
      "no file says what machines boot: its kernel and initrd; or join BSS's boot parameters by --join bss:FILE",
    );
  for (const { name, kernel } of profiles)
    if (!kernel) open(`profiles.${name}.boot.kernel`, 'no file says it');
  const reason =
    'no file names a machine: join what HIL answers by --join hil:FILE, and the scripts of nodes by --join ipxe:FILE';
  if (machines.length === 0) open('nodes', reason);
  for (const machine of machines) {
    const name = plan.names.get(machine) ?? '';
    const nic = bootNicOf(machine);
    const lacks = [...(nic?.mac ? [] : ['MAC address']), ...(nic?.ips[0] ? [] : ['address'])];
    for (const one of machine.nics)
      if (one.network && one.ips.length === 0 && networks.length > 0 && !networkCalled(one, networks))
        open(
          `a NIC of ${name}`,
          `it is on the network ${displayName(one.network.value)}, of which no file says the subnet: until you add that below networks, and network to the NIC, it counts as one on ${networks[0]?.name}`,
          one.network.at,
        );
    if (lacks.length > 0) open(name, `no file has its ${lacks.join(' and ')}`, machine.at);
    const todo = `no file says what it boots: it boots its disk, until it is given ${hasDisks ? 'an image' : 'a profile'}`;
    if (!isOpen && !plan.profileOf.has(machine) && !machine.disk) open(name, todo, machine.at);
  }
}
