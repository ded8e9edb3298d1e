import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, plantCalled } from '../../../test/support/plant.ts';
import { scratchFolder, writeFiles } from '../../../test/support/scratch.ts';
import { compileSites } from '../../compile-sites.ts';

const test = suite('pods-in-two-sites');

/** Compiles three sites, two of which have the same name except for the hyphen; returns the messages of the rule. */
async function finds(ofSecond: string): Promise<string[]> {
  const pods = (text: string, kubernetes: string) =>
    edited(text, ['server:\n', `server:\n  kubernetes: ${kubernetes}\n`]);
  const home = writeFiles(scratchFolder(), {
    'a-b/site.yaml': pods(plantCalled('a-b', 1), '{ media_claim: media }'),
    'a_b/site.yaml': pods(plantCalled('a_b', 2), ofSecond),
    'c/site.yaml': pods(plantCalled('c', 3), '{ media_claim: media, namespace: harvgen-a-b }'),
  });
  const { diagnostics } = await compileSites(['a-b', 'a_b', 'c'].map((site) => `${home}/${site}`));
  return diagnostics.flatMap(({ code, message }) => (code === 'pods-in-two-sites' ? message : []));
}

test('reports two sites with one name in Kubernetes', async () => {
  assert.equal(await finds('{ media_claim: media }'), [
    'The pods of a_b and a-b have the same name, harvgen-a-b/harvgen-a-b: the last applied tree serves both sites.',
  ]);
});

test('accepts other namespaces, and other sites of one namespace', async () => {
  assert.equal(await finds('{ media_claim: media, namespace: other }'), []);
});

test.run();
