import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, parseAllDocuments } from 'yaml';
import { compile } from '../src/compile.ts';
import { clusterObjects, isConfidential, isPatch } from '../src/targets/cluster/objects.ts';
import { runs, SEED } from './support/effort.ts';
import { fileText } from './support/file-text.ts';
import { spread, written } from './support/random-files.ts';
import { sitePlan } from './support/random-plan.ts';
import { buildSite } from './support/random-site.ts';
import { scratchFolder, writeFiles } from './support/scratch.ts';
import { yipErrors } from './support/yip-schema.ts';

const test = suite('kustomize and the objects of random sites');

const KUSTOMIZATION = 'kustomization.yaml';
const kustomization = (content: object) =>
  JSON.stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...content });

/** Asserts that yip decodes the contents of a CloudInit, and returns what it writes: two files must not write the same. */
function targetsIn(contents: string): string[] {
  assert.equal(yipErrors(contents), [], contents);
  const { stages } = parse(contents) as { stages: Record<string, Record<string, object>[]> };
  return Object.entries(stages).flatMap(([stage, steps]) => {
    assert.match(stage, /\.after$/);
    return steps.flatMap((step) =>
      Object.entries(step).flatMap(([key, value]) => {
        if (key === 'files') return (value as { path: string }[]).map(({ path }) => `${stage} file ${path}`);
        if (key === 'directories') return [];
        // Each is a file of its own in /proc/sys; all others are one file.
        return key === 'sysctl' ? Object.keys(value).map((name) => `${stage} ${name}`) : [`${stage} ${key}`];
      }),
    );
  });
}

const SITES = runs(500);

test(`${SITES} random sites: kubectl accepts each, with every object that is not secret`, async () => {
  const scratch = scratchFolder();
  const expected = new Map<string, unknown>();
  const folders: string[] = [];
  let secrets = 0;
  for (const [number, plan] of fc.sample(sitePlan, { seed: SEED, numRuns: SITES }).entries()) {
    const folder = join(scratch, `s${number}`);
    writeFiles(folder, written(spread(buildSite(plan).inventory, plan.style), plan.style));
    const { site, tree } = await compile(join(folder, 'plant'));
    assert.ok(site && tree);
    for (const cluster of site.clusters) {
      const objects = clusterObjects(site).filter((one) => one.cluster === cluster);
      const outside = objects.filter(isConfidential);
      const patches = objects.filter((one) => isPatch(one) && !isConfidential(one));
      const nodes = objects.filter((one) => one.kind === 'Node' && !outside.includes(one));
      const open = objects.filter((one) => ![outside, patches, nodes].some((list) => list.includes(one)));
      secrets += outside.length;
      const isOnly = site.clusters.length === 1 && cluster.name === site.name;
      const place = isOnly ? 'cluster' : `cluster/${cluster.name}`;
      const own = [...tree.keys()].filter((path) => path.startsWith(`${place}/`));
      assert.is(own.length, patches.length + nodes.length + (open.length === 0 ? 0 : open.length + 1));
      for (const { kind, body } of objects)
        if (kind === 'CloudInit') {
          const { contents } = body.spec as { contents: string };
          const targets = targetsIn(contents);
          assert.is(new Set(targets).size, targets.length);
        }
      if (open.length === 0) continue;
      const name = `s${number}-${folders.length}`;
      writeFiles(join(scratch, name), {
        ...Object.fromEntries(
          own.map((path) => [path.slice(place.length + 1), fileText(tree, path) as string]),
        ),
      });
      // Sites have objects of the same name.
      writeFiles(join(scratch, `${name}-named`), {
        [KUSTOMIZATION]: kustomization({ namePrefix: `${name}.`, resources: [`../${name}`] }),
      });
      folders.push(`${name}-named`);
      for (const { kind, name: own, namespace = '', body } of open) {
        const id = `${kind} ${namespace} ${name}.${own}`;
        const metadata = { ...(body.metadata as object), name: `${name}.${own}` };
        expected.set(id, { ...body, metadata });
      }
    }
  }
  assert.ok(expected.size > SITES && secrets > 0, `${expected.size} objects, ${secrets} with secrets`);
  writeFiles(join(scratch, 'all'), {
    [KUSTOMIZATION]: kustomization({ resources: folders.map((folder) => `../${folder}`) }),
  });
  const output = execFileSync('kubectl', ['kustomize', join(scratch, 'all')], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const found = new Map<string, unknown>();
  for (const document of parseAllDocuments(output, { version: '1.1' })) {
    const object = document.toJS() as { kind: string; metadata: { name: string; namespace?: string } };
    const { name, namespace = '' } = object.metadata;
    found.set(`${object.kind} ${namespace} ${name}`, object);
  }
  assert.is(found.size, expected.size);
  for (const [id, object] of expected) assert.equal(found.get(id), object, id);
});

test.run();
