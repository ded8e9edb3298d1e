import { createsAnew } from '../../site/creates-anew.ts';
import { isAtLeast, parseVersion } from '../../values/version.ts';
import { type BootChange, bootChange, isAlwaysInstalled } from './boot-change.ts';
import type { Consequence, NodeAspect, NodeChange } from './change.ts';
import { cloudInitChange } from './cloud-init-change.ts';
import { definitionChange, domainChanges, newDiskChange } from './domain-changes.ts';
import { driveChange } from './drive-change.ts';
import { explainsScript } from './explains-script.ts';
import type { NodeFacts } from './facts.ts';
import { followsInText } from './follows.ts';
import { addressChange, firmwareIdChanges, macChange, nameChange, type Owners } from './identity-changes.ts';
import { iscsiChanges } from './iscsi-changes.ts';
import { configKeyChanges, declaredChanges } from './key-changes.ts';
import { linuxChanges } from './linux-changes.ts';
import { nicChanges } from './nic-changes.ts';
import { stepOf, type WordFact } from './step.ts';
import { turn } from './words.ts';

/** What is to be said of a node: no changes where there is nothing. */
export interface Compared {
  readonly consequence: Consequence;
  readonly changes: readonly NodeChange[];
}

/** Compares what two trees say of one node; it may have another name. The most serious change is the first. */
export function compareNodes(before: NodeFacts, after: NodeFacts, owners: Owners): Compared {
  const boot = bootChange(before, after) ?? newDiskChange(before, after);
  const drive = driveChange(before, after);
  const arch = archChange(before, after);
  const config = configKeyChanges(before, after);
  const linux = linuxChanges(before, after);
  const iscsi = iscsiChanges(before, after);
  const script = isOfConsole(before, after, config)
    ? undefined
    : scriptChange(before, after, [...linux, ...iscsi]);
  const domain = domainChanges(before, after);
  const told: NodeChange[] = [
    ...nameChange(before, after),
    ...(boot?.change.effect === 'boot' ? [boot.change] : []),
    ...(drive?.change.effect === 'boot' ? [drive.change] : []),
    ...macChange(before, after, owners),
    ...firmwareIdChanges(before, after),
    ...addressChange(before, after, owners),
    ...(arch?.effect === 'boot' ? [arch] : []),
    ...linux,
    ...iscsi,
    ...loaderChange(before, after),
    ...domain,
    ...(script ? [script.change] : []),
    ...cloudInitChange(before, after),
    ...factChange(before, after, 'cluster', 'cluster'),
    ...factChange(before, after, 'mode', 'mode'),
    ...roleChange(before, after),
    ...releaseChange(before, after),
    ...(arch?.effect === 'installation' ? [arch] : []),
    ...nicChanges(before, after),
    ...config,
    ...(boot?.change.effect === 'inventory' ? [boot.change] : []),
    ...(drive?.change.effect === 'inventory' ? [drive.change] : []),
    ...factChange(before, after, 'firmware', 'firmware', after.domain ? 'restart' : 'inventory'),
    ...tenantChange(before, after),
    ...declaredChanges(before, after, [...config, ...domain]),
  ];
  const changes = [...told, ...definitionChange(before, after, told)];
  const isAsItWas = before.script === after.script && before.config === after.config && changes.length === 0;
  if (isAlwaysInstalled(after) && !isAsItWas)
    return { consequence: 'reinstalls', changes: reinstalled(changes, after) };
  if (arch?.effect === 'boot') return { consequence: 'reinstalls', changes };
  const isOfBoot = boot && boot.consequence !== 'none';
  const ofChanges = isOfBoot ? boot.consequence : gravest(changes);
  const isToInstall = drive?.consequence === 'installs' || isOnOtherDisk(before, after);
  const consequence = isToInstall && ofChanges !== 'reinstalls' ? 'installs' : ofChanges;
  // What the inventory says of the machine may not be all that its script does.
  const isWorse = script?.consequence === 'unexplained' && consequence !== 'installs';
  return { consequence: isWorse ? 'unexplained' : consequence, changes };
}

/** Of a machine that is installed at every boot, whatever counts at an installation counts at the next boot. */
function reinstalled(changes: readonly NodeChange[], after: NodeFacts): NodeChange[] {
  const sooner = changes.map(
    (change): NodeChange => (change.effect === 'installation' ? { ...change, effect: 'boot' } : change),
  );
  if (sooner.some(({ what }) => what === 'install' || what === 'os')) return sooner;
  const [names, others] = [sooner.filter(isOfName), sooner.filter((change) => !isOfName(change))];
  const text = `will be wiped and installed anew at its next boot${createsAnew(after)} (install: always)${others.length > 0 ? ', with the changes below' : ''}`;
  return [...names, { what: 'install', before: 'always', after: 'always', effect: 'boot', text }, ...others];
}

function isOfName({ what }: NodeChange): boolean {
  return what === 'name';
}

function gravest(changes: readonly NodeChange[]): Consequence {
  const has = (wanted: NodeChange['effect']) => changes.some(({ effect }) => effect === wanted);
  if (has('boot')) return 'boots-otherwise';
  return has('restart') ? 'when-restarted' : has('installation') ? 'when-installed' : 'none';
}

/** Says whether scripts differ in nothing but the console, which is that of the configuration. */
function isOfConsole(before: NodeFacts, after: NodeFacts, config: readonly NodeChange[]): boolean {
  if (!config.some(({ key }) => key === 'install.tty')) return false;
  const [from, to] = [before, after].map(({ script }) => script?.replaceAll(/ console=[^\s]+/g, ''));
  return from === to;
}

