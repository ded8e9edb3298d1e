import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { HOSTILE_FILES } from '../../../test/support/hostile-files.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { secretSource } from '../../../test/support/secret-source.ts';
import { compile } from '../../compile.ts';
import { unfill } from '../../secrets/fill.ts';
import { parseManifest } from '../../tree/manifest.ts';
import { USER_DATA } from '../../tree/paths.ts';
import { modeOf, type Tree, textOf } from '../../tree/tree.ts';

const test = suite("the user-data of a site's host");

/** Site files, without references to secrets, which are rejected in them. */
const OWN = Object.fromEntries(
  Object.values(HOSTILE_FILES).flatMap((content, index) =>
    typeof content === 'string' && !content.includes('secret:') ? [[`files/own/${index}`, content]] : [],
  ),
);
/** Values with all characters to quote; the installer accepts only an ASCII token. */
const SECRETS = {
  cluster_token: 'S3cret: "token" \\ # ${x} @@secret:node_password@@',
  node_password: "an0ther' password \u2028\u00e4🙂",
};

async function treeOf(
  files: Readonly<Record<string, string>>,
  secrets?: Record<string, string>,
): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(files), {
    secrets: secrets && secretSource(secrets),
  });
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

interface Entry {
  readonly path: string;
  readonly permissions: string;
  readonly content: string;
  readonly encoding?: string;
}

function entriesOf(tree: Tree): Map<string, Entry> {
  const file = tree.get(USER_DATA);
  assert.ok(file);
  return entriesIn(textOf(file));
}

function entriesIn(text: string): Map<string, Entry> {
  const entries = parse(text).write_files as Entry[];
  return new Map(entries.map((entry) => [entry.path, entry]));
}

/** Asserts that cloud-init would write the tree, without the files that the host does not use. */
function assertSameAs(tree: Tree): void {
  const entries = entriesOf(tree);
  const isForHost = (path: string) =>
    !['README.md', 'manifest.json', USER_DATA].includes(path) &&
    !/^(?:cluster(?:-secrets)?|host\/image)\//.test(path);
  const forHost = [...tree].filter(([path]) => isForHost(path));
  assert.ok([...tree.keys()].some((path) => path.startsWith('cluster-secrets/')));
  assert.equal(
    [...entries.keys()],
    [
      ...forHost.map(([path]) => `/srv/harvgen/plant/${path}`),
      '/var/lib/cloud/scripts/per-boot/harvgen-plant',
    ],
  );
  for (const [path, file] of forHost) {
    const { permissions, content, encoding } = entries.get(`/srv/harvgen/plant/${path}`) as Entry;
    const bytes = Buffer.from(content, encoding === 'b64' ? 'base64' : 'utf8');
    assert.ok(bytes.equals(Buffer.from(file.content)), path);
    assert.is(Number.parseInt(permissions, 8), modeOf(file), path);
  }
}

test('contains each file of the tree with its mode', async () => {
  const tree = await treeOf({ 'site.yaml': NESTED, ...OWN });
  assertSameAs(tree);
  assert.ok(entriesOf(tree).size > Object.keys(OWN).length + 10);
});

test('contains placeholders like the tree, and no secret values', async () => {
  const tree = await treeOf({ 'site.yaml': NESTED });
  const file = tree.get(USER_DATA);
  assert.match(textOf(file ?? { content: '' }), 'token: "@@secret:cluster_token@@"');
  assert.not.ok(file?.confidential);
});

test('contains the values of a tree with secrets, and its placeholders can be restored', async () => {
  const files = { 'site.yaml': NESTED, ...OWN };
  const [tree, marked] = [await treeOf(files, SECRETS), await treeOf(files)];
  assertSameAs(tree);
  const file = tree.get(USER_DATA);
  assert.ok(file?.confidential && file.secrets);
  const config = entriesOf(tree).get('/srv/harvgen/plant/www/config/52-54-00-0c-01-01.yaml');
  assert.ok(config);
  assert.is(config.permissions, '0640');
  assert.is(parse(config.content).token, SECRETS.cluster_token);
  assert.is(parse(config.content).os.password, SECRETS.node_password);
  const unfilled = unfill(Buffer.from(file.content), file.secrets)?.toString() ?? '';
  // Scripts differ if nginx substitutes no secrets.
  const configs = (text: string) =>
    [...entriesIn(text)].flatMap(([path, { content }]) =>
      path.includes('/www/config/') ? [[path, content]] : [],
    );
  assert.equal(configs(unfilled), configs(textOf(marked.get(USER_DATA) ?? { content: '' })));
  assert.is(configs(unfilled).length, 3);
});

test('the manifest contains the locations of secret values', async () => {
  const tree = await treeOf({ 'site.yaml': NESTED }, SECRETS);
  const { secrets = {} } = parseManifest(textOf(tree.get('manifest.json') ?? { content: '' })) ?? {};
  const placeholders = (path: string) => secrets[path]?.map(([, , placeholder]) => placeholder);
  const ofConfigs = Object.keys(secrets)
    .filter((path) => path.startsWith('www/config/'))
    .flatMap(placeholders);
  assert.is(ofConfigs.length, 6);
  assert.equal(placeholders(USER_DATA), ofConfigs);
});

test('fits into 256 KiB, and compressed into 64 KiB of base64, as documented', async () => {
  const more = [44, 45].map(
    (end) => `  harvester-${end}: { mac: 52:54:00:0c:01:${end}, ip: 192.168.150.${end} }\n`,
  );
  const five = NESTED.replace('memory: 128Gi', 'memory: 256Gi').replace('threads: 32', 'threads: 64');
  const file = (await treeOf({ 'site.yaml': five + more.join('') }, SECRETS)).get(USER_DATA);
  const bytes = Buffer.from(file?.content ?? '');
  assert.ok(bytes.length < 256 * 1024, String(bytes.length));
  const compressed = gzipSync(bytes, { level: 9 }).length;
  assert.ok((compressed * 4) / 3 < 65_535, String(compressed));
});

test('with a URL, user-data contains only this URL; without one, there is no such file', async () => {
  const url = 'https://files.example.org/lab/cloud-config?signature=a%20b#c';
  const tree = await treeOf({ 'site.yaml': NESTED.replace('host:\n', `host:\n  user_data_url: ${url}\n`) });
  assert.is(
    textOf(tree.get('host/user-data') ?? { content: '' }),
    `#include\n# plant: publish host/cloud-config at this URL.\n# Made by harvgen: edit the inventory instead.\n${url}\n`,
  );
  assert.not.ok((await treeOf({ 'site.yaml': NESTED })).has('host/user-data'));
});

test('is not generated for a site without a host', async () => {
  assert.not.ok((await treeOf({ 'site.yaml': PLANT })).has(USER_DATA));
});

test('begins with the site, and a warning if it contains secrets', async () => {
  const begins = async (secrets?: Record<string, string>) =>
    textOf((await treeOf({ 'site.yaml': NESTED }, secrets)).get(USER_DATA) ?? { content: '' })
      .split('\nwrite_files')[0]
      ?.split('\n');
  const intro = [
    '#cloud-config',
    '# Turns a fresh machine into the libvirt host of plant: cloud-init writes the tree and sets the host up.',
    '# Made by harvgen: edit the inventory instead.',
  ];
  assert.equal(await begins(), [...intro, '']);
  assert.equal(await begins(SECRETS), [
    ...intro,
    '# It contains secret values: the provider stores it, and returns it to every user on that machine.',
    '',
  ]);
});

test.run();
