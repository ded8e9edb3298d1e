// needs: bash git openssl
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { outputOf, preparedCopy } from './support/docs.ts';

/*
 * Follows each tutorial in a copy of the sources. A block `yaml site` becomes the site's file, and a block
 * `sh tutorial` runs. The commands before a block `text tutorial` print its text. The README of the output tree contains each
 * block `sh deploy`, apart from comments.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const test = suite('the tutorials');

for (const page of readdirSync(join(root, 'docs/tutorials'))) {
  test(page, () => {
    const home = preparedCopy();
    let site = '';
    let output = '';
    const deployed: string[] = [];
    let compared = 0;
    for (const [info, text] of fencesOf(readFileSync(join(root, 'docs/tutorials', page), 'utf8'))) {
      if (info === 'yaml site') {
        site = /^site: (.*)$/m.exec(text)?.[1] ?? '';
        assert.ok(existsSync(join(home, 'sites', site, 'site.yaml')), 'the site was created before');
        writeFileSync(join(home, 'sites', site, 'site.yaml'), text);
      } else if (info === 'sh tutorial') {
        output = outputOf(`exec 2>&1\n${text}`, home);
        site = /sites\/(\w+)\n/.exec(text)?.[1] ?? site;
      } else if (info === 'text tutorial') {
        compared += 1;
        assert.ok(output.includes(text.trimEnd()), output);
      } else if (info === 'sh deploy') deployed.push(text);
    }
    assert.ok(compared > 1);
    const readme = readFileSync(join(home, 'out', site, 'README.md'), 'utf8');
    const blocks = fencesOf(readme).map(([, text]) => text.replace(/^#.*\n/gm, ''));
    assert.ok(deployed.length > 3);
    for (const text of deployed) assert.ok(blocks.includes(text), text);
  });
}

test.run();

/** Returns the fenced blocks of a page in their order: the text behind the fence, and the lines. */
function fencesOf(page: string): (readonly [info: string, text: string])[] {
  return Array.from(page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm), ([, info = '', text = '']) => [info, text]);
}
