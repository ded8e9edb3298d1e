import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bigPlant } from '../../test/support/big-plant.ts';
import { CLUSTER, CLUSTERS, resolvedFrom } from '../../test/support/resolved.ts';
import type { Site } from '../site/model.ts';
import { markOf } from '../source/marks.ts';
import { marksOf } from './config-marks.ts';

const test = suite('the marks of a site');

/** The marks of a site, which are those of each node alone: one alone is like no other. */
function marksIn(site: Site): string[] {
  const alone = site.nodes.flatMap((node) => marksOf({ ...site, nodes: [node] }));
  const marks = marksOf(site).map(markOf);
  assert.equal(marks, [...new Set(alone.map(markOf))].sort());
  return marks;
}

test('are those of each node, where nodes are alike and where one of them is not', async () => {
  const plain = bigPlant(40, '${secret:cluster_token}');
  assert.equal(marksIn(await resolvedFrom(plain)), ['@@secret:cluster_token@@']);
  const own = plain.replace(/(node-17: \{.*?) \}/, '$1, config: { os: { password: "${secret:own}" } } }');
  assert.equal(marksIn(await resolvedFrom(own)), ['@@secret:cluster_token@@', '@@secret:own@@']);
});

test('are those of every cluster, whose members say the same', async () => {
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

test.run();
