import type { Compilation } from '../compile.ts';
import { discoveryOf, formatJson, formatText, noteOf } from '../inspect/discover/format.ts';
import { comparableTime, lineReader, type Sighting } from '../inspect/discover/lines.ts';
import { type Machine, Machines, MOST_MACHINES } from '../inspect/discover/machines.ts';
import { newNodes, newProfiles } from '../inspect/discover/new-nodes.ts';
import type { Site } from '../site/model.ts';
import { escapeControlChars } from '../values/text.ts';
import { UserError } from '../values/user-error.ts';
import { printDiagnostics, printMessage } from './console.ts';
import { editing } from './edit-errors.ts';
import { formatOf, UsageError } from './read-arguments.ts';
import { inputName, linesOfLog } from './read-input.ts';
import { saveValues } from './save-values.ts';
import { compileWithProgress, findSite, findSites } from './sites.ts';

interface DiscoverOptions {
  readonly site?: string;
  readonly into?: string;
  readonly profile?: readonly string[];
  readonly format: string;
}

const FORMATS = { text: formatText, json: formatJson };

/**
 * `harvgen discover`: reads logs, and reports how far each node is, and the unknown machines as lines of an inventory; with `into`, adds
 * these to a site. Returns the exit code: 1 if a site has errors or nothing could be saved. Throws UsageError, and UserError for a
 * file that is not a log.
 */
export async function discover(files: readonly string[], options: DiscoverOptions): Promise<number> {
  const format = formatOf(FORMATS, options.format);
  if (options.into !== undefined && options.format !== 'text')
    throw new UsageError('--into edits the inventory: --format applies only to the list');
  if (files.filter((file) => file === '-').length > 1) throw new UsageError('standard input is named twice');
  const into = options.into === undefined ? undefined : await findSite(options.into, 'discover --into');
  const folders = [
    ...(into === undefined ? [] : [into]),
    ...(options.site === undefined ? [] : await findSites([options.site])),
  ];
  const compilations = folders.length > 0 ? await compilationsOf([...new Set(folders)]) : [];
  if (!compilations) return 1;
  const sites = compilations.flatMap(({ site }) => site ?? []);
  const machines = await machinesOf(files, sites);
  const found = discoveryOf(machines, sites);
  // Beside requests, a mere client of DHCP may be a phone.
  const hasRequests = machines.some(({ boots }) => boots);
  const unknown = found.unknown.map((machine) => ({
    machine,
    isNew: machine.macs.length > 0 && (machine.boots || !hasRequests),
    note: noteOf(machine, found.known),
  }));
  const added = unknown.flatMap(({ machine, isNew }) => (isNew ? [machine] : []));
  const chosen = into === undefined ? compilations : compilations.slice(0, 1);
  const profiles = newProfiles(chosen, options.profile ?? []);
  const nodes = newNodes(
    added,
    chosen.flatMap(({ site }) => site ?? []),
    profiles,
  );
  if (into !== undefined) {
    const values = nodes.map(({ name, keys }) => {
      return {
        path: ['nodes', name],
        value: keys,
        text: `${name}: ${Object.values(keys).flat().join(', ')}`,
      };
    });
    return await editing(into, () => saveValues(into, () => values, 'the logs have no unknown machine'));
  }
  const shown = unknown.map(({ machine, note }) => {
    const newNode = nodes[added.indexOf(machine)];
    return { machine, ...(newNode ? { newNode } : {}), ...(note === undefined ? {} : { note }) };
  });
  process.stdout.write(format({ known: found.known, unknown: shown }));
  return 0;
}

async function compilationsOf(folders: readonly string[]): Promise<readonly Compilation[] | undefined> {
  const { compilations, diagnostics, failed } = await compileWithProgress(folders);
  printDiagnostics(diagnostics, failed ? ': nothing was read' : '');
  return failed ? undefined : compilations;
}

const KINDS: readonly Sighting['source'][] = ['lease', 'dhcp', 'tftp', 'http'];

/** Returns the machines of files: first the leases and logs of DHCP, which have the MACs of addresses, and older logs first. */
async function machinesOf(files: readonly string[], sites: readonly Site[]): Promise<readonly Machine[]> {
  const heads = await Promise.all(
    files.map(async (file) => {
      const first = file === '-' ? undefined : await firstOf(file);
      const time = first?.time === undefined ? 0 : comparableTime(first.time) || 0;
      return { file, kind: first ? KINDS.indexOf(first.source) : KINDS.length, time };
    }),
  );
  heads.sort((a, b) => a.kind - b.kind || a.time - b.time);
  const machines = new Machines(sites);
  for (const { file } of heads) await readLog(file, machines);
  if (machines.omitted > 0)
    printMessage(`more than ${MOST_MACHINES} machines: omitted lines of others: ${machines.omitted}`);
  if (machines.others > 0)
    printMessage(`omitted requests of browsers and other programs: ${machines.others}`);
  return machines.all;
}

async function firstOf(file: string): Promise<Sighting | undefined> {
  const read = lineReader();
  for await (const line of linesOfLog(file)) {
    const sighting = read(line);
    if (typeof sighting === 'object') return sighting;
  }
  return undefined;
}

async function readLog(file: string, machines: Machines): Promise<void> {
  const read = lineReader();
  const what = inputName(file);
  let [number, known, unread, first] = [0, 0, 0, 0];
  for await (const line of linesOfLog(file)) {
    number += 1;
    const sighting = read(line);
    if (typeof sighting === 'object') machines.add(sighting);
    if (sighting) known += 1;
    if (sighting === false) {
      first ||= number;
      unread += 1;
    }
  }
  if (known === 0 && unread > 0)
    throw new UserError(
      `${what} has no line of an access log of nginx, of a log of dnsmasq, or of leases of dnsmasq, dhcpd or Kea: check that it is a log`,
    );
  if (unread > 0)
    printMessage(
      `${escapeControlChars(what)}: omitted lines of another format: ${unread}, the first is line ${first}`,
    );
}
