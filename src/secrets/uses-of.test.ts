import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bigPlant } from '../../test/support/big-plant.ts';
import { CLUSTER, CLUSTERS, HARV_3, resolved, resolvedFrom } from '../../test/support/resolved.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import type { Site } from '../site/model.ts';
import { placeholderOf } from '../source/placeholders.ts';
import { placeholdersOf, secretsOf, usesOf } from './uses-of.ts';

const test = suite('uses of secrets in a site');

/** Returns the uses of each secret: whether it is needed, its position, its key, its nodes. */
function usesIn(site: Site) {
  const used = usesOf(site);
  assert.equal(
    used.filter(({ isNeeded }) => isNeeded).map(({ name }) => name),
    secretsOf(site),
  );
  return Object.fromEntries(
    used.map(({ name, uses }) => [
      name,
      uses.map(({ isNeeded, at, path, nodes }) => {
        const { line, column } = at.source.position(at.start);
        return `${isNeeded ? 'needed' : 'declared'} ${line}:${column} ${path} ${nodes.join(' ')}`;
      }),
    ]),
  );
}

test('a value that nodes share is one location, with all nodes', async () => {
  assert.equal(usesIn(await resolved()), {
    cluster_token: ['needed 15:10 token harv-1 harv-2 harv-3'],
  });
});

test("a node's own secret, one in a longer text, several in a text, one in several locations", async () => {
  const site = await resolved(
    [
      'os: {',
      'os: { password: "${secret:root}", environment: { a: "x${secret:b}y${secret:root}${secret:b}" },',
    ],
    [HARV_3, HARV_3.replace(' }', ', config: { os: { password: "${secret:own}" } } }')],
  );
  assert.equal(usesIn(site), {
    b: ['needed 18:57 config.os.environment.a harv-1 harv-2 harv-3'],
    cluster_token: ['needed 15:10 token harv-1 harv-2 harv-3'],
    own: ['needed 25:83 config.os.password harv-3'],
    root: [
      'needed 18:21 config.os.password harv-1 harv-2',
      'needed 18:57 config.os.environment.a harv-1 harv-2 harv-3',
    ],
  });
});

test('a secret that is only declared is not needed', async () => {
  const site = await resolved([
    HARV_3,
    `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, bmc: { address: 10.0.0.1, password: "\${secret:bmc}" } }
  other:
    { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, boot: { os: local },
      bmc: { address: 10.0.0.2, password: "\${secret:bmc}" }, config: { os: { password: "\${secret:no}" } } }`,
  ]);
  assert.equal(usesIn(site), {
    bmc: ['declared 25:93 bmc.password harv-3', 'declared 28:43 bmc.password other'],
    cluster_token: ['needed 15:10 token harv-1 harv-2 harv-3'],
    no: ['declared 28:88 config.os.password other'],
  });
});

test('settings, as maps and as text, and contents of files', async () => {
  const site = await resolved(
    [
      'defaults:\n  config:\n',
      `defaults:
  config:
    system_settings:
      containerd-registry:
        Configs: { "host": { Auth: { Password: "\${secret:registry}" } } }
      backup-target: '{"secretAccessKey":"\${secret:s3}"}'
`,
    ],
    [
      'os: {',
      `os: { write_files: [
        { path: /a.yaml, content: "a: \${secret:yaml}" },
        { path: /b.txt, content: "\${secret:text}" } ],`,
    ],
  );
  assert.equal(usesIn(site), {
    cluster_token: ['needed 15:10 token harv-1 harv-2 harv-3'],
    registry: ['needed 20:48 config.system_settings.containerd-registry.Configs.host.Auth.Password harv-1'],
    s3: ['needed 21:22 config.system_settings.backup-target harv-1'],
    text: ['needed 24:34 config.os.write_files[1].content harv-1 harv-2 harv-3'],
    yaml: ['needed 23:35 config.os.write_files[0].content harv-1 harv-2 harv-3'],
  });
});

test('a token in clear text refers to no secret', async () => {
  assert.equal(
    usesIn(await resolved([CLUSTER, CLUSTER.replace('${secret:cluster_token}', 'clear-text-token')])),
    {},
  );
});

test('10,000 nodes that share a token are one use, found quickly', async () => {
  const { site } = await compile(makeSite(bigPlant(10_000)));
  assert.ok(site);
  const begun = performance.now();
  const [token, ...others] = usesOf(site);
  const took = performance.now() - begun;
  assert.equal(others, []);
  assert.is(token?.uses.length, 1);
  assert.is(token?.uses[0]?.nodes.length, 10_000);
  // Comparing every node with every node would take minutes; the limit allows for a machine under load.
  assert.ok(took < 20_000, `${took} ms`);
});

test.run();

const marks = suite('placeholders of a site');

/** Returns a site's placeholders, which must be those of its nodes taken one by one, where nodes cannot share results. */
function marksIn(site: Site): string[] {
  const alone = site.nodes.flatMap((node) => placeholdersOf({ ...site, nodes: [node] }));
  const marks = placeholdersOf(site).map(placeholderOf);
  assert.equal(marks, [...new Set(alone.map(placeholderOf))].sort());
  return marks;
}

marks('include those of each node, for equivalent nodes and for a different one', async () => {
  const plain = bigPlant(40, '${secret:cluster_token}');
  assert.equal(marksIn(await resolvedFrom(plain)), ['@@secret:cluster_token@@']);
  const own = plain.replace(/(node-17: \{.*?) \}/, '$1, config: { os: { password: "${secret:own}" } } }');
  assert.equal(marksIn(await resolvedFrom(own)), ['@@secret:cluster_token@@', '@@secret:own@@']);
});

marks('include those of every cluster with equivalent members', async () => {
  const mode = (n: number) => (n === 1 || n === 2 ? 'create' : 'join');
  const text = bigPlant(40).replace(
    /(node-(\d+): \{.*?)(, mode: create)? \}/g,
    (_, start: string, n: string) =>
      `${start}, mode: ${mode(Number(n))}, cluster: ${Number(n) % 2 ? 'east' : 'west'} }`,
  );
  const site = await resolvedFrom(text, [
    CLUSTER.replace('192.168.178.40', '10.1.250.40'),
    CLUSTERS.replaceAll('192.168.178.', '10.1.250.'),
  ]);
  assert.equal(marksIn(site), ['@@secret:east@@', '@@secret:west@@']);
});

marks.run();
