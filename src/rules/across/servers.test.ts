import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, plantCalled } from '../../../test/support/plant.ts';
import { scratchFolder, writeFiles } from '../../../test/support/scratch.ts';
import { compileSites } from '../../compile-sites.ts';
import { podsInTwoSites } from './servers.ts';

const test = suite(podsInTwoSites.code);

/** Compiles three sites, of which two have one name but for its hyphen; gives what the rule says. */
async function finds(ofSecond: string): Promise<string[]> {
  const pods = (text: string, said: string) =>
    edited(text, ['server:\n', `server:\n  kubernetes: ${said}\n`]);
  const home = writeFiles(scratchFolder(), {
    'a-b/site.yaml': pods(plantCalled('a-b', 1), '{ media_claim: media }'),
    'a_b/site.yaml': pods(plantCalled('a_b', 2), ofSecond),
    'c/site.yaml': pods(plantCalled('c', 3), '{ media_claim: media, namespace: harvgen-a-b }'),
  });
  const { diagnostics } = await compileSites(['a-b', 'a_b', 'c'].map((site) => `${home}/${site}`));
  return diagnostics.flatMap(({ code, message }) => (code === podsInTwoSites.code ? message : []));
}

test('says that two sites are one to Kubernetes', async () => {
  assert.equal(await finds('{ media_claim: media }'), [
    'The pods of a_b and of a-b are both called harvgen-a-b/harvgen-a-b.',
  ]);
});

test('sites of other namespaces, and others of one, are right', async () => {
  assert.equal(await finds('{ media_claim: media, namespace: other }'), []);
});

test.run();
