import { arch, cpus, release, type } from 'node:os';
import { COMMANDS, type Name } from './contenders.ts';
import { type Figure, figureRows, isReached, type Profile } from './figures.ts';
import type { Measurement, Measurements } from './measure.ts';
import { asRatio, asSize, asTime, type Measured } from './numbers.ts';
import { type Command, run } from './run.ts';
import { table } from './table.ts';
import { grouped } from './targets.ts';

/** The times of Ansible and harvgen for Ansible's own site. */
export interface AnsibleTimes {
  readonly nodes: number;
  readonly ansible: Measured;
  readonly harvgen: Measured;
}

/** Number of functions to list for a missed target. */
const HOTTEST = 10;

/** Describes the machine and the versions, one per line. */
export function machineText(folder: string): string {
  const version = (...words: Command['words']) => /\d+\.[\d.]+/.exec(run({ words, folder }))?.[0];
  const [{ model = 'a processor' } = {}] = cpus();
  return [
    `- ${cpus().length} × ${model.trim()}, ${type()} ${release()} (${arch()}), on a tmpfs`,
    `- Node ${process.version}`,
    `- Hugo ${version('hugo', 'version')}`,
    `- ansible-core ${version('ansible-playbook', '--version')}`,
    '',
  ].join('\n');
}

/** Renders the values with their targets, and for missed targets the functions with the most time. */
export async function figuresText(figures: readonly Figure[]): Promise<string> {
  const profiles = new Map<string, string>();
  for (const figure of figures) {
    const { profile } = figure;
    if (isReached(figure) || !profile || profiles.has(profile.what)) continue;
    profiles.set(profile.what, await profileText(profile));
  }
  return table(['', 'measured', 'target', ''], figureRows(figures)) + [...profiles.values()].join('');
}

async function profileText({ what, hottest }: Profile): Promise<string> {
  const rows = (await hottest(HOTTEST)).map(({ name, ms }) => [name, asTime(ms)]);
  return `\n${what}: CPU profile:\n\n${table(['', 'own time'], rows)}`;
}

/** Renders the measurements of every contender for each site. */
export function timesText({ node, plants }: Measurements, ansible: AnsibleTimes | undefined): string {
  return [
    `\`node -e 0\`, which only starts Node: ${asTime(node.median)} (${span(node, asTime)}).\n`,
    ...plants.map(plantText),
    ...(ansible ? [ansibleText(ansible)] : []),
  ].join('\n');
}

function plantText({ plant, times, memory, files: written }: Measurement): string {
  const build = times.get('build')?.median ?? Number.NaN;
  const rows = (Object.keys(COMMANDS) as Name[]).map((name) => {
    const time = times.get(name) as Measured;
    const size = memory.get(name) as Measured;
    const files = written[name];
    return [
      COMMANDS[name],
      asTime(time.median),
      span(time, asTime),
      asRatio(build / time.median),
      asSize(size.median),
      files === undefined ? '' : grouped(files),
    ];
  });
  const head = ['', 'median', 'minimum to maximum', 'build ÷ it', 'peak memory', 'files written'];
  return `${grouped(plant.nodes)} nodes:\n\n${table(head, rows)}`;
}

function ansibleText({ nodes, ansible, harvgen }: AnsibleTimes): string {
  const rows = [
    ['harvgen build', asTime(harvgen.median), span(harvgen, asTime)],
    ['ansible-playbook', asTime(ansible.median), span(ansible, asTime)],
  ];
  const rate = ((nodes * 2) / ansible.median) * 1000;
  return `${nodes} nodes, for Ansible, which writes ${rate.toFixed(1)} files per second:\n\n${table(['', 'median', 'minimum to maximum'], rows)}`;
}

function span({ least, most }: Measured, write: (value: number) => string): string {
  return `${write(least)} to ${write(most)}`;
}
