import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { compile } from '../src/compile.ts';
import { driftOf } from '../src/inspect/drift/drift.ts';
import { readDump } from '../src/inspect/drift/dump.ts';
import { formatText } from '../src/inspect/drift/format.ts';
import { DUMPED } from '../src/knowledge/cluster-dump.ts';
import type { Cluster, Site } from '../src/site/model.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatLocation } from '../src/source/diagnostics/text.ts';
import { type Path, pathText } from '../src/source/leaf.ts';
import { locationKey, Source } from '../src/source/source.ts';
import { type ClusterObject, clusterObjects } from '../src/targets/cluster/objects.ts';
import { dumpOf, type Running, runningObjects } from './support/cluster-dump.ts';
import { runs, SEED } from './support/effort.ts';
import { spread, written } from './support/random-files.ts';
import { sitePlan } from './support/random-plan.ts';
import { buildSite } from './support/random-site.ts';
import { scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('drift of every value');

const SAMPLES = [
  'harvester_cloud',
  'harvester_cloud_single',
  'location_x',
  'location_y',
  'location_z',
  'oci',
];

function compared(site: Site, cluster: Cluster, objects: readonly Running[]) {
  const dump = readDump(new Source('/dump', dumpOf(objects)), new Report());
  assert.ok(dump);
  return driftOf(site, cluster, dump);
}

/** Whether a dump shows the values of an object. */
function isShown({ kind, hasClearText }: ClusterObject): boolean {
  return Object.values(DUMPED).includes(kind) && !hasClearText;
}

/** The texts that contain a map. */
const isMapText = (path: Path) => /^(?:value|contents|valuesContent)$/.test(String(path.at(-1)));

function decoded(path: Path, value: unknown): unknown {
  if (typeof value !== 'string' || !isMapText(path)) return value;
  if (path.at(-1) === 'value') return value.startsWith('{') ? JSON.parse(value) : value;
  const map: unknown = parse(value);
  return typeof map === 'object' && map !== null ? map : value;
}

/** Returns the path of each text, number and boolean in an object, also in its texts that contain a map. */
function leavesIn(given: unknown, path: Path = []): Path[] {
  const value = decoded(path, given);
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesIn(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** Returns a value with another text, number or boolean at a path. */
function changedAt(given: unknown, path: Path, depth = 0): unknown {
  const value = decoded(path.slice(0, depth), given);
  if (depth === path.length) {
    if (typeof value === 'boolean') return !value;
    return typeof value === 'number' ? value + 1 : `${value ?? ''}x`;
  }
  const step = path[depth] as string;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Running;
  copy[step] = changedAt(copy[step], path, depth + 1);
  if (typeof given !== 'string') return copy;
  return path[depth - 1] === 'value' ? JSON.stringify(copy) : stringify(copy);
}

/** The parts of an object that a dump does not show as they are: names, secrets, and what the cluster removes or computes. */
const NOT_SHOWN =
  /^(?:apiVersion|kind|metadata\.(?:name|namespace))$|@@secret|(?:accessKeyId|secretAccessKey|privateKey)$|\.auth\b|\.requests\./i;

function valueAt(given: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step, index) => decoded(path.slice(0, index + 1), (value as Running)?.[step]),
    given,
  );
}

/** Changes some values of a cluster, one after the other. Returns how many. */
function assertFound(site: Site, cluster: Cluster, folder: string): number {
  const declared = clusterObjects(site).filter((one) => one.cluster === cluster && isShown(one));
  const objects = runningObjects(site, cluster);
  const none = compared(site, cluster, objects);
  assert.equal(none.differences, [], formatText(none, folder));
  const all = declared.flatMap((object) =>
    leavesIn(object.body)
      .filter(
        (path) =>
          !NOT_SHOWN.test(`${pathText(path)}`) && !/@@secret/.test(String(valueAt(object.body, path))),
      )
      .map((path) => [object, path] as const),
  );
  const step = Math.max(1, Math.floor(all.length / 20));
  const chosen = all.filter((_, index) => index % step === 0);
  for (const [object, path] of chosen) {
    const { kind, name, namespace, body } = object;
    const index = objects.findIndex(
      (one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace,
    );
    const [first = ''] = path;
    const running = structuredClone(objects[index]) as Running;
    const changed = (changedAt(body, path) as Running)[first];
    running[first] = typeof changed === 'object' ? { ...running[first], ...changed } : changed;
    const drift = compared(site, cluster, objects.with(index, running));
    const what = `${kind} ${name} ${pathText(path)}: ${formatText(drift, folder)}`;
    assert.is(drift.differences.length, 1, what);
    const [one] = drift.differences;
    assert.equal(one?.object.name, name, what);
    const own = object.at(one?.path ?? []);
    const at = locationKey(own) === locationKey(object.at([])) ? object.origin : own;
    assert.is(one?.at && formatLocation(one.at, folder), formatLocation(at, folder), what);
  }
  return chosen.length;
}

for (const sample of SAMPLES)
  test(`a dump of ${sample} has no drift, and each change is found once, with its line`, async () => {
    const folder = fileURLToPath(new URL(`../sites/${sample}`, import.meta.url));
    const { site } = await compile(folder);
    assert.ok(site);
    for (const cluster of site.clusters) assert.ok(assertFound(site, cluster, folder) >= 2);
  });

const SITES = runs(40);

test(`the same for ${SITES} random sites`, async () => {
  let changes = 0;
  for (const [number, plan] of fc.sample(sitePlan, { seed: SEED, numRuns: SITES }).entries()) {
    const folder = join(scratchFolder(), `s${number}`);
    writeFiles(folder, written(spread(buildSite(plan).inventory, plan.style), plan.style));
    const { site } = await compile(join(folder, 'plant'));
    assert.ok(site);
    for (const cluster of site.clusters) changes += assertFound(site, cluster, folder);
  }
  assert.ok(changes > 5 * SITES, `${changes} changes`);
});

test.run();
