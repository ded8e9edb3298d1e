import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { type FirmwareOption, obstacleOf, type Rehearsal, rehearsalsOf } from '../rehearse/kinds.ts';
import { requirePrograms } from '../rehearse/programs.ts';
import { hasKvm } from '../rehearse/qemu.ts';
import { type Outcome, runBoot } from '../rehearse/run-boot.ts';
import { openServers } from '../rehearse/servers.ts';
import type { Site } from '../site/model.ts';
import { nginxInclude } from '../targets/nginx/nginx.ts';
import { filledFiles } from '../tree/manifest.ts';
import { escapeLines } from '../values/text.ts';
import { UserError } from '../values/user-error.ts';
import { printDiagnostics } from './console.ts';
import { formatOf, unknownNode } from './read-arguments.ts';
import { compileWithProgress, findSite, outFolder } from './sites.ts';

/** Options of `harvgen rehearse`. */
export interface RehearseOptions {
  readonly out?: string;
  readonly firmware?: string;
  readonly all?: boolean;
  readonly keep?: string;
}

/**
 * `harvgen rehearse`: boots the machines of a site in a private network, from its output tree, and prints what each got. Returns
 * the exit code: 1 if a machine did not boot as in the inventory, or if a named one, or all, cannot be rehearsed. Throws UserError if a
 * program is missing or a server does not start.
 */
export async function rehearse(
  arg: string,
  names: readonly string[],
  options: RehearseOptions,
): Promise<number> {
  const firmware =
    options.firmware === undefined
      ? undefined
      : formatOf<FirmwareOption>({ bios: 'bios', uefi: 'uefi', http: 'http' }, options.firmware);
  const folder = await findSite(arg, 'rehearse');
  const { compilations, diagnostics, failed } = await compileWithProgress([folder]);
  const site = compilations[0]?.site;
  // Warnings belong to `check`.
  if (failed) printDiagnostics(diagnostics);
  if (failed || !site) return 1;
  const tree = treeOf(site, folder, options.out);
  const all = site.nodes.map(({ name }) => name);
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw unknownNode(unknown, all, site.name);
  const chosen = names.length > 0 ? site.nodes.filter(({ name }) => names.includes(name)) : site.nodes;
  const skipped = new Map(
    chosen.flatMap((node) => [[node, obstacleOf(site, node)] as const]).filter(([, why]) => why),
  );
  const able = chosen.filter((node) => !skipped.has(node));
  const rehearsals = rehearsalsOf(site, able, options.all === true || names.length > 0, firmware);
  if (options.keep !== undefined) await mkdir(options.keep, { recursive: true });
  if (rehearsals.length > 0) requirePrograms(site, rehearsals);
  process.stdout.write(`${heading(site, rehearsals)}\n`);
  for (const [{ name }, why] of skipped) process.stdout.write(`\n${name}: not rehearsed: ${why}\n`);
  const isBonded = ({ node: { bond, config } }: Rehearsal) =>
    bond.length > 1 && config.install?.management_interface?.bond_options?.mode === '802.3ad';
  if (rehearsals.some(isBonded))
    process.stdout.write(
      '\nNot rehearsed: LACP. The management network is tried with the first NIC of its bond.\n',
    );
  if (rehearsals.length === 0) return 1;
  const outcomes = await bootAll(site, tree, rehearsals, options.keep);
  const failures = outcomes.filter((outcome) => !isRight(outcome)).length;
  process.stdout.write(`\n${outcomes.length - failures} of ${outcomes.length} boots as in the inventory\n`);
  if (failures > 0 && options.keep === undefined)
    process.stdout.write('Add --keep DIR for the consoles, the screens and the logs of the servers.\n');
  // A machine that the user has not named may be one that a rehearsal cannot boot.
  return failures > 0 || (names.length > 0 && skipped.size > 0) ? 1 : 0;
}

