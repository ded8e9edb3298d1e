import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgenWarm } from './support/cli.ts';
import { LINUX_PLANT } from './support/linux-plant.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('harvgen import --into a site that exists');

/** Imports a table into a site. */
function into(site: string, table: string, ...more: string[]) {
  const folder = makeSite(site);
  const file = join(folder, '..', 'machines.csv');
  writeFileSync(file, table);
  const run = harvgenWarm(['import', 'csv', file, '--into', folder, ...more], join(folder, '..'));
  return { ...run, folder, text: readFileSync(join(folder, 'site.yaml'), 'utf8') };
}

const HEAD = 'name,mac,ip,groups\n';

test('adds the new machines, and leaves the nodes of the site as they are', () => {
  const known = 'other-name,52:54:00:aa:01:02,192.168.178.99,\n';
  const fresh = 'harv-4,52:54:00:aa:01:04,192.168.178.44,rack2\n';
  const { code, stdout, stderr, text } = into(PLANT, HEAD + known + fresh);
  assert.is(code, 0, stderr);
  assert.is(text, `${PLANT}  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44 }\n`);
  assert.match(stdout, /site\.yaml:\d+:\d+ harv-4: mac, ip\n$/);
  assert.match(stderr, 'harvgen: other-name: it is the node harv-2 of plant, which stays as it is\n');
  assert.match(stderr, 'harvgen: harv-4: not added, because the site decides it or it is open: groups\n');
  assert.not.match(stderr, 'to complete');
  const again = into(text, HEAD + known + fresh);
  assert.equal(
    [again.code, again.text, again.stdout],
    [0, text, 'plant: the files have no machine that is not in the site\n'],
  );
});

test('machines that the import would write as a range are added one by one', () => {
  const rows = Array.from(
    { length: 8 },
    (_, index) => `harv-${index + 2},52:54:00:aa:01:0${index + 2},192.168.178.${index + 42},\n`,
  );
  const { code, stderr, text } = into(PLANT, HEAD + rows.join(''));
  assert.is(code, 0, stderr);
  assert.match(text, /\n {2}harv-4: \{ mac: 52:54:00:aa:01:04, ip: 192.168.178.44 \}\n/);
  assert.match(text, /\n {2}harv-9: \{ mac: 52:54:00:aa:01:09, ip: 192.168.178.49 \}\n/);
});

test('the name of another node is an error, and nothing is saved', () => {
  const { code, stderr, text } = into(PLANT, `${HEAD}harv-2,52:54:00:aa:01:09,192.168.178.49,\n`);
  assert.equal(
    [code, stderr.split('\n').at(-2), text],
    [
      1,
      'harvgen: plant has another node harv-2, with another MAC address: rename one of them; nothing was saved',
      PLANT,
    ],
  );
});

test('nothing is saved if the site would have an error', () => {
  const { code, stderr, text } = into(PLANT, `${HEAD}harv-4,52:54:00:aa:01:04,192.168.178.41,\n`);
  assert.equal([code, text], [1, PLANT]);
  assert.match(stderr, 'nothing was saved');
});

test('a machine of a site without a cluster has the profiles of most nodes, or those of --profile', () => {
  const table = `${HEAD}c9,52:54:00:aa:01:09,10.1.0.99,\n`;
  assert.match(into(LINUX_PLANT, table).text, 'profiles: [compute]');
  const two = into(LINUX_PLANT, table, '--profile', 'compute', '--profile', 'grub');
  assert.match(two.text, 'profiles: [compute, grub]');
  const unknown = into(LINUX_PLANT, table, '--profile', 'computer');
  assert.match(unknown.stderr, '--profile computer: the site has no such profile; did you mean compute?');
  assert.is(unknown.text, LINUX_PLANT);
});

test('options for new sites are refused', () => {
  const { stderr } = into(PLANT, HEAD, '--secrets-to', 'x.yaml');
  assert.is(
    stderr.split('\n')[0],
    'harvgen: --secrets-to is for new sites: --into adds machines to one that exists, without secrets',
  );
});

test('comments of the site stay', () => {
  const site = edited(PLANT, ['nodes:\n', 'nodes: # the rack\n']);
  assert.match(into(site, `${HEAD}harv-4,52:54:00:aa:01:04,192.168.178.44,\n`).text, 'nodes: # the rack\n');
});

test.run();
