import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { compile } from '../src/compile.ts';
import { schemaOf } from '../src/knowledge/schemas.ts';
import { textOf } from '../src/tree/tree.ts';
import { PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/** In any text of the inventory, a reference to a secret is substituted, not in the output, or rejected. */
const test = suite('references to secrets');

const REFERENCE = '${secret:probe}';

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
  readonly $ref?: string;
}

/** Returns a part of the schemas with its references resolved. */
function follow(part: Schema, file: string): { schema: Schema; file: string } {
  if (part.$ref === undefined) return { schema: part, file };
  const [named = '', pointer = ''] = part.$ref.split('#');
  const target = named || file;
  const steps = pointer.split('/').slice(1);
  const found = steps.reduce(
    (schema, step) => (schema as Record<string, unknown>)[step],
    schemaOf(target) as unknown,
  );
  const inner = follow(found as Schema, target);
  return { schema: { ...inner.schema, ...part, $ref: undefined }, file: inner.file };
}

/** A path in the inventory: keys, `[]` for an entry of a list, `<name>` for a freely chosen name. */
type Way = readonly { readonly step: string; readonly beside: Record<string, unknown> }[];

/** Yields every path to a text, or to a map with free keys. Keys of layers occur once, on a node. */
function* ways(part: Schema, at: string, way: Way, free: boolean): Iterable<Way> {
  const { schema, file } = follow(part, at);
  const types = [schema.type].flat();
  if (!free && (types.includes('string') || schema.enum || schema.pattern || schema.format)) yield way;
  const beside = (except?: string) =>
    Object.fromEntries(
      // The root has all required keys.
      (way.length === 0 ? [] : (schema.required ?? []))
        .filter((key) => key !== except)
        .map((key) => [key, exampleOf(schema.properties?.[key], file)]),
    );
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    if (way.length === 0 && (key === 'profiles' || key === 'defaults' || key === 'clusters')) continue;
    yield* ways(value, file, [...way, { step: key, beside: beside(key) }], free);
  }
  if (typeof schema.additionalProperties === 'object') {
    if (free) yield [...way, { step: REFERENCE, beside: {} }];
    yield* ways(schema.additionalProperties, file, [...way, { step: '<name>', beside: {} }], free);
  }
  if (schema.items) yield* ways(schema.items, file, [...way, { step: '[]', beside: {} }], free);
}

function exampleOf(part: Schema | undefined, file: string): unknown {
  const { examples, enum: allowed } = part ? follow(part, file).schema : {};
  return examples?.[0] ?? allowed?.[0] ?? 'x';
}

/** Returns the common inventory with a value at the end of a path. */
function withValue(way: Way, value: unknown, version: string): string {
  const inventory = parse(PLANT.replace('v1.4.1', version));
  const written = way.map(({ step }, index) => {
    if (step !== '<name>') return step;
    return { networks: 'mgmt', nodes: 'harv-1' }[way[index - 1]?.step as string] ?? 'example';
  });
  const added = [...way.keys()].reverse().reduce<unknown>((inner, index) => {
    const step = written[index] as string;
    return step === '[]' ? [inner] : { ...way[index]?.beside, [step]: inner };
  }, value);
  return stringify(merged(inventory, added));
}

