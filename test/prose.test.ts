// needs: git
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder, writeFiles } from './support/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const GUIDE = 'docs/contributing/writing.md';
const CHECK = 'scripts/check-prose.mjs';
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const test = suite('the linter of words and sentences');

/** Returns the lines that the linter prints for one file of a repository that has the linter and the guide. */
function findings(path: string, text: string): string[] {
  const folder = writeFiles(scratchFolder(), { [CHECK]: read(CHECK), [GUIDE]: read(GUIDE), [path]: text });
  execFileSync('git', ['init', '-q'], { cwd: folder });
  execFileSync('git', ['add', '-A'], { cwd: folder });
  const { status, stdout } = spawnSync(process.execPath, [join(folder, CHECK), join(folder, path)], {
    encoding: 'utf8',
  });
  const lines = stdout.trimEnd().split('\n');
  assert.is(lines.pop(), `1 files, ${lines.length} findings`);
  assert.is(status, lines.length > 0 ? 1 : 0);
  return lines;
}

const LONG = `The node ${'boots and '.repeat(15)}stops.`;

test('a page: a word of the table, the beginning of a sentence, and its length', () => {
  const page = `# Nodes\n\nThe file says it.\nWhat is left is code.\n\n- ${LONG}\n\n\`says\`\n\n\`\`\`sh\nsays\n\`\`\`\n`;
  assert.equal(findings('docs/planted.md', page), [
    'docs/planted.md:3: "says": write sets or contains (a file), reports or prints (a program), is set',
    'docs/planted.md:3: a sentence begins with "What": begin with the subject',
    `docs/planted.md:6: a sentence of 33 words: ${LONG.slice(0, 60)}…`,
  ]);
});

test('a question may begin with What', () => {
  assert.equal(findings('docs/planted.md', 'What does the boot server need? It needs nginx.\n'), []);
});

test('code: comments, messages and templates of strings, but no identifiers', () => {
  const code = [
    '/** Gives the MAC address. */',
    'export const says = 1; // a fault of the file',
    "const message = 'The node is none of them.';",
    'const help = `write ${says} anew`;',
    "const key = 'said';",
    '',
  ].join('\n');
  assert.equal(
    findings('src/planted.ts', code).map((line) => line.replace(/: write .*/, '')),
    [
      'src/planted.ts:1: "Gives"',
      'src/planted.ts:2: "fault"',
      'src/planted.ts:3: "is none"',
      'src/planted.ts:4: "anew"',
    ],
  );
});

test('the descriptions of a schema', () => {
  const [found = '', ...others] = findings(
    'schema/planted.json',
    '{\n  "description": "The licence of the file."\n}\n',
  );
  assert.match(found, /^schema\/planted\.json:2: "licence"/);
  assert.equal(others, []);
});

test('the comments of a template or script, and the lines that it prints', () => {
  const script = '# the box\nsays=1\necho "trying anew"\n';
  for (const path of ['src/planted.sh', 'src/planted.sh.eta'])
    assert.equal(
      findings(path, script).map((line) => line.replace(/: write .*/, '')),
      [`${path}:1: "the box"`, `${path}:3: "anew"`],
    );
});

test('American spelling, with the words of the field', () => {
  const path = 'docs/planted.md';
  const folder = writeFiles(scratchFolder(), { [path]: 'The colour of iPXE and dnsmasq is an adress.\n' });
  const options = ['--no-progress', '--no-summary', '--words-only', '--config', join(root, 'cspell.json')];
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/cspell/bin.mjs'), 'lint', ...options, '--root', folder, path],
    { cwd: folder, encoding: 'utf8' },
  );
  assert.is(stdout, 'colour\nadress\n');
  assert.is(status, 1);
});

test.run();
