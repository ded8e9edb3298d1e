import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diffLines } from 'diff';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runs, SEED } from '../../test/support/effort.ts';
import { type Files, spread, written } from '../../test/support/random-files.ts';
import { type SitePlan, sitePlan } from '../../test/support/random-plan.ts';
import { buildSite } from '../../test/support/random-site.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { SHARED_SITES } from '../../test/support/shared-sites.ts';
import { siteTexts, withEdits } from '../../test/support/site-texts.ts';
import { compile } from '../compile.ts';
import { formatLocation } from '../source/diagnostics/text.ts';
import { EditRefusal } from '../source/text-edit/yaml-text.ts';
import { namesIn } from './occurrences.ts';
import { renamed, renameTargetAt } from './rename.ts';

const test = suite('rename');

const SITES = ['east', 'west'];

/** Writes the two sites, and renames what a text in a file names. Returns the changed lines, and the sites before and after. */
async function rename(file: string, text: string, word: string, to: string, sites = SHARED_SITES) {
  const folder = writeFiles(scratchFolder(), sites);
  const folders = SITES.map((site) => join(folder, site));
  const texts = await siteTexts(folders);
  const at = (sites[file] ?? '').indexOf(text);
  assert.ok(at >= 0, text);
  const offset = at + text.indexOf(word);
  const before = await summaries(folders);
  const edits = renamed(texts, join(folder, file), offset, to, folder);
  for (const [path, content] of withEdits(edits)) writeFileSync(path, content);
  const lines = [...withEdits(edits)].flatMap(([path, content]) =>
    diffLines(sites[path.slice(folder.length + 1)] ?? '', content)
      .filter(({ added }) => added)
      .flatMap(({ value }) =>
        value
          .trimEnd()
          .split('\n')
          .map((line) => line.trim()),
      ),
  );
  return { lines, before, after: await summaries(folders) };
}

/** Returns the inventory, the diagnostics and the paths of the output tree of each site, as one text. */
async function summaries(folders: readonly string[]): Promise<string> {
  const all = [];
  for (const folder of folders) {
    const { inventory, diagnostics, tree } = await compile(folder);
    const found = diagnostics.map(({ code, message }) => `${code} ${message}`).sort();
    // The names of some files contain a digest of names, and the number of ConfigMaps depends on digests.
    const paths = new Set([...(tree?.keys() ?? [])].map((path) => path.replace(/-[0-9a-f]{8,}/, '')));
    all.push({ inventory, found, paths: [...paths].sort() });
  }
  return JSON.stringify(all, null, 1);
}

async function refusal(
  file: string,
  text: string,
  word: string,
  to: string,
  sites = SHARED_SITES,
): Promise<string> {
  try {
    await rename(file, text, word, to, sites);
  } catch (error) {
    if (!(error instanceof EditRefusal)) throw error;
    const folder = error.at.source.file.replace(/\/(?:_shared|east|west)\/.*$/, '');
    return `${formatLocation(error.at, folder)} ${error.message.replaceAll(`${folder}/`, '')}`;
  }
  return 'renamed';
}

test('changes a profile of a shared fragment in both sites, and keeps quotes and comments', async () => {
  const { lines, before, after } = await rename('west/site.yaml', '- gpu', 'gpu', 'zz-a100');
  assert.equal(lines, ['zz-a100:', 'profiles: [rack, "zz-a100"]', 'profiles: [zz-a100]', '- zz-a100']);
  assert.is(after.replaceAll('zz-a100', 'gpu'), before);
  assert.ok(after.includes('zz-a100'));
});

test('changes a network also in references of texts, and keeps anchors', async () => {
  const { lines, before, after } = await rename('_shared/storage.yaml', "'storage'", 'storage', 'zz_san');
  assert.equal(lines, [
    "'zz_san': { subnet: 10.9.0.0/24, mtu: 9000 }",
    '${site:networks.zz_san.mtu} and ${site:nodes.e-1.ip}',
    '- { name: eno2, mac: 52:54:00:01:02:01, network: zz_san }  # storage',
    '- { name: eno2, mac: 52:54:00:02:02:01, network: &net zz_san }',
  ]);
  assert.is(after.replaceAll('zz_san', 'storage'), before);
});

