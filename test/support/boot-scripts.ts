import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { fileText } from './file-text.ts';
import { makeSite, scratchFolder, writeFiles } from './scratch.ts';

/** Writes a script of a site's output tree, without its directory, and other files to a new folder. Returns the folder. */
export async function writeScript(
  site: string,
  name: string,
  others: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { tree, diagnostics } = await compile(makeSite(site));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return writeFiles(scratchFolder(), { [name]: fileText(tree, `scripts/${name}`) ?? '', ...others });
}

/** Runs a script in a folder, with these variables only. Its lines are sorted. */
export async function runScript(
  folder: string,
  [name, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string | undefined>>,
  input = '',
) {
  const child = spawn('bash', [join(folder, name), ...args], { env });
  child.stdin.on('error', () => {}); // it can exit before it reads the input
  child.stdin.end(input);
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  return { status, stdout, stderr, lines: (stdout + stderr).trim().split('\n').sort() };
}
