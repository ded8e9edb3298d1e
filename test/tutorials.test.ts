// needs: bash git openssl
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN } from './support/cli.ts';
import { scratchFolder } from './support/scratch.ts';

/*
 * Follows each tutorial in a repository with the sample sites. A block `yaml site` becomes the site's file, and a block
 * `sh tutorial` runs. The commands before a block `text tutorial` print its text. The README of the output tree contains each
 * block `sh deploy`, apart from comments.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const test = suite('the tutorials');

/** Replaces npx, which takes five times as long as the command line that it starts. */
const NPX = `#!/bin/sh\nshift\nexec ${process.execPath} ${BIN} "$@"\n`;

for (const page of readdirSync(join(root, 'docs/tutorials'))) {
  test(page, () => {
    const home = repository();
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
        output = run(text, home);
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

/** Creates a repository with the sample sites and a stand-in for npx. */
function repository(): string {
  const home = scratchFolder();
  cpSync(join(root, 'sites'), join(home, 'sites'), { recursive: true });
  symlinkSync(join(root, 'schema'), join(home, 'schema'));
  mkdirSync(join(home, 'bin'));
  writeFileSync(join(home, 'bin/npx'), NPX, { mode: 0o755 });
  execFileSync('git', ['init', '--quiet'], { cwd: home });
  return home;
}

/** Runs commands, and returns what they print. */
function run(commands: string, cwd: string): string {
  const PATH = `${join(cwd, 'bin')}:${dirname(process.execPath)}:${process.env.PATH}`;
  const user = ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'x'],
    [`GIT_${who}_EMAIL`, 'x@example.org'],
  ]);
  const env = { ...process.env, PATH, HOME: cwd, ...Object.fromEntries(user) };
  return execFileSync('bash', ['-euo', 'pipefail', '-c', `exec 2>&1\n${commands}`], {
    cwd,
    env,
    encoding: 'utf8',
  });
}
