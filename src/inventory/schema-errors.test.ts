import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaOf } from '../knowledge/schemas.ts';
import type { ValueMap } from '../source/origin.ts';
import { schemaErrors, type ValueSchema, violationIn } from './schema-errors.ts';

const test = suite('errors by the schema');

for (const [schema, valid, invalid] of [
  [{ type: 'integer' }, 1, 1.5],
  [{ type: ['string', 'null'] }, null, false],
  [{ type: 'array' }, [], {}],
  [{ type: 'object' }, {}, []],
  [{ enum: ['a', 1] }, 1, '1'],
  [{ format: 'ipv4' }, '10.0.0.1', '10.0.0.256'],
  [{ pattern: '^a' }, 'ab', 'ba'],
  [{ minimum: 1 }, 1, 0],
  [{ maximum: 2 }, 2, 3],
  [{ minLength: 2 }, 'ab', '😀'],
  [{ maxLength: 1 }, '😀', 'ab'],
  [{ minItems: 1 }, [0], []],
  [{ maxItems: 1 }, [0], [0, 0]],
  [{ minProperties: 1 }, { a: 1 }, {}],
  [{ maxProperties: 0 }, {}, { a: 1 }],
  [{ not: { type: 'integer', minimum: 1 } }, 0, 1],
] as const)
  test(`of ${JSON.stringify(schema)}`, () => {
    assert.is(violationIn(valid as never, schema as ValueSchema), undefined);
    assert.is(violationIn(invalid as never, schema as ValueSchema)?.keyword, Object.keys(schema)[0]);
  });

/** Inventories with all types of errors that the schema detects. */
const INVENTORIES: readonly object[] = [
  {},
  { site: 'Plant', server: { url: 'x', compat: ['nobody'] }, networks: { mgmt: {} }, nodes: {} },
  { site: 'x', nodes: { 'a b': { rack: 1, ip: '10.0.0.1', nid: 0, nics: [], frobnicate: 1 } } },
  { site: 'x', defaults: { config: { os: { sysctls: { a: 1 } }, install: { device: 3 } } } },
  { site: 'x', networks: { m: { subnet: '10.0.0.1/24', mtu: 1, dhcp: { lease: 1 } } } },
  { site: 'x'.repeat(70), nodes: { ['n'.repeat(300)]: { boot: { kernel: '', drive: 1 } } } },
];

test('of inventories are those that ajv finds, apart from formats', () => {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
  const text = JSON.stringify(schemaOf('harvester/config.schema.json'));
  // The inventory may have the types to which harvgen converts the others.
  const canonical = JSON.parse(text, (_, part) =>
    part?.['x-canonical'] ? { ...part, type: part['x-canonical'] } : part,
  );
  ajv.addSchema({ ...canonical, $id: 'harvgen:/harvester/config.schema.json' });
  const validate = ajv.compile({ ...schemaOf('site.schema.json'), $id: 'harvgen:/site.schema.json' });
  for (const inventory of INVENTORIES) {
    const { values, missing, unknown, names } = schemaErrors(inventory as ValueMap);
    const found = [
      ...values.filter(({ keyword }) => keyword !== 'format').map(({ path }) => path.join('/')),
      ...[...missing, ...unknown, ...names].map(({ path, key }) => [...path, key].join('/')),
    ];
    assert.is(validate(inventory), false);
    const paths = (validate.errors ?? []).flatMap(({ keyword, instancePath, params, propertyName }) => {
      const key = params.missingProperty ?? params.additionalProperty ?? propertyName;
      return keyword === 'propertyNames'
        ? []
        : [...instancePath.split('/').slice(1), ...(key ? [key] : [])].join('/');
    });
    assert.equal([...new Set(found)].sort(), [...new Set(paths)].sort());
  }
});

test.run();
