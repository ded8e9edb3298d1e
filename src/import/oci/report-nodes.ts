import type { Report } from '../../source/diagnostics/report.ts';
import type { Notes } from '../notes.ts';
import { few, warnOfFew } from './few.ts';
import type { OciMachine } from './machines.ts';

/**
 * Notes and reports what the rows of nodes say more than once, or that is not carried. Takes the machines that become nodes:
 * of others, it is said that they are none, and no more.
 */
export function reportNodes(machines: readonly OciMachine[], notes: Notes, report: Report): void {
  noteTwins(
    machines.filter((machine) => machine.at.length > 1 && !doDiffer(machine)),
    notes,
  );
  warnOfDiffering(machines.filter(doDiffer), report);
  warnOfReinstalled(
    machines.filter((machine) => machine.reinstalled.length > 0 && !doDiffer(machine)),
    report,
  );
}

/** Says whether one row of a machine has the installer, and another the disk. */
export function doDiffer({ at, reinstalled }: OciMachine): boolean {
  return reinstalled.length > 0 && reinstalled.length < at.length;
}

function addressesOf(machines: readonly OciMachine[]): string {
  return few(machines.map(({ ip }) => ip));
}

function noteTwins(machines: readonly OciMachine[], notes: Notes): void {
  const place = machines[0]?.at[1];
  if (place)
    notes.add(
      'changed',
      addressesOf(machines),
      'the table has several rows of it, as two first requests at once made: it is one node',
      place,
    );
}

function warnOfDiffering(machines: readonly OciMachine[], report: Report): void {
  warnOfFew(
    report,
    'oci-duplicate',
    machines.flatMap(({ at: [, ...others] }) => others),
    `Rows of ${addressesOf(machines)} differ in install: boot.php answered with both scripts, one behind the ` +
      'other, and the first one counted. In the site it installs once: a disk with Harvester on it is booted.',
    'nothing is to be done, unless the machine is to be wiped: harvgen set SITE NODE install=always',
  );
}

function warnOfReinstalled(machines: readonly OciMachine[], report: Report): void {
  const cells = machines.flatMap(({ reinstalled }) => reinstalled);
  const [it, they] =
    machines.length > 1 ? ['these machines', 'they install'] : ['this machine', 'it installs'];
  warnOfFew(
    report,
    'oci-reinstall',
    cells.map(({ at }) => at),
    `install is ${cells.every(({ value }) => value === '1') ? '1' : 'not 0'} of ${addressesOf(machines)}: boot.php wiped ${it} at ` +
      `every boot until somebody set it back, and nobody knows whether that was forgotten. In the site ${they} once: ` +
      'a disk with Harvester on it is booted.',
    'where a machine is to be wiped, say so in the site: harvgen set SITE NODE install=always, and null once it is installed',
  );
}
