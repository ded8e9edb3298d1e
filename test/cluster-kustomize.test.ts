import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
// needs: kubectl
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, parseAllDocuments } from 'yaml';
import { compile } from '../src/compile.ts';
import { checkObject } from '../src/inventory/check-object.ts';
import { isInRelease, manifestKind, schemaOfKind } from '../src/knowledge/manifest-kinds.ts';
import { isPatch } from '../src/plan/cluster-steps.ts';
import { readYamlMap } from '../src/site/cloud-config.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import type { ValueMap } from '../src/source/origin.ts';
import { Source } from '../src/source/source.ts';
import { objectPath } from '../src/targets/cluster/cluster.ts';
import { type ClusterObject, clusterObjects, isConfidential } from '../src/targets/cluster/objects.ts';
import { runs, SEED } from './support/effort.ts';
import { fileText } from './support/file-text.ts';
import { type KubernetesObject, schemaErrors } from './support/kubernetes-schema.ts';
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
function targetsIn(name: string, contents: string): string[] {
  assert.equal(yipErrors(contents), [], contents);
  const { stages } = parse(contents) as { stages: Record<string, Record<string, object>[]> };
  return Object.entries(stages).flatMap(([stage, steps]) => {
    // The file that ends a bootstrap has no other writer.
    assert.match(stage, name === 'harvgen-bootstrap' ? /^initramfs$/ : /\.after$/);
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

/** Returns the errors of an object by the schema of its kind in the cluster's release, which knows all keys. */
function errorsIn({ apiVersion, kind, cluster }: ClusterObject, text: string): string[] {
  const known = manifestKind(apiVersion, kind);
  if (!known) return schemaErrors(parse(text) as KubernetesObject);
  if (!isInRelease(known, cluster.version)) return [`${cluster.version.text} has no ${kind}`];
  const report = new Report();
  const object = readYamlMap(new Source('object', text)) as ValueMap;
  checkObject(object, kind, schemaOfKind(known), cluster.version, report);
  return report.sorted().map(({ message }) => message);
}

const SAMPLES = fileURLToPath(new URL('../sites', import.meta.url));
const SITES = runs(500);
/** Sites per run of kubectl. */
const AT_ONCE = 50;

/** Yields the folders of the samples, then those of random sites below a directory. */
function* folders(scratch: string): Iterable<string> {
  for (const name of readdirSync(SAMPLES)) if (!name.startsWith('_')) yield join(SAMPLES, name);
  for (const [number, plan] of fc.sample(sitePlan, { seed: SEED, numRuns: SITES }).entries()) {
    const folder = join(scratch, `s${number}`);
    writeFiles(folder, written(spread(buildSite(plan).inventory, plan.style), plan.style));
    yield join(folder, 'plant');
  }
}

test(`samples and ${SITES} random sites: kubectl and the schemas accept each object`, async () => {
  const scratch = scratchFolder();
  const expected = new Map<string, unknown>();
  const kustomizations: string[] = [];
  const checked = new Map<string, number>();
  let secrets = 0;
  for (const folder of folders(scratch)) {
    const { site, tree } = await compile(folder);
    assert.ok(site && tree);
    for (const cluster of site.clusters) {
      const objects = clusterObjects(site).filter((one) => one.cluster === cluster);
      const outside = objects.filter(isConfidential);
      const patches = objects.filter((one) => isPatch(one) && !isConfidential(one));
      const nodes = objects.filter(
        (one) => ['nodes', 'upgrade'].includes(one.folder) && !outside.includes(one),
      );
      const open = objects.filter((one) => ![outside, patches, nodes].some((list) => list.includes(one)));
      secrets += outside.length;
      const isOnly = site.clusters.length === 1 && cluster.name === site.name;
      const place = isOnly ? 'cluster' : `cluster/${cluster.name}`;
      const own = [...tree.keys()].filter((path) => path.startsWith(`${place}/`));
      assert.is(own.length, patches.length + nodes.length + (open.length === 0 ? 0 : open.length + 1));
      for (const { kind, name, body } of objects)
        if (kind === 'CloudInit') {
          const { contents } = body.spec as { contents: string };
          const targets = targetsIn(name, contents);
          assert.is(new Set(targets).size, targets.length);
        }
      const minor = /^v\d+\.\d+/.exec(cluster.version.text)?.[0] ?? '';
      for (const object of objects) {
        const text = fileText(tree, objectPath(site, object)) ?? '';
        const errors = errorsIn(object, text).filter(
          (error) => !(isPatch(object) && / lacks the key /.test(error)),
        );
        assert.equal(errors, [], text);
        checked.set(minor, (checked.get(minor) ?? 0) + 1);
      }
      if (open.length === 0) continue;
      const name = `k${kustomizations.length}`;
      writeFiles(join(scratch, name), {
        ...Object.fromEntries(
          own.map((path) => [path.slice(place.length + 1), fileText(tree, path) as string]),
        ),
      });
      // Sites have objects of the same name.
      writeFiles(join(scratch, `${name}-named`), {
        [KUSTOMIZATION]: kustomization({ namePrefix: `${name}.`, resources: [`../${name}`] }),
      });
      kustomizations.push(`${name}-named`);
      for (const { kind, name: own, namespace = '', body } of open) {
        const id = `${kind} ${namespace} ${name}.${own}`;
        const metadata = { ...(body.metadata as object), name: `${name}.${own}` };
        expected.set(id, { ...body, metadata });
      }
    }
  }
  assert.ok(expected.size > SITES && secrets > 0, `${expected.size} objects, ${secrets} with secrets`);
  for (const minor of ['v1.3', 'v1.4', 'v1.5', 'v1.6', 'v1.7', 'v1.8'])
    assert.ok((checked.get(minor) ?? 0) > 50, `${minor}: ${checked.get(minor)} objects`);
  // kubectl compares all objects of a run with each other.
  const outputs: string[] = [];
  for (let at = 0; at < kustomizations.length; at += AT_ONCE) {
    const folder = join(scratch, `all-${at}`);
    const resources = kustomizations.slice(at, at + AT_ONCE).map((name) => `../${name}`);
    writeFiles(folder, { [KUSTOMIZATION]: kustomization({ resources }) });
    outputs.push(execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', maxBuffer: 1 << 28 }));
  }
  const found = new Map<string, unknown>();
  for (const document of parseAllDocuments(outputs.join('---\n'), { version: '1.1' })) {
    const object = document.toJS() as { kind: string; metadata: { name: string; namespace?: string } };
    const { name, namespace = '' } = object.metadata;
    found.set(`${object.kind} ${namespace} ${name}`, object);
  }
  assert.is(found.size, expected.size);
  for (const [id, object] of expected) assert.equal(found.get(id), object, id);
});

test.run();
