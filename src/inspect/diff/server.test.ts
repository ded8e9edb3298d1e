import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Tree } from '../../tree/tree.ts';
import { plan } from './plan.ts';

const test = suite('the plan of what reads copies of the tree, or its URLs');

async function treeOf(...edits: readonly Edit[]): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(edited(LINUX_PLANT, ...edits)));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** The texts of the changes of one kind, from one site to another and back. */
async function bothWays(what: string, from: readonly Edit[], to: readonly Edit[]): Promise<string[][]> {
  const [old, now] = [await treeOf(...from), await treeOf(...to)];
  return [plan(old, now), plan(now, old)].map(({ changes }) =>
    changes.filter((change) => change.what === what).map(({ text }) => text),
  );
}

const bmc = (said: string): Edit => ['nid: 1,', `nid: 1, bmc: { ${said} },`];

test('powerman and ConMan go on with the controllers that they know until they are told', async () => {
  const address = bmc('address: 10.1.0.101');
  const other = 'install ops/powerman.conf again, and restart it';
  const console = 'install ops/conman.conf again behind its credentials, and restart it';
  const again = [`where powerman runs, ${other}`, `where conman runs, ${console}`];
  assert.equal(await bothWays('ops', [address], [bmc('address: 10.1.0.102')]), [again, again]);
  const [come, gone] = await bothWays('ops', [], [address]);
  assert.equal(
    come,
    again.map((text) => text.replace(' again', '')),
  );
  assert.equal(gone, [
    'where powerman runs, take what it has of ops/powerman.conf away, and restart it',
    'where conman runs, take what it has of ops/conman.conf away, and restart it',
  ]);
  // Where it is reached is the same.
  assert.equal(await bothWays('ops', [address], [bmc('address: 10.1.0.101, mac: "b4:2e:99:a6:61:f1"')]), [
    [],
    [],
  ]);
});

test("OpenCHAMI's URLs are answered, or not any more", async () => {
  const compat: Edit = ['url: http://10.1.0.1', 'url: http://10.1.0.1\n  compat: [ochami]'];
  const urls = "the URLs of OpenCHAMI's BSS, SMD and cloud-init server are";
  assert.equal(await bothWays('compat', [], [compat]), [
    [`${urls} answered now`],
    [`${urls} not answered any more: who asks there gets 404`],
  ]);
});

test.run();
