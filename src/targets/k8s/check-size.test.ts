import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { plainDiagnostic } from '../../source/diagnostics/json.ts';

const test = suite('the size of what ConfigMaps are to hold');

/** Compiles a site with files of its own; gives what is said of them: the end of the file's path, line and message. */
async function said(files: Readonly<Record<string, string>>, kubernetes = ''): Promise<string[]> {
  const pods = `server:\n  kubernetes: { media_claim: media${kubernetes} }\n`;
  const { diagnostics } = await compile(
    makeSite({ 'site.yaml': edited(PLANT, ['server:\n', pods]), ...files }),
  );
  return diagnostics.map((diagnostic) => {
    const { code, file, line, message } = plainDiagnostic(diagnostic, '/');
    return `${code} ${file.split('/plant/')[1]}:${line} ${message}`;
  });
}

const LARGE = { 'files/www/large.txt': 'x\n'.repeat(520_000) };

test('a file that no ConfigMap holds is said, and none of an image', async () => {
  assert.equal(await said(LARGE), [
    'kubernetes-too-large files/www/large.txt:1 www/large.txt is too large for a ConfigMap, which holds 1 MiB.',
  ]);
  assert.equal(await said(LARGE, ', image: registry.plant/boot:1'), []);
  assert.equal(await said({ 'files/large.txt': LARGE['files/www/large.txt'] }), []);
});

test('more files, or all in all more, than a cluster should keep are said', async () => {
  const many = (count: number, text: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`files/www/${index}.txt`, text]));
  assert.equal(await said(many(4000, 'x\n')), [
    'kubernetes-too-large site.yaml:5 The tree has 4010 files, and 1 MiB, for pods to serve: in ConfigMaps no more than 4000 and 16 MiB.',
  ]);
  assert.match((await said(many(17, 'x\n'.repeat(500_000))))[0] ?? '', 'and 17 MiB, for pods to serve');
  assert.equal(await said(many(15, 'x\n'.repeat(500_000))), []);
});

test.run();
