import { basename } from 'node:path';
import type { Report } from '../../../source/diagnostics/report.ts';
import type { Place, Source } from '../../../source/origin.ts';
import { ipv4Number } from '../../../values/ipv4.ts';
import { quoteVisibly } from '../../names.ts';
import { Notes } from '../../notes.ts';
import { concealLikely } from '../../secrets.ts';
import { type FileFor, scriptCalled, scriptFor } from '../file-machine.ts';
import type { Gathered, GatheredBoot, GatheredDisk, GatheredMachine, Said } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { readScript } from './read-script.ts';
import { ScriptRun } from './script-run.ts';

/** A script of iPXE that boots a machine: BMI's `<node>.ipxe`, and others like it. */
export const ipxe: JoinedKind = {
  name: 'ipxe',
  what: "a script of iPXE, called by its node or MAC address: BMI's node01.ipxe, which boots a disk by iSCSI, or one that boots Linux",
  isLike: ({ text }) => /^\ufeff?\s*#!(?:ipxe|gpxe)\b/.test(text),
  read(source, report) {
    concealLikely(source);
    concealPasswords(source);
    if (source.text.trim() !== '' && !ipxe.isLike(source)) {
      // What is secret in it only its own kind would know.
      source.conceal({ start: 0, end: source.text.length });
      report.error({
        code: 'import-kind',
        message: 'This is no script of iPXE, which begins with #!ipxe.',
        at: { source, start: 0, end: 0 },
        help: 'give a script, such as the node01.ipxe that BMI wrote',
      });
      return undefined;
    }
    const notes = new Notes();
    const run = new ScriptRun(source, readScript(source), notes);
    const whole = { source, start: 0, end: 0 };
    return gatheredOf(run, scriptFor(source), { at: whole, notes, report });
  },
};

/** Passwords of CHAP, whatever they are of. */
const PASSWORD = /password(?::\w{1,9})?[ \t]{1,9}([^\n]*)/gi;

/** Keeps passwords from being shown, whether the script can be read or not. */
function concealPasswords(source: Source): void {
  for (const { index, 0: whole, 1: value = '' } of source.text.matchAll(PASSWORD)) {
    const end = index + whole.length;
    source.conceal({ start: end - value.length, end });
  }
}

interface Context {
  readonly at: Place;
  readonly notes: Notes;
  readonly report: Report;
}

/** What a script says of the machine that it is for. */
function gatheredOf(
  run: ScriptRun,
  whose: FileFor | undefined,
  { at, notes, report }: Context,
): Gathered | undefined {
  const { boot, node } = run;
  const machineFor = (): GatheredMachine | undefined => {
    const machine = whose && machineOf(whose, at);
    return machine && !machine.name && node !== undefined
      ? { ...machine, name: { value: node, at } }
      : machine;
  };
  const sorted = (found: Omit<Gathered, 'notes'>): Gathered => ({ ...found, notes: notes.sorted() });
  if (!boot) {
    const led = whose && 'name' in whose ? run.chained.flatMap(macOfUrl) : [];
    if (led.length === 0 && run.chained.length === 0)
      notes.add('left', fileOf(at.source), 'a script that boots nothing by itself', at);
    const machine = machineFor();
    // Such as harvgen's own first script over TFTP: which MAC address is the node's.
    return sorted({
      machines:
        machine && led.length > 0 ? [{ ...machine, nics: led.map((mac) => ({ mac, boots: true })) }] : [],
    });
  }
  if ('linux' in boot) {
    const hosts = namesOf(whose, at);
    if (!hosts) return nobody(at, report);
    const machine = machineFor();
    return sorted({ machines: machine ? [machine] : [], boots: [{ ...boot.linux, ...hosts }] });
  }
  const machine = machineFor();
  if (!machine) {
    if (!whose || boot.disk.san) return nobody(at, report);
    return sorted({ machines: [] });
  }
  noteServer(boot.disk, notes);
  return sorted({ machines: [{ ...machine, disk: boot.disk }] });
}

function fileOf({ file }: Source): string {
  return file === '-' ? 'standard input' : quoteVisibly(basename(file));
}

/** A disk is one machine's, and a script on standard input has no name. */
function nobody(at: Place, report: Report): undefined {
  report.error({
    code: 'import-value',
    message: `Nothing says which machine the script is for: ${at.source.file === '-' ? 'standard input has no name' : `no node, and no MAC address, is called ${fileOf(at.source)}`}.`,
    at,
    help: 'call the file by its node, as BMI does (node01.ipxe), or by its MAC address (52-54-00-aa-01-01.ipxe)',
  });
  return undefined;
}

function machineOf(whose: FileFor, at: Place): GatheredMachine | undefined {
  if ('name' in whose) return { at, name: { value: whose.name, at } };
  if ('mac' in whose) return { at, nics: [{ mac: { value: whose.mac, at }, boots: true }] };
  return undefined;
}

/** Whom an entry of what is booted is for. */
function namesOf(whose: FileFor | undefined, at: Place): Pick<GatheredBoot, 'hosts' | 'macs'> | undefined {
  if (!whose || 'all' in whose) return { hosts: [{ value: 'Default', at }] };
  if ('name' in whose) return { hosts: [{ value: whose.name, at }] };
  return 'mac' in whose ? { macs: [{ value: whose.mac, at }] } : undefined;
}

function macOfUrl({ value, at }: Said<string>): Said<string>[] {
  const whose = scriptCalled((value.split(/[?#]/, 1)[0] ?? '').replace(/^.*\//, '').replace(/\.ipxe$/i, ''));
  return whose && 'mac' in whose ? [{ value: whose.mac, at }] : [];
}

/** A target's server is an address in a site: any other stays open there. */
function noteServer({ san }: GatheredDisk, notes: Notes): void {
  const server = san?.server;
  if (!server || ipv4Number(server.value) !== undefined) return;
  notes.add(
    'open',
    quoteVisibly(server.value),
    'the iSCSI server by no IPv4 address, and harvgen asks no DNS: say the address',
    server.at,
  );
}
