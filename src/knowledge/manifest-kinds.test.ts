import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type KubernetesObject, schemaErrors } from '../../test/support/kubernetes-schema.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { parseVersion, type Version } from '../values/version.ts';
import {
  coreKinds,
  followManifest,
  isInRelease,
  likelyKind,
  manifestKind,
  manifestKinds,
} from './manifest-kinds.ts';
import type { ManifestSchema } from './manifest-schema.ts';
import { schemaOf } from './schemas.ts';

const test = suite('kinds of manifests');

function* referencesIn(value: unknown): Iterable<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && typeof inner === 'string') yield inner;
    else yield* referencesIn(inner);
  }
}

test('each shared part has a reference, and each reference a part', () => {
  const file = schemaOf('manifests/harvester.json') as { parts: object };
  assert.equal(Object.keys(file.parts).sort(), [...new Set(referencesIn(file))].sort());
});

/** An object with every key that a schema has. */
function whole(given: ManifestSchema): unknown {
  const { type, properties = {}, additionalProperties, items, enum: values } = followManifest(given);
  const [one] = [type].flat();
  if (values) return values[0];
  if (one === 'array') return items ? [whole(items)] : [];
  if (one === 'boolean') return true;
  if (one === 'integer') return 1;
  // A text that is also base64.
  if (one !== 'object') return 'MQ==';
  const others =
    additionalProperties && additionalProperties !== true ? { key: whole(additionalProperties) } : {};
  return {
    ...Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, whole(part)])),
    ...others,
  };
}

test("the keys of Kubernetes' own kinds are those of its schemas", () => {
  const kinds = Object.keys(coreKinds().kinds);
  assert.ok(kinds.length > 10);
  for (const id of kinds) {
    const kind = manifestKind(id.replace(/\/[^/]*$/, ''), id.replace(/^.*\//, ''));
    assert.ok(kind, id);
    const object = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: 'a' } };
    const rest = whole(kind.schema) as object;
    assert.equal(schemaErrors({ ...object, ...rest } as KubernetesObject), [], id);
  }
});

const release = (text: string) => parseVersion(text) as Version;

test('a kind, a key or a value can be newer than a release', () => {
  const kind = manifestKind('harvesterhci.io/v1beta1', 'ScheduleVMBackup');
  assert.ok(kind);
  assert.equal(
    ['v1.3.2', 'v1.4.0', 'v1.9.0-rc6', 'v1.4-head'].map((text) => isInRelease(kind, release(text))),
    [false, true, true, true],
  );
  assert.ok(!isInRelease({ 'x-until': 'v1.5-head' }, release('v1.6.0')));
  assert.ok(isInRelease({ 'x-until': 'v1.5-head' }, release('v1.5.2')));
  const { spec } = manifestKind('harvesterhci.io/v1beta1', 'VirtualMachineImage')?.schema.properties ?? {};
  assert.is(spec?.properties?.backend?.['x-since'], 'v1.5.0');
  assert.equal(spec?.properties?.sourceType?.['x-since-values'], { restore: 'v1.4.0', clone: 'v1.4.0' });
});

test('a kind that is probably meant', () => {
  const meant = (apiVersion: string, kind: string) => {
    const found = likelyKind(apiVersion, kind);
    return found && `${found.apiVersion} ${found.kind}`;
  };
  assert.is(meant('harvesterhci.io/v1', 'KeyPair'), 'harvesterhci.io/v1beta1 KeyPair');
  assert.is(
    meant('networks.harvesterhci.io/v1beta1', 'VlanConfig'),
    'network.harvesterhci.io/v1beta1 VlanConfig',
  );
  assert.is(meant('v1', 'Secrets'), 'v1 Secret');
  assert.is(meant('longhorn.io/v1beta2', 'RecurringJob'), undefined);
  assert.is(meant('apps/v1', 'Deployment'), undefined);
  assert.ok(manifestKinds().size > 30);
});

const SCRIPT = fileURLToPath(new URL('../../scripts/derive-manifest-kinds.mjs', import.meta.url));
const RECORDED = new URL('./manifests/harvester.json', import.meta.url);

const DEFINITION = (backend: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  group: example.org
  scope: Namespaced
  names: { kind: Thing }
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          required: [spec, status]
          properties:
            apiVersion: { type: string }
            kind: { type: string }
            metadata: { type: object }
            status: { type: object }
            spec:
              description: The content.
              type: object
              required: [size, mode]
              properties:
                size: { anyOf: [{ type: integer }, { type: string }], x-kubernetes-int-or-string: true }
                free: { type: object, x-kubernetes-preserve-unknown-fields: true }
                left: &side { type: object, required: [name], properties: { name: { type: string }, path: { type: string, maxLength: 100 } } }
                right: *side
                ${backend}
`;

test('kinds are derived from the definitions of releases', () => {
  const folder = writeFiles(scratchFolder(), {
    'v1.3/thing.yaml': DEFINITION('old: { type: string }'),
    'v1.4/thing.yaml': DEFINITION('mode: { type: string, enum: [a] }'),
    'v1.10/thing.yaml': DEFINITION('mode: { type: string, enum: [a, b], default: a }'),
    'v1.10/new.yaml': DEFINITION('mode: { type: string }').replace('kind: Thing', 'kind: Other'),
    'common/.keep.yaml': '',
  });
  const file = join(folder, 'kinds.json');
  execFileSync(process.execPath, [SCRIPT, folder, file]);
  const { releases, kinds, parts } = JSON.parse(readFileSync(file, 'utf8'));
  assert.equal(releases, ['v1.3', 'v1.4', 'v1.10']);
  assert.is(kinds['example.org/v1/Other']['x-since'], 'v1.10.0');
  const { schema } = kinds['example.org/v1/Thing'];
  assert.equal(Object.keys(schema.properties), ['spec']);
  assert.equal(schema.required, ['spec']);
  // The API server sets a missing key with a default.
  assert.equal(schema.properties.spec.required, ['size']);
  assert.equal(schema.properties.spec['x-required-in'], { mode: { 'x-until': 'v1.4-head' } });
  assert.equal(schema.properties.spec.properties, {
    free: { type: 'object', additionalProperties: true },
    left: { $ref: 'left' },
    mode: { type: 'string', enum: ['a', 'b'], 'x-since-values': { b: 'v1.10.0' }, 'x-since': 'v1.4.0' },
    old: { type: 'string', 'x-until': 'v1.3-head' },
    right: { $ref: 'left' },
    size: { type: ['integer', 'string'] },
  });
  assert.equal(parts.left.required, ['name']);
});

test('a release is added to the recorded ones, which stay as they are', () => {
  const before = readFileSync(RECORDED, 'utf8');
  const derived = (files: Readonly<Record<string, string>>) => {
    const folder = writeFiles(scratchFolder(), { '.kinds.json': before, ...files });
    execFileSync(process.execPath, [SCRIPT, folder, join(folder, '.kinds.json')]);
    return readFileSync(join(folder, '.kinds.json'), 'utf8');
  };
  assert.is(derived({}), before);
  const next = `v1.${Number(JSON.parse(before).releases.at(-1).slice(3)) + 1}`;
  const { releases, kinds } = JSON.parse(
    derived({ [`${next}/thing.yaml`]: DEFINITION('mode: { type: string }') }),
  );
  assert.is(releases.at(-1), next);
  const { 'example.org/v1/Thing': added, ...others } = kinds;
  assert.is(added['x-since'], `${next}.0`);
  assert.equal(others, JSON.parse(before).kinds);
});

test.run();
