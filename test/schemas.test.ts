import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { releaseSchema } from '../src/knowledge/release-schema.ts';
import { parseVersion } from '../src/values/version.ts';

/* The published schemas, in the strict mode of ajv: as ajv-cli and editors use them. */

const test = suite('the published schemas');
const root = fileURLToPath(new URL('..', import.meta.url));

const strict = () => new Ajv2020({ strict: true, allErrors: true });
const schemaIn = (path: string) => JSON.parse(readFileSync(join(root, 'schema', path), 'utf8'));

const PATHS = readdirSync(join(root, 'schema'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.json'))
  .sort();

test('compile in strict mode, each alone and all together, and have an $id', () => {
  assert.ok(PATHS.includes('site.schema.json'));
  const all = strict();
  for (const path of PATHS) {
    const schema = schemaIn(path);
    assert.is(schema.$id, `harvgen:/schema/${path}`);
    assert.ok(strict().compile(schema), path);
    all.addSchema(schema);
  }
  for (const path of PATHS) assert.ok(all.getSchema(`harvgen:/schema/${path}`), path);
});

test('the annotations of the schemas are those of the table for contributors', () => {
  const page = readFileSync(join(root, 'docs/contributing/first-files.md'), 'utf8');
  const named = new Set(Array.from(page.matchAll(/`(x-[a-z-]+)`/g), ([, name]) => name));
  const folder = join(root, 'src/knowledge');
  const files = ['site.schema.json', 'harvester/config.schema.json', 'manifests/harvester.json'];
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('');
  const used = new Set(Array.from(text.matchAll(/"(x-[a-z-]+)":/g), ([, name]) => name));
  assert.equal([...named].sort(), [...used].sort());
});

test('harvgen schema prints schemas that compile in strict mode', () => {
  for (const text of ['v1.1.0', 'v1.3.2', 'v1.6.0', 'v1.9.0'])
    for (const mode of [undefined, 'create', 'join'] as const) {
      const release = parseVersion(text);
      assert.ok(release && strict().compile(releaseSchema(release, mode)), `${text} ${mode}`);
    }
});

const validate = strict().compile(schemaIn('site.schema.json'));

/** Returns the errors of one file of a site in an editor: the path and the keyword of each. */
function errorsOf(yaml: string): string[] {
  validate(parse(yaml));
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}

test('the files of a site need no keys that other files have, in maps that are merged', () => {
  for (const yaml of [
    'site: plant\ninclude: [../_shared/common.yaml]\n',
    'nodes:\n  harv-1: { profiles: [big] }\n',
    'networks:\n  mgmt: { gateway: 192.168.178.1 }\n',
    'server: { root: /srv/x }\n',
    'harvester: { arch: arm64 }\ncluster: { token: "${secret:token}" }\n',
    'defaults:\n  config: { os: { ntp_servers: [ntp.example.org] } }\n',
    'host: { address: lab.example.org }\n',
  ])
    assert.equal(errorsOf(yaml), [], yaml);
});

test('an editor still reports errors in the file itself', () => {
  assert.ok(errorsOf('netwrks: {}\n').includes(' additionalProperties'));
  assert.ok(errorsOf('site: 5\n').length > 0);
  assert.ok(errorsOf('nodes:\n  a: { mac: 52:54:00:aa:01:zz }\n').includes('/nodes/a/mac pattern'));
  assert.ok(errorsOf('defaults: { config: { os: { sysctrl: {} } } }\n').length > 0);
  const entry = 'defaults: { config: { os: { write_files: [{ content: x }] } } }\n';
  assert.ok(errorsOf(entry).includes('/defaults/config/os/write_files/0 required'), errorsOf(entry).join());
});

test('the samples have no errors', () => {
  for (const name of readdirSync(join(root, 'sites')))
    for (const path of readdirSync(join(root, 'sites', name), { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.yaml') || /^(templates|files|manifests)\//.test(path)) continue;
      assert.equal(errorsOf(readFileSync(join(root, 'sites', name, path), 'utf8')), [], `${name}/${path}`);
    }
});

test.run();