/** Returns the directory of a site's output tree. Throws UserError without one to boot from. */
function treeOf({ name }: Site, folder: string, out: string | undefined): string {
  const tree = resolve(outFolder(out, [folder]), name);
  const build = `harvgen build ${out === undefined ? '' : `--out ${out} `}${folder}`;
  if (!existsSync(join(tree, 'manifest.json')))
    throw new UserError(`${tree} is not an output tree: run \`${build}\` first`);
  if (!existsSync(join(tree, 'nginx', `${name}.conf`)))
    throw new UserError(
      `${tree} has no configuration of nginx: pods serve it, which a rehearsal does not run`,
    );
  if (filledFiles(tree).size > 0)
    throw new UserError(
      `${tree} contains the values of secrets, and a rehearsal makes them up: rehearse a tree without them`,
    );
  return tree;
}

function heading({ name, nodes }: Site, rehearsals: readonly Rehearsal[]): string {
  const count = new Set(rehearsals.map(({ node }) => node)).size;
  return `${name}: ${rehearsals.length} ${rehearsals.length === 1 ? 'boot' : 'boots'} of ${count} of ${nodes.length} nodes, ${hasKvm ? 'with KVM' : 'without KVM'}`;
}

/**
 * Runs boots, as many at once as there are processors, and prints each when it ends. Those of a node follow each other: two machines with
 * one MAC address would take each other's packets.
 */
async function bootAll(
  site: Site,
  tree: string,
  rehearsals: readonly Rehearsal[],
  kept: string | undefined,
): Promise<Outcome[]> {
  const servers = await openServers(site, tree, nginxInclude);
  const outcomes: Outcome[] = [];
  const waiting = [...new Set(rehearsals.map(({ node }) => node))].map((node) =>
    rehearsals.filter((rehearsal) => rehearsal.node === node),
  );
  const work = async () => {
    for (let boots = waiting.shift(); boots; boots = waiting.shift())
      for (const rehearsal of boots) {
        const outcome = await runBoot(
          site,
          servers,
          rehearsal,
          kept && join(kept, `${fileName(rehearsal)}.png`),
        );
        process.stdout.write(escapeLines(textOf(outcome)));
        if (kept !== undefined) await writeFile(join(kept, `${fileName(rehearsal)}.txt`), outcome.console);
        outcomes.push(outcome);
      }
  };
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, work));
    if (kept !== undefined)
      for (const [name, text] of Object.entries(await servers.logs()))
        await writeFile(join(kept, `${name}.log`), text);
  } finally {
    await servers.plant.close();
  }
  return outcomes;
}

const fileName = ({ node, firmware, disk }: Rehearsal): string => `${node.name}-${firmware}-${disk}`;

const isRight = ({ failure, differences }: Outcome): boolean => !failure && differences.length === 0;

/** The firmware of machines in words. */
const NAMES: Readonly<Record<Rehearsal['firmware'], string>> = {
  'bios-pxe': 'BIOS PXE',
  'bios-ipxe': 'iPXE in the ROM',
  uefi: 'UEFI PXE',
  'uefi-http': 'UEFI HTTP boot',
  'bios-embedded': 'iPXE image',
};

/** How many lines of a console are printed with a failure. */
const LAST_LINES = 12;

/** Returns the lines of a boot. */
function textOf(outcome: Outcome): string {
  const { rehearsal, steps, failure, differences, console } = outcome;
  const { node, firmware, disk } = rehearsal;
  const result = failure
    ? `FAILED at ${failure.station}`
    : differences.length > 0
      ? 'DIFFERS'
      : 'as in the inventory';
  const width = Math.max(...steps.map(({ station }) => station.length), 0);
  const last = console
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-LAST_LINES);
  return [
    `\n${node.name}, ${NAMES[firmware]}, ${disk} disk: ${result}`,
    ...steps.map(
      ({ seconds, station, what }) =>
        `${seconds.toFixed(1).padStart(7)} s  ${station.padEnd(width)}  ${what}`,
    ),
    ...(failure
      ? [`  ${failure.station}: ${failure.why}`, ...last.map((line) => `  | ${line.trimEnd()}`)]
      : []),
    ...differences.map((line) => `  ${line}`),
    '',
  ].join('\n');
}
