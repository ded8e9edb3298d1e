import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallPlant } from '../test/support/big-plant.ts';
import type { Figure, Profile } from './figures.ts';
import type { Measurements } from './measure.ts';
import { summed } from './numbers.ts';
import { HARVGEN, makePlant } from './plant.ts';
import { hottest } from './profile.ts';
import { type Command, peakMemory, timed } from './run.ts';
import { grouped } from './targets.ts';

/** The sizes beyond the other tools: a site with many nodes, and many sites of four nodes. */
export interface LargeSizes {
  readonly nodes: number;
  readonly sites: number;
}

const ROUNDS = 3;
const NODES_OF_SITE = 4;

/** Measures first builds of one large site and of many small ones; returns them with their targets. */
export function measureLarge(
  { nodes, sites }: LargeSizes,
  { plants }: Measurements,
  below: string,
): Figure[] {
  const plant = makePlant(nodes, below);
  const one = firstBuild(plant.folder, 'plant');
  const many = firstBuild(makeSites(sites, join(below, 'sites')), 'sites/*');
  const most = plants.at(-1);
  const before = most?.times.get('build')?.median ?? Number.NaN;
  const times = nodes / (most?.plant.nodes ?? Number.NaN);
  const time = summed(Array.from({ length: ROUNDS }, one.time)).median;
  const profile = one.profile(`${grouped(nodes)} nodes`);
  const ofSites = `${grouped(sites)} sites of ${NODES_OF_SITE} nodes in one call`;
  return [
    { what: `${grouped(nodes)} nodes: build`, measured: time, target: 12_000, unit: 'ms', profile },
    {
      what: `${grouped(nodes)} nodes: peak memory`,
      measured: one.memory(),
      target: 1.2e9 / 2 ** 20,
      unit: 'MiB',
    },
    {
      what: `${grouped(most?.plant.nodes ?? 0)} → ${grouped(nodes)} nodes, ${times} times as many: time of the build`,
      measured: time / before,
      target: times * 1.1,
      unit: 'ratio',
      profile,
    },
    {
      what: `${ofSites}: build`,
      measured: summed(Array.from({ length: ROUNDS }, many.time)).median,
      target: 5000,
      unit: 'ms',
      profile: many.profile(ofSites),
    },
  ];
}

/** Returns the time in milliseconds and the peak memory in MiB of builds without an output tree. */
function firstBuild(folder: string, site: string) {
  const command: Command = { words: [process.execPath, HARVGEN, 'build', site], folder };
  const fresh = <T>(measure: (command: Command) => T): T => {
    rmSync(join(folder, 'out'), { recursive: true, force: true });
    return measure(command);
  };
  return {
    time: () => fresh(timed),
    memory: () => fresh(peakMemory),
    profile: (what: string): Profile => ({
      what: `${what}, \`harvgen build\``,
      hottest: (functions) => fresh((of) => hottest(of, functions)),
    }),
  };
}

/** Writes many sites; returns the directory above `sites`. */
function makeSites(sites: number, folder: string): string {
  for (let n = 1; n <= sites; n += 1) {
    const site = join(folder, 'sites', `site-${n}`);
    mkdirSync(site, { recursive: true });
    writeFileSync(join(site, 'site.yaml'), smallPlant(n, NODES_OF_SITE));
  }
  return folder;
}
