import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { compile } from '../src/compile.ts';
import { LAST_PATCHES } from '../src/knowledge/harvester.ts';
import { releaseSchema } from '../src/knowledge/release-schema.ts';
import { isAtLeast, isAtMost, parseVersion, type Version } from '../src/values/version.ts';
import { configWith, FIELDS, type Field } from './harvester-fields.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('the configuration, release by release');

/** Codes for a key or value that a release does not have. */
const REFUSALS = [
  'unknown-key',
  'missing-key',
  'wrong-type',
  'bad-value',
  'key-too-new',
  'key-gone',
  'value-too-new',
];

test('the table covers more than 150 fields, including removed and intermittent ones', () => {
  assert.ok(FIELDS.length > 150);
  assert.ok(FIELDS.some(({ until }) => until));
  assert.ok(FIELDS.some(({ absent }) => absent));
  assert.is(new Set(FIELDS.map(({ path }) => path)).size, FIELDS.length);
});

for (const text of LAST_PATCHES) {
  const release = parseVersion(text) as Version;
  const has = (field: Field) => isIn(field, release);

  test(`${text}: its schema accepts exactly the fields of the release`, () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    const validate = ajv.compile(releaseSchema(release));
    for (const field of FIELDS) {
      assert.is(validate(configWith(field.path, field.sample)), has(field), field.path);
    }
    assert.ok(FIELDS.some(has) && !FIELDS.every(has));
  });

  test(`${text}: accepts an inventory with any field of the release, and rejects all other fields`, async () => {
    for (const field of FIELDS) {
      const refused = await refusals(field, text);
      if (has(field)) {
        assert.equal(refused, [], field.path);
        continue;
      }
      assert.ok(refused.length > 0, field.path);
      for (const { code, message } of refused) {
        assert.match(code, /^(key-too-new|key-gone|value-too-new)$/, field.path);
        assert.ok(message.includes(text), message);
        // The release that added or removed the key, or a map around it.
        if (!field.absent) assert.ok(message.replaceAll(text, '').match(/v1\.\d+\.\d+/), message);
      }
    }
  });
}

function isIn({ since, until, absent }: Field, release: Version): boolean {
  return (
    isAtLeast(release, since) &&
    (until === undefined || isAtMost(release, until)) &&
    !absent?.includes(release.text)
  );
}

/** Returns the errors for a site whose configuration contains a field, on a node with the field's mode. */
async function refusals({ path, sample, mode }: Field, version: string) {
  const config = JSON.stringify(configWith(path, sample));
  const node = mode === 'create' ? 'mode: create' : 'ip: 192.168.178.42';
  const site = edited(
    PLANT,
    ['version: v1.4.1', `version: ${version}`],
    [
      node,
      `${node}, config: ${stringify(JSON.parse(config), { collectionStyle: 'flow', lineWidth: 0 }).trim()}`,
    ],
  );
  const { diagnostics } = await compile(makeSite(site));
  return diagnostics.filter(({ code }) => REFUSALS.includes(code));
}

test.run();
