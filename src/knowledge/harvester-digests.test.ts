import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { textOf } from '../tree/tree.ts';
import { parseVersion } from '../values/version.ts';
import { bootedFiles, harvesterMedia, standingOf } from './harvester.ts';
import { digestOf } from './harvester-digests.ts';
import { schemaOf } from './schemas.ts';

const test = suite('the digests of releases');

const { sha512 } = schemaOf('harvester/digests.json') as { readonly sha512: Record<string, string> };

test('cover every file that a machine boots from, for known releases', () => {
  const versions = new Set(Object.keys(sha512).map((name) => /v\d+\.\d+\.\d+/.exec(name)?.[0] ?? name));
  assert.equal(
    [...versions].flatMap((version) => bootedFiles(harvesterMedia(version, 'amd64'))),
    Object.keys(sha512),
  );
  assert.is(versions.size, 14);
  for (const version of versions) {
    const parsed = parseVersion(version);
    assert.is(parsed && standingOf(parsed), 'known', version);
  }
  for (const digest of Object.values(sha512)) assert.match(digest, /^[0-9a-f]{128}$/);
});

test('are pins, unless the inventory has others', async () => {
  const iso = 'harvester-v1.4.1-amd64.iso';
  const known = sha512[iso] ?? '';
  const own = '0'.repeat(128);
  assert.is(digestOf(undefined, iso), known);
  assert.is(digestOf({ [iso]: own }, iso), own);
  assert.is(digestOf({}, 'toString'), undefined);
  const scriptOf = async (text: string) => {
    const { tree } = await compile(makeSite(text), {});
    return textOf(tree?.get('scripts/fetch-media.sh') ?? { content: '' });
  };
  assert.match(await scriptOf(PLANT), `fetch v1.4.1 ${iso} ${known}\n`);
  assert.not.match(await scriptOf(PLANT), 'harvester-v1.4.1-amd64.sha512');
  const pinned = PLANT.replace('v1.4.1\n', `v1.4.1\n  sha512: { ${iso}: "${own}" }\n`);
  assert.match(await scriptOf(pinned), `fetch v1.4.1 ${iso} ${own}\n`);
});

test('are values of the site for manifests', async () => {
  const objects = `apiVersion: v1
kind: ConfigMap
metadata: { name: digests, namespace: default }
data: { iso: "\${site:sha512.harvester-v1.8.1-amd64.iso}" }
`;
  const { tree, diagnostics } = await compile(
    makeSite({ 'site.yaml': PLANT, 'manifests/objects.yaml': objects }),
    {},
  );
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  const all = [...tree.values()].map(textOf).join('\n');
  assert.match(all, sha512['harvester-v1.8.1-amd64.iso'] ?? '?');
});

test.run();