test('changes a node, and only in its site', async () => {
  const { lines, before, after } = await rename('east/manifests/settings.yaml', 'nodes.e-1', 'e-1', 'zz-1');
  assert.equal(lines, ['${site:networks.storage.mtu} and ${site:nodes.zz-1.ip}', 'zz-1:']);
  assert.is(
    after.replaceAll('zz-1', 'e-1').split('\n').sort().join('\n'),
    before.split('\n').sort().join('\n'),
  );
});

test('changes a secret', async () => {
  const { lines, before, after } = await rename(
    '_shared/hardware.yaml',
    '{secret:root_password}',
    'root',
    'zz_root',
  );
  assert.equal(lines, [
    'config: { os: { ssh_authorized_keys: ["github:your_username"], password: "${secret:zz_root}" } }',
  ]);
  assert.is(after.replaceAll('zz_root', 'root_password'), before);
});

test('quotes a name that YAML reads as a number', async () => {
  const { lines } = await rename('east/site.yaml', 'mgmt:', 'mgmt', '101');
  assert.equal(lines, [
    'nics: [{ name: eno1, mac: "52:54:00:01:01:[02-03]", ip: "10.1.0.[42-43]", network: "101" }]',
    '101: { subnet: 10.1.0.0/16, gateway: 10.1.0.1, dns: [10.1.0.1], ntp: [10.1.0.1], dhcp: {} }',
  ]);
});

test('is refused, with the reason, for names that are invalid or taken, and for a range', async () => {
  assert.is(
    await refusal('east/site.yaml', 'mgmt:', 'mgmt', 'storage'),
    '_shared/storage.yaml:2:3 storage is already the name of a network, at _shared/storage.yaml:2:3',
  );
  assert.is(
    await refusal('east/site.yaml', 'mgmt:', 'mgmt', 'My Net'),
    'east/site.yaml:6:3 My Net is not a name of a network: it must be a name of at most 63 lower-case letters and digits, with - and _ inside',
  );
  assert.is(
    await refusal('east/nodes/e-1.yaml', 'e-1:', 'e-1', 'e-3'),
    'east/nodes/e-1.yaml:8:3 e-3 is already the name of a node, at east/nodes/e-1.yaml:8:3',
  );
  assert.is(
    await refusal('east/nodes/e-1.yaml', 'e-1:', 'e-1', 'n[1-2]'),
    'east/nodes/e-1.yaml:2:3 n[1-2] is not a name of a node: it must be a host name such as harv-1: lower-case letters, digits and -, not digits alone',
  );
  assert.is(
    await refusal('east/nodes/e-1.yaml', 'e-[2-3]:', 'e-', 'n'),
    'east/nodes/e-1.yaml:8:3 e-[2-3] is in the range e-[2-3]: edit the range, or list its nodes one by one',
  );
  assert.is(
    await refusal('west/site.yaml', '{secret:west_token}', 'west', 'west-token'),
    'west/site.yaml:9:45 west-token is not a name of a secret: it must be lower-case letters, digits and _, with a letter first',
  );
  assert.is(
    await refusal('west/site.yaml', '../_shared/storage', 'storage', 'x'),
    'west/site.yaml:4:3 only nodes, profiles, networks and secrets can be renamed',
  );
  assert.is(
    await refusal('west/site.yaml', 'gateway', 'gateway', 'x'),
    'west/site.yaml:8:32 only nodes, profiles, networks and secrets can be renamed',
  );
});

test('is refused for a node that is in a range of another file', async () => {
  const text = `${SHARED_SITES['east/manifests/settings.yaml']}`.replace('nodes.e-1', 'nodes.e-2');
  const sites = { ...SHARED_SITES, 'east/manifests/settings.yaml': text };
  assert.is(
    await refusal('east/manifests/settings.yaml', 'nodes.e-2', 'e-2', 'n', sites),
    'east/nodes/e-1.yaml:8:3 e-2 is in the range e-[2-3]: edit the range, or list its nodes one by one',
  );
});

