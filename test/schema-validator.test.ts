import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { validate } from '../src/inventory/schema-validator.ts';

const test = suite('the code generated from the schema');

/** Inventories with all types of errors that the schema detects. */
const INVENTORIES = [
  {},
  { site: 'Plant', server: { url: 'ftp://x', compat: ['nobody'] }, networks: { mgmt: {} }, nodes: {} },
  { site: 'x', nodes: { 'a b': { mac: 'none', ip: '10.0.0.300', nid: 0, nics: [], frobnicate: 1 } } },
  { site: 'x', defaults: { config: { os: { sysctls: { a: 1 } }, install: { device: 3 } } } },
  { site: 'x', networks: { m: { subnet: '10.0.0.1/24', mtu: 1, dhcp: { pool: '10.0.0.9-10.0.0.2' } } } },
  { site: 'x'.repeat(70), nodes: { ['n'.repeat(300)]: { boot: { kernel: '../x', drive: 1 } } } },
];

test('reports the same errors as ajv', async () => {
  const built: { validate: typeof validate } = await import(
    new URL('../dist/inventory/schema-validator.js', import.meta.url).href
  );
  for (const inventory of INVENTORIES) {
    assert.is(built.validate(structuredClone(inventory)), false);
    validate(structuredClone(inventory));
    assert.equal(errorsOf(built.validate), errorsOf(validate));
  }
});

test.run();

function errorsOf({ errors }: typeof validate) {
  assert.ok(errors && errors.length > 0);
  return errors.map(({ keyword, instancePath, params, parentSchema, data }) => ({
    keyword,
    instancePath,
    params,
    parentSchema,
    data,
  }));
}
