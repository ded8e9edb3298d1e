import { basename } from 'node:path';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/origin.ts';
import { headOf } from '../head.ts';
import type { ImportedSite, ImportWish } from '../kind.ts';
import { siteNameOf } from '../names.ts';
import { Notes } from '../notes.ts';
import { quoteVisibly } from '../visibly.ts';
import { asBmc, attachBmcs, dropSharedBmcs, looseBmcs } from './bmcs.ts';
import { bootServerOf, hasIscsi } from './boot-server.ts';
import { bootProfiles } from './boots.ts';
import { CloudData } from './cloud-data.ts';
import { joinTargets } from './disks.ts';
import type { Gathered, GatheredBoot, GatheredCluster } from './gathered.ts';
import { dropSharedNids, groupsOf } from './groups.ts';
import { hostNames } from './host-names.ts';
import { imagesOf } from './images.ts';
import type { JoinedKind } from './kind.ts';
import { JOINED_KINDS } from './kinds.ts';
import { addLeases } from './leases.ts';
import { noteLoaders } from './loader.ts';
import type { Machine } from './machine.ts';
import { machinesOfBoots } from './machines-of-boots.ts';
import { Meeting } from './meet.ts';
import { networksOf } from './networks.ts';
import { noteOpen } from './note-open.ts';
import { siteContent, siteYaml } from './site-yaml.ts';
import { openNetworksOf, tenantsOf } from './tenants.ts';
import { tidyMachines } from './tidy.ts';

/** A file, and what it is. */
export interface JoinedFile {
  readonly kind: JoinedKind;
  readonly source: Source;
}

/**
 * Makes one site of files that each say something of its machines, the first ones before the later ones. Reports what is wrong
 * with them and where they contradict each other; gives undefined where there has been an error.
 */
export function joinedSite(
  files: readonly JoinedFile[],
  wish: ImportWish,
  report: Report,
): readonly ImportedSite[] | undefined {
  const gathered = files.flatMap((file) => readFile(file, report) ?? []);
  if (report.failed) return undefined;
  const notes = new Notes();
  for (const { kind, of, text, at } of gathered.flatMap((one) => one.notes)) notes.add(kind, of, text, at);
  const meeting = new Meeting(report);
  const said = gathered.flatMap((one) => one.machines.filter((machine) => !asBmc(machine)));
  for (const machine of said) if (!machine.isLease) meeting.add(machine);
  addLeases(
    meeting,
    said.filter(({ isLease }) => isLease),
    notes,
  );
  const boots = gathered.flatMap((one) => one.boots ?? []);
  const groups = gathered.flatMap((one) => one.groups ?? []);
  if (meeting.machines.length === 0)
    for (const machine of machinesOfBoots(boots, groups, notes)) meeting.add(machine);
  const { machines } = meeting;
  if (machines.length === 0 && !gathered.some(({ isSite }) => isSite)) {
    reportNobody(files, report);
    return undefined;
  }
  attachBmcs(machines, looseBmcs(gathered), notes, report);
  dropSharedBmcs(machines, notes);
  dropSharedNids(machines, notes);
  tidyMachines(machines, notes);
  joinTargets(
    machines,
    gathered.flatMap((one) => one.targets ?? []),
    notes,
  );
  const joinedGroups = groupsOf(machines, groups, notes);
  const profiles = bootProfiles(machines, boots, notes, report);
  noteRoles(machines, boots, notes);
  noteLoaders(machines, notes);
  const cluster = clusterOf(gathered);
  const networks = networksOf(
    machines,
    {
      networks: gathered.flatMap((one) => one.networks ?? []),
      vlans: gathered.flatMap((one) => one.vlans ?? []),
    },
    wish,
    { notes, report },
  );
  const openNetworks = networks.length === 0 ? openNetworksOf(machines) : new Map<string, string>();
  const bootServer = bootServerOf(
    gathered.flatMap(({ server }) => server ?? []),
    machines,
    notes,
    report,
  );
  const names = hostNames(machines, cluster, notes);
  const images = imagesOf(profiles, notes);
  const data = new CloudData(notes);
  const name = wish.site ?? siteNameOf(cluster?.name?.value ?? '') ?? siteNameOf(wish.folder ?? '') ?? 'site';
  const plan = {
    name,
    server: wish.server,
    bootServer,
    isDiskless: hasIscsi(bootServer) || machines.some(({ loader }) => loader),
    openNetworks: [...openNetworks.values()],
    tenants: tenantsOf(machines, networks, openNetworks, notes),
    images,
    networks,
    groups: joinedGroups,
    profiles,
    profileOf: new Map(profiles.flatMap((profile) => profile.machines.map((one) => [one, profile]))),
    cluster,
    machines,
    hasDisks: machines.some(({ disk }) => disk),
    names,
    data,
    notes,
  };
  const content = siteContent(plan);
  noteOpen(plan, notes);
  const all = notes.sorted();
  const title = `Made by harvgen import of ${files.map(({ kind, source }) => `${kind.name}: ${fileOf(source)}`).join(', ')}.`;
  return [
    {
      name,
      text: siteYaml(content, headOf(title, all)),
      secrets: data.secrets,
      secretsAt: data.secretsAt,
      notes: all,
    },
  ];
}

/** What a file says; undefined where it is at fault, which is reported: that it is of another kind before all. */
function readFile({ kind, source }: JoinedFile, report: Report): Gathered | undefined {
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
  return file === '-' ? 'standard input' : quoteVisibly(basename(file)).replace(/^"([\w.-]+)"$/, '$1');
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
      notes.add('left', `the role ${quoteVisibly(role.value)}`, 'a site has groups', role.at);
}

/** What holds for all machines, of several files each value as the first says it. */
function clusterOf(gathered: readonly Gathered[]): GatheredCluster | undefined {
  const all = gathered.flatMap(({ cluster }) => cluster ?? []);
  const [first] = all;
  if (!first) return undefined;
  const said = <K extends keyof GatheredCluster>(key: K) => all.find((one) => one[key] !== undefined)?.[key];
  return {
    at: first.at,
    name: said('name'),
    shortName: said('shortName'),
    nidLength: said('nidLength'),
    metaData: said('metaData'),
  };
}