test('is refused where it could be incomplete: errors of syntax, no definition, a text of two names', async () => {
  const broken = { ...SHARED_SITES, 'east/nodes/e-1.yaml': `${SHARED_SITES['east/nodes/e-1.yaml']}  x: [\n` };
  assert.is(
    await refusal('east/site.yaml', 'mgmt:', 'mgmt', 'lan', broken),
    'east/nodes/e-1.yaml:1:1 this file has errors of syntax, which may hide the name: fix them first',
  );
  const west = SHARED_SITES['west/site.yaml'] ?? '';
  const undefinedName = { ...SHARED_SITES, 'west/site.yaml': west.replace('&net storage', 'san') };
  assert.is(
    await refusal('west/site.yaml', 'network: san', 'san', 'lan', undefinedName),
    'west/site.yaml:17:54 no file defines the network san: define it first',
  );
  const twofold = west
    .replace('nodes:', 'tenants: { storage: { network: &net storage } }\nnodes:')
    .replace('network: &net storage }\n', 'network: storage }\n    tenant: *net\n');
  assert.is(
    await refusal('_shared/storage.yaml', "'storage'", 'storage', 'lan', {
      ...SHARED_SITES,
      'west/site.yaml': twofold,
    }),
    'west/site.yaml:10:37 an alias also uses this text as another name: write the names without the alias',
  );
});

test('offers the name without its quotes', async () => {
  const folder = writeFiles(scratchFolder(), SHARED_SITES);
  const texts = await siteTexts(SITES.map((site) => join(folder, site)));
  const at = renameTargetAt(texts, join(folder, '_shared/storage.yaml'), 13);
  assert.equal([at.name, at.source.text.slice(at.start, at.end)], ['storage', 'storage']);
});

test('of random sites changes nothing but the name, and back it is the same text', async () => {
  const seen = new Map<string, number>();
  const scratch = scratchFolder();
  let cases = 0;
  await fc.assert(
    fc.asyncProperty(sitePlan, fc.nat(), async (plan, pick) => {
      cases += 1;
      const files = filesOf(plan);
      const folder = writeFiles(join(scratch, String(cases)), files);
      const site = join(folder, 'plant');
      const before = await summaries([site]);
      const texts = await siteTexts([site]);
      const names = (texts.sitesOf(join(site, 'site.yaml'))[0] ?? []).flatMap((path) => {
        const source = texts.source(path);
        return (source ? namesIn(source).occurrences : [])
          .filter(({ of, name }) => NEW[of] !== undefined && !name.includes('['))
          .map((one) => ({ ...one, path }));
      });
      const chosen = names[pick % names.length];
      if (!chosen) return;
      const to = NEW[chosen.of] ?? '';
      let edits: ReturnType<typeof renamed>;
      try {
        edits = renamed(texts, chosen.path, chosen.start, to, folder);
      } catch (error) {
        assert.instance(error, EditRefusal);
        assert.match((error as Error).message, /is in the range/);
        return;
      }
      seen.set(chosen.of, (seen.get(chosen.of) ?? 0) + 1);
      for (const [path, content] of withEdits(edits)) writeFileSync(path, content);
      const after = await summaries([site]);
      assert.is(
        sorted(after, to, chosen.name),
        sorted(before, chosen.name, chosen.name),
        `${chosen.of} ${chosen.name}`,
      );
      const again = await siteTexts([site]);
      const [first] = names.filter(({ path, start }) => path === chosen.path && start === chosen.start);
      const source = again.source(chosen.path);
      const there =
        source && namesIn(source).occurrences.find(({ of, name }) => of === first?.of && name === to);
      const back = withEdits(renamed(again, chosen.path, there?.start ?? -1, chosen.name, folder));
      for (const [path, content] of back) assert.is(content, files[path.slice(folder.length + 1)], path);
      assert.equal([...back.keys()].sort(), [...withEdits(edits).keys()].sort());
    }),
    { seed: SEED, numRuns: runs(40), endOnFailure: true, includeErrorInReport: true },
  );
  assert.equal([...seen.keys()].sort(), Object.keys(NEW).sort());
});

const NEW: Readonly<Record<string, string>> = {
  nodes: 'zzrenamed',
  profiles: 'zzrenamed',
  networks: 'zzrenamed',
  secrets: 'zzrenamed',
};

/** Names are part of other words, so both sides lose the name everywhere; lists are sorted by name. */
function sorted(text: string, from: string, name: string): string {
  return text
    .replaceAll(from, '@')
    .replaceAll(name, '@')
    .split('\n')
    .map((line) => line.replace(/,$/, ''))
    .sort()
    .join('\n');
}

function filesOf(plan: SitePlan): Files<string> {
  return written(spread(buildSite(plan).inventory, plan.style), plan.style);
}

test.run();
