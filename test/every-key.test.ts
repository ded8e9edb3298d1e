import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { main } from '../src/cli/main.ts';
import { namedKeys, nodeSchema, type Part, partAt, siteSchema } from '../src/knowledge/schemas.ts';
import { type Path, pathText } from '../src/source/leaf.ts';
import type { Run } from './support/cli.ts';
import { ISCSI_PLANT } from './support/iscsi-plant.ts';
import { LINUX_PLANT } from './support/linux-plant.ts';
import { NESTED } from './support/nested-plant.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('explain and set: every key of the schema');

/** Runs the command line in this process: a process for each key would take minutes. */
async function run(...args: readonly string[]): Promise<Run> {
  const written = { stdout: '', stderr: '' };
  const names = ['stdout', 'stderr'] as const;
  const writers = names.map((name) => process[name].write);
  for (const name of names)
    process[name].write = (text: string | Uint8Array) => {
      written[name] += String(text);
      return true;
    };
  try {
    return { code: await main(args), ...written, ...written };
  } finally {
    for (const [index, name] of names.entries())
      process[name].write = writers[index] as typeof process.stdout.write;
  }
}

/** Names for the keys that users name themselves. */
const NAMES: Readonly<Record<string, string>> = { networks: 'mgmt', nodes: 'harv-2', clusters: 'edge' };

/** Returns the paths of all keys, also below names of users. */
function allKeys(part: Part, path: Path = []): Path[] {
  return namedKeys(part, path).flatMap(({ path: found }) => {
    const at = found
      .slice(path.length)
      .reduce<Part | undefined>((above, step) => above && partAt(above, step), part);
    const { additionalProperties: others, type } = at?.schema ?? {};
    if (!at || typeof others !== 'object' || [type].flat().includes('string')) return [found];
    const name = NAMES[String(found.at(-1))] ?? 'example';
    const inner = partAt(at, name);
    return inner ? allKeys(inner, [...found, name]) : [found];
  });
}

/** Returns the example of a key in the schema, or in that of a key above it. */
function exampleOf(root: Part, path: Path): unknown {
  let part: Part | undefined = root;
  let example: unknown;
  for (const step of path) {
    part = part && partAt(part, step);
    const own = (part?.schema as { examples?: readonly unknown[] } | undefined)?.examples;
    const inner = (example as Record<string | number, unknown> | undefined)?.[step];
    example = own?.[0] ?? inner;
  }
  return example ?? (part?.schema.enum ?? ['x'])[0];
}

function assignment(path: Path, root: Part): string {
  const value = exampleOf(root, path);
  return `${pathText(path)}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
}

/** A machine of each kind. */
const MACHINES: readonly (readonly [node: string, site: string])[] = [
  ['harv-1', PLANT],
  ['cg01', LINUX_PLANT],
  ['cn02', ISCSI_PLANT],
  ['harvester-2', NESTED],
];

for (const [node, text] of MACHINES)
  test(`${node}: a key that is set is explained at its line, or the reason why it has no effect`, async () => {
    const site = makeSite(text);
    const file = join(site, 'site.yaml');
    let [saved, unused] = [0, 0];
    for (const path of allKeys(nodeSchema())) {
      const key = pathText(path);
      const before = await run('explain', site, node, key);
      assert.is(before.code, 0, `${key}: ${before.stderr}`);
      assert.ok(
        before.stdout ||
          before.stderr.startsWith(`harvgen: ${node} has no ${key}: it `) ||
          /has no \S+: \S+ (has|lists) /.test(before.stderr),
        before.stderr,
      );
      const set = await run('set', site, node, assignment(path, nodeSchema()));
      // An invalid site is another matter, but no key is unknown.
      assert.ok(
        set.code === 0 ||
          (set.code === 1 && /\berror\b/.test(set.stderr)) ||
          /lists its NICs|set the whole list|it cannot be edited/.test(set.stderr),
        `${key}: ${set.stderr}`,
      );
      if (set.code === 0) {
        saved += 1;
        const [, location = ''] = /^\S*?(site\.yaml:\d+:)\d+ /.exec(set.stdout) ?? [];
        const after = await run('explain', site, node, key);
        if (after.stdout === '') unused += 1;
        assert.match(after.stdout + after.stderr, location, `${key}: ${after.stderr}`);
        assert.not.match(after.stderr, 'is not set');
      }
      writeFileSync(file, text);
    }
    assert.ok(saved > 60, `${saved} keys were saved`);
    assert.ok(unused > 0 || node === 'harvester-2', 'no key without an effect');
  });

test('every key of the site can be set, and the result is checked', async () => {
  const text = edited(PLANT, ['networks:\n', 'host: { expose: [{ port: 443 }] }\nnetworks:\n']);
  const site = makeSite(text);
  const file = join(site, 'site.yaml');
  const keys = allKeys(siteSchema()).filter(
    ([first]) => !['defaults', 'profiles', 'nodes'].includes(String(first)),
  );
  assert.ok(keys.length > 80, `${keys.length} keys`);
  let saved = 0;
  for (const path of keys) {
    const { code, stdout, stderr } = await run('set', site, assignment(path, siteSchema()));
    const key = pathText(path);
    assert.ok(
      code === 0 || (code === 1 && /\berror\b|manually|set it whole/.test(stderr)),
      `${key} (${code}): ${stderr}`,
    );
    if (code === 0) saved += 1;
    else assert.is(readFileSync(file, 'utf8'), text);
    if (code === 0) assert.match(stdout, ` ${key}`);
    writeFileSync(file, text);
  }
  assert.ok(saved > 40, `${saved} keys were saved`);
});

test.run();
