import type { Report } from '../../source/diagnostics/report.ts';
import { quoteVisibly } from '../names.ts';
import type { Notes } from '../notes.ts';
import type { GatheredDisk, GatheredSan, GatheredTarget } from './gathered.ts';
import { calledAs, type Machine, reportConflict } from './machine.ts';

/** Gives the disk that counts of two, and reports where they differ; of one target both may say a part. */
export function firstDisk(
  first: GatheredDisk | undefined,
  other: GatheredDisk | undefined,
  whose: string,
  report: Report,
): GatheredDisk | undefined {
  if (!first || !other) return first ?? other;
  const said = ({ at, san }: GatheredDisk) => ({ value: san ? nameOf(san) : 'its own', at });
  if (said(first).value !== said(other).value)
    reportConflict('disk', whose, said(first), said(other), report);
  return first;
}

function nameOf({ target, server, lun }: GatheredSan): string {
  const number = lun && lun.value !== 1 ? `LUN ${lun.value} of ` : '';
  return `${number}${target.value}${server ? ` at ${server.value}` : ''}`;
}

/**
 * Gives machines what their targets say: how they log in where their scripts do not say it, and the target itself to a machine
 * that alone may come to it. Notes targets of no machine, and disks of several.
 */
export function joinTargets(
  machines: readonly Machine[],
  targets: readonly GatheredTarget[],
  notes: Notes,
): void {
  const byTarget = new Map<string, Machine[]>();
  const byIp = new Map<string, Machine>();
  for (const machine of machines) {
    for (const { ips } of machine.nics) for (const { value } of ips) byIp.set(value, machine);
    const target = machine.disk?.san?.target.value;
    if (target === undefined) continue;
    const those = byTarget.get(target);
    if (those) those.push(machine);
    else byTarget.set(target, [machine]);
  }
  for (const target of targets) {
    const named = byTarget.get(target.name.value) ?? [];
    for (const machine of named) addLogin(machine, target, notes);
    if (named.length > 0) continue;
    const [address, second] = target.addresses;
    const only = address && !second ? byIp.get(address.value) : undefined;
    if (only && address && !only.disk) {
      only.disk = { at: target.at, san: { target: target.name, lun: target.lun } };
      addLogin(only, target, notes);
      notes.add(
        'changed',
        calledAs(only),
        `no script says what it boots: it boots ${quoteVisibly(target.name.value)}, since it alone may come to it`,
        address.at,
      );
    } else
      notes.add(
        'left',
        quoteVisibly(target.name.value),
        'no script of a node boots it: its disk stays where it is. Join the script by --join ipxe:FILE, or import the disk as an image',
        target.at,
      );
  }
  for (const those of byTarget.values()) noteShared(those, notes);
}

/** The machines that have one disk: the first of them may be the right one. */
function noteShared(machines: readonly Machine[], notes: Notes): void {
  const byDisk = new Map<string, Machine>();
  for (const machine of machines) {
    const san = machine.disk?.san;
    if (!san) continue;
    const key = `${san.server?.value} ${san.lun?.value ?? 1}`;
    const other = byDisk.get(key);
    byDisk.set(key, other ?? machine);
    if (other)
      notes.add(
        'open',
        calledAs(machine),
        `it boots the disk of ${calledAs(other)}, ${quoteVisibly(san.target.value)}: two systems that write to one disk destroy it. Give it one of its own`,
        san.target.at,
      );
  }
}

function addLogin(machine: Machine, { login, targetLogin, at, store }: GatheredTarget, notes: Notes): void {
  const { disk } = machine;
  const san = disk?.san;
  if (!disk || !san) return;
  if (store)
    notes.add(
      'changed',
      calledAs(machine),
      `behind its target is ${quoteVisibly(store.value)}: that is what to import, if it is to become an image`,
      store.at,
    );
  if (!login || san.login) return;
  notes.add(
    'changed',
    calledAs(machine),
    'its script does not say how it logs in: it does so as its target asks',
    at,
  );
  machine.disk = { ...disk, san: { ...san, login, targetLogin: san.targetLogin ?? targetLogin } };
}