function merged(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  const both = { ...below };
  for (const [key, value] of Object.entries(above))
    both[key] = isMap(value) ? merged(below[key], value) : (value ?? below[key]);
  return both;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const named = (way: Way) => way.map(({ step }) => step).join('.');

for (const version of ['v1.4.1', 'v1.9.0']) {
  test(`a reference in any text of the inventory, ${version}`, async () => {
    const filled: string[] = [];
    const unseen: string[] = [];
    const refused: string[] = [];
    for (const way of ways(schemaOf('site.schema.json') as Schema, 'site.schema.json', [], false)) {
      const { tree, diagnostics } = await compile(makeSite(withValue(way, REFERENCE, version)));
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      if (!tree) {
        assert.ok(errors.length > 0, named(way));
        refused.push(`${named(way)} ${errors.map(({ code }) => code)}`);
        continue;
      }
      const holders: string[] = [];
      for (const [path, file] of tree) {
        // The README is for readers: it can show placeholders.
        if (path === 'README.md' || !textOf(file).includes('secret:probe')) continue;
        assert.not.ok(textOf(file).includes('${secret:'), `${named(way)} reaches ${path} unchanged`);
        assert.match(
          path,
          /^(www\/(config\/.*\.yaml|inventory\.json)|cluster-secrets\/.*\.yaml)$/,
          named(way),
        );
        holders.push(path);
      }
      (holders.some((path) => path.startsWith('www/config/')) ? filled : unseen).push(named(way));
    }
    // Files with texts of configurations get the values; a text in no file of the output can be anything.
    assert.equal(
      unseen,
      [
        // The suffix of the names of targets; this site has no targets.
        'server.iscsi.suffix',
        // A machine that boots Harvester does not use data of cloud-init.
        'groups.<name>.cloud_init.user_data',
        'nodes.<name>.cloud_init.user_data',
        'nodes.<name>.cloud_init.vendor_data',
        'nodes.<name>.bmc.user',
        'nodes.<name>.bmc.password',
        'nodes.<name>.silence.<name>',
      ].filter((path) => unseen.includes(path)),
      unseen.join(),
    );
    assert.ok(filled.includes('cluster.token'), filled.join());
    for (const path of filled) assert.match(path, /^(cluster\.token|nodes\.<name>\.config\..*)$/);
    assert.ok(filled.length > 50, String(filled.length));
    const unclear = refused.filter(
      (one) =>
        !/ (.*,)?(secret-out-of-place|contradicts-derived|include-missing|unknown-rule)/.test(one) &&
        // A key of another release is rejected with any value, and some keys require another key.
        !/ (key-gone|key-too-new|value-too-new|bond-options-incomplete|no-proxy-incomplete|setting-refused$)/.test(
          one,
        ) &&
        // Keys of iSCSI disks are rejected on a node without one.
        !/^nodes\.<name>\.boot\.(target|chap\.\w+) boot-key-of-other-os$/.test(one),
    );
    assert.equal(unclear, []);
  });
}

test('a reference as any key', async () => {
  let number = 0;
  for (const way of ways(schemaOf('site.schema.json') as Schema, 'site.schema.json', [], true)) {
    const { diagnostics } = await compile(makeSite(withValue(way, 'x', 'v1.9.0')));
    assert.ok(
      diagnostics.some(({ code }) => code === 'secret-out-of-place'),
      `${named(way)}: ${diagnostics.map(({ code, message }) => `${code} ${message}`)}`,
    );
    number += 1;
  }
  assert.ok(number >= 15, String(number));
});

test('a path of write_files must not be or contain a secret', async () => {
  for (const path of ['${secret:x}', '/etc/${secret:x}']) {
    const text = PLANT.replace('    os: {', `    os: { write_files: [{ path: "${path}", content: x }],`);
    const { diagnostics } = await compile(makeSite(text));
    assert.equal(
      diagnostics.map(({ code }) => code),
      ['secret-out-of-place'],
    );
  }
});

test('a reference as a key is reported at its location, once', async () => {
  const text = PLANT.replace('    os: {', '    os: { sysctls: { "${secret:x}": "1", "@@secret:y@@": "1" },');
  const { diagnostics } = await compile(makeSite(text));
  assert.equal(
    diagnostics.map(({ code, at, message }) => [code, at.source.text.slice(at.start, at.end), message]),
    [
      [
        'secret-out-of-place',
        '"${secret:x}"',
        'This key refers to a secret, but secrets are substituted only in values: the machine would receive it as text.',
      ],
      [
        'secret-mark',
        '"@@secret:y@@"',
        'This key contains @@secret:, which marks a placeholder in the output.',
      ],
    ],
  );
});

test('a site template that writes a reference or a placeholder is reported at its line', async () => {
  const errorsOf = async (path: string, template: string) => {
    const { diagnostics } = await compile(
      makeSite({ 'site.yaml': PLANT, [`templates/${path}.eta`]: template }),
    );
    return diagnostics.map(({ code, at }) => {
      const { line, column } = at.source.position(at.start);
      return `${line}:${column} ${code} ${at.source.text.slice(at.start, at.end)}`;
    });
  };
  const script = (line: string) => errorsOf('ipxe/node.ipxe', `#!ipxe\necho hello\n${line}\n`);
  assert.equal(await script('set token <%= it.node.config.token %>'), [
    '3:15 template-secret it.node.config.token',
  ]);
  assert.equal(await script('set token <%~ JSON.stringify(it.node.userConfig) + it.node.config.token %>'), [
    '3:15 template-secret JSON.stringify(it.node.userConfig) + it.node.config.token',
  ]);
  assert.equal(await script('set token @@secret:cluster_token@@'), ['3:11 template-secret @@secret:']);
  assert.equal(await script('set token ${secret:cluster_token}'), ['3:11 template-secret ${secret:']);
  assert.equal(await script("set token <%~ '@@secret' %><%~ ':x@@' %>"), ['1:1 template-secret ']);
  assert.equal(await errorsOf('scripts/fetch-media.sh', 'echo <%= it.site.clusters[0].token %>\n'), [
    '1:10 template-secret it.site.clusters[0].token',
  ]);
  assert.equal(await errorsOf('readme/README.md', 'nginx fills in @@secret:name@@\n'), []);
  assert.equal(await script('echo ${net0/mac}'), []);
});

test.run();
