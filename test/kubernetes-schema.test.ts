import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { type KubernetesObject, schemaErrors } from './support/kubernetes-schema.ts';
import { blocksOf } from './support/markdown.ts';

const test = suite('the schemas of Kubernetes in tests');

const service = (spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', labels: { 'any/name': 'b' } },
  spec,
});

test('accept valid objects', () => {
  assert.equal(
    schemaErrors(service({ selector: { any: 'name' }, ports: [{ port: 80, targetPort: 'x' }] })),
    [],
  );
});

test('report wrong values and unknown fields, at any depth', () => {
  assert.match(schemaErrors(service({ ports: [{ port: '80' }] })).join('\n'), '/spec/ports/0/port');
  assert.equal(schemaErrors({ ...service({ ports: [{ port: 80, Name: 'x' }] }), sepc: {} }), [
    '/spec/ports/0/Name is not a field',
    '/sepc is not a field',
  ]);
  assert.throws(() => schemaErrors({ ...service({}), kind: 'Servce' }), /Cannot find module/);
});

test('accept the objects in docs/how-to/kubernetes.md', () => {
  const page = readFileSync(new URL('../docs/how-to/kubernetes.md', import.meta.url), 'utf8');
  const shown = parseAllDocuments(blocksOf(page, 'yaml kubernetes-media').join('---\n'));
  const objects = shown.map((document): KubernetesObject => document.toJS());
  assert.equal(
    objects.map(({ kind }) => kind),
    ['PersistentVolumeClaim', 'Job'],
  );
  for (const object of objects) assert.equal(schemaErrors(object), []);
});

test.run();
