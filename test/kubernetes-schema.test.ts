import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaFaults } from './support/kubernetes-schema.ts';

const test = suite('the schemas of Kubernetes that tests go by');

const service = (spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', labels: { 'any/name': 'b' } },
  spec,
});

test('say nothing of what is right', () => {
  assert.equal(
    schemaFaults(service({ selector: { any: 'name' }, ports: [{ port: 80, targetPort: 'x' }] })),
    [],
  );
});

test('tell wrong values and unknown fields, at any depth', () => {
  assert.match(schemaFaults(service({ ports: [{ port: '80' }] })).join('\n'), '/spec/ports/0/port');
  assert.equal(schemaFaults({ ...service({ ports: [{ port: 80, Name: 'x' }] }), sepc: {} }), [
    '/spec/ports/0/Name is no field',
    '/sepc is no field',
  ]);
  assert.throws(() => schemaFaults({ ...service({}), kind: 'Servce' }), /Cannot find module/);
});

test.run();