/** What a script does otherwise for reasons that are told of the node themselves is not told again. */
function scriptChange(
  before: NodeFacts,
  after: NodeFacts,
  linux: readonly NodeChange[],
): BootChange | undefined {
  const step = stepOf(before, after, 'script');
  if (!step || followsInText(step.from, step.to, before, after)) return grubChange(before, after, linux);
  const change = { what: 'script', effect: 'boot' } as const;
  if (!explainsScript(step.from, step.to, before, after)) {
    const text = 'its script changes in a way that the inventory does not explain: see the patch';
    return { change: { ...change, text }, consequence: 'unexplained' };
  }
  if ((['os', 'install', 'arch'] as const).some((fact) => stepOf(before, after, fact))) return undefined;
  if (linux.length > 0) return undefined;
  // What is said of the disk is in the script, unless it is never tried.
  const ofDrive = driveChange(before, after) && !isAlwaysInstalled(after);
  if (ofDrive || asksForNic(before) !== asksForNic(after)) return undefined;
  // With DHCP that comes or goes, a machine comes to its script in another way.
  if (before.leases === after.leases && !looksOtherwise(step.from, step.to, before, after)) {
    const text = 'its script starts the installer otherwise';
    return { change: { ...change, effect: 'installation', text }, consequence: 'when-installed' };
  }
  return { change: { ...change, text: 'its script changes' }, consequence: 'boots-otherwise' };
}

/** A script of GRUB's that changes while the one of iPXE says the same is of another template. */
function grubChange(
  before: NodeFacts,
  after: NodeFacts,
  linux: readonly NodeChange[],
): BootChange | undefined {
  const step = stepOf(before, after, 'grubScript');
  if (!step || linux.length > 0 || followsInText(step.from, step.to, before, after)) return undefined;
  const text = 'its script for GRUB changes in a way that the inventory does not explain: see the patch';
  return { change: { what: 'script', effect: 'boot', text }, consequence: 'unexplained' };
}

/** Says whether iPXE has to tell the installer by which NIC it booted: nothing is known of it. */
function asksForNic({ bootNic }: NodeFacts): boolean {
  return bootNic !== undefined && bootNic.mac === undefined && bootNic.name === undefined;
}

/** Says whether scripts differ in how they look for a system on the disk: the part that every boot goes through. */
function looksOtherwise(old: string, now: string, before: NodeFacts, after: NodeFacts): boolean {
  const [from, to] = [old, now].map((script) => /^[\s\S]*?\n(?=:no_disk\n)/.exec(script)?.[0]);
  if (from === undefined || to === undefined) return true;
  return from !== to && !followsInText(from, to, before, after);
}

/** The script knows an installed system by a file of its architecture: looking for another one, it finds none. */
function archChange(before: NodeFacts, after: NodeFacts): NodeChange | undefined {
  const [change] = factChange(before, after, 'arch', 'architecture');
  const { script: old, install } = before;
  const now = after.script;
  if (!change || old === undefined || now === undefined) return change;
  if (install !== 'once' || after.install !== 'once' || !looksOtherwise(old, now, before, after))
    return change;
  const text = `${change.text}: will be wiped and installed anew at its next boot, since its script does not find a system of ${change.before} any more`;
  return { ...change, effect: 'boot', text };
}

/** Whether a node looks for its Harvester where there may be none yet. */
function isOnOtherDisk(before: NodeFacts, after: NodeFacts): boolean {
  if (before.os !== 'harvester' || after.os !== 'harvester' || after.install === 'never') return false;
  const [from, to] = [before.iscsi, after.iscsi].map(
    (disk) => disk && [disk.disk ?? [disk.address, disk.target], disk.lun],
  );
  return JSON.stringify(from) !== JSON.stringify(to);
}

/** What firmware loads leads to the same script. */
function loaderChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [from, to] = [before.loader ?? 'ipxe', after.loader ?? 'ipxe'];
  // Of Linux it is among what that is booted by.
  if (from === to || before.linux || after.linux) return [];
  return [{ what: 'loader', before: from, after: to, effect: 'boot', text: `boot loader: ${from} → ${to}` }];
}

/** Whom a machine belongs to: it boots the same. */
function tenantChange({ tenant: from }: NodeFacts, { tenant: to }: NodeFacts): NodeChange[] {
  if (from === to) return [];
  const text = `tenant ${turn(from, to)}: nginx has others fetch its files`;
  return [{ what: 'tenant', before: from, after: to, effect: 'inventory', text }];
}

/** A fact of which there is no more to say than what it was and is. */
function factChange(
  before: NodeFacts,
  after: NodeFacts,
  what: NodeAspect & WordFact,
  words: string,
  effect: NodeChange['effect'] = 'installation',
): NodeChange[] {
  const step = stepOf(before, after, what);
  if (!step) return [];
  return [{ what, before: step.from, after: step.to, effect, text: `${words} ${turn(step.from, step.to)}` }];
}

/** Harvester goes back to no older release, and neither does a cluster for the sake of a node that joins it. */
function releaseChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  return factChange(before, after, 'release', 'Harvester').map((change) => {
    const [from, to] = [before.release, after.release].map((text) => parseVersion(text ?? ''));
    if (!from || !to || isAtLeast(to, from.text)) return change;
    return {
      ...change,
      text: `${change.text}, which is older: it cannot join a cluster that has the newer one`,
    };
  });
}

/** A node without a role is an ordinary one; whether it has one is known where its mode is. */
function roleChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (before.role === after.role || before.mode === undefined || after.mode === undefined) return [];
  const text = `role ${turn(before.role, after.role)}`;
  return [{ what: 'role', before: before.role, after: after.role, effect: 'installation', text }];
}
