import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from '../src/cli/main.ts';
import { blocksOf } from './support/markdown.ts';

const page = readFileSync(fileURLToPath(new URL('../docs/reference/cli.md', import.meta.url)), 'utf8');
const test = suite('docs/reference/cli.md');

test('every example is a valid command line, also those that need other files', () => {
  const lines = ['sh', 'sh example'].flatMap((info) => blocksOf(page, info)).join('');
  const commands = lines.match(/(?<=\bnpx harvgen ).*?(?= \||$)/gm) ?? [];
  assert.ok(commands.length > 20);
  for (const command of commands) {
    const words = Array.from(
      command.matchAll(/'([^']*)'|(\S+)/g),
      ([, quoted, word]) => quoted ?? word ?? '',
    );
    assert.is(parse(words).matchedCommand?.name, words[0], command);
  }
});

test('every block of commands is run or checked', () => {
  const infos = Array.from(page.matchAll(/^```(.+)$/gm), ([, info]) => info);
  assert.equal([...new Set(infos)].sort(), ['sh', 'sh example', 'text']);
});

test.run();
