import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { HOSTILE_FILES } from '../../../test/support/hostile-files.ts';
import { renderUserData, type WrittenFile } from './cloud-init.ts';

const test = suite('the text of user-data');

const SETUP = { name: 'harvgen-plant', program: '/srv/tree/scripts/host-setup.sh', log: "/var/log/it's.log" };

const file = (content: string | Uint8Array, more: Partial<WrittenFile> = {}): WrittenFile => ({
  path: '/srv/tree/a',
  content,
  mode: 0o644,
  ...more,
});

/** Returns the entries of user-data, parsed with either version of YAML. */
function entriesOf(text: string, version: '1.1' | '1.2' = '1.2') {
  return parse(text, { version }).write_files as Record<string, string>[];
}

function bytesOf({ content = '', encoding }: Record<string, string>): Buffer {
  return Buffer.from(content, encoding === 'b64' ? 'base64' : 'utf8');
}

for (const [name, content] of Object.entries(HOSTILE_FILES)) {
  test(`${name} is read back byte by byte`, () => {
    const whole = [
      file('before\n', { path: '/a' }),
      file(content, { path: '/b' }),
      file('after\n', { path: '/c' }),
    ];
    const text = renderUserData(['x'], whole, SETUP);
    for (const version of ['1.1', '1.2'] as const) {
      const [before, here, after] = entriesOf(text, version);
      assert.ok(before && here && after);
      assert.ok(bytesOf(here).equals(Buffer.from(content)), `${version}\n${text}`);
      assert.equal([before.content, after.content], ['before\n', 'after\n']);
    }
  });
}

test('writes text unchanged, line by line, at any length', () => {
  const long = `echo ${'word '.repeat(200)}end`;
  const text = renderUserData([], [file(`#!/bin/sh\n\tif true; then\n${long}\n`)], SETUP);
  assert.match(text, `    content: |\n      #!/bin/sh\n      \tif true; then\n      ${long}\n`);
});

test('writes binary content in base64', () => {
  const [entry] = entriesOf(renderUserData([], [file(Uint8Array.of(0, 255, 1))], SETUP));
  assert.equal(entry, { path: '/srv/tree/a', permissions: '0644', encoding: 'b64', content: 'AP8B' });
});

test('writes a placeholder as in the file', () => {
  const content = 'token: "@@secret:cluster_token@@"\n';
  assert.match(renderUserData([], [file(content)], SETUP), `      ${content}`);
});

test('sorts files, and writes their modes as text', () => {
  const [b, a] = [file('b\n', { path: '/b', mode: 0o755 }), file('a\n', { path: '/a', mode: 0o640 })];
  const text = renderUserData(['x'], [b, a], SETUP);
  assert.is(text, renderUserData(['x'], [a, b], SETUP));
  assert.equal(
    entriesOf(text, '1.1').map(({ path, permissions }) => [path, permissions]),
    [
      ['/a', '0640'],
      ['/b', '0755'],
      ['/var/lib/cloud/scripts/per-boot/harvgen-plant', '0755'],
    ],
  );
});

test('begins with the line for cloud-init and a comment', () => {
  const text = renderUserData(['The content: <this>.', 'And its author.'], [file('a\n')], SETUP);
  assert.ok(
    text.startsWith('#cloud-config\n# The content: <this>.\n# And its author.\n\nwrite_files:\n'),
    text,
  );
});

test('runs the program at each boot until it succeeds, with quoted paths', () => {
  const [entry] = entriesOf(renderUserData([], [], SETUP));
  assert.equal([entry?.path, entry?.permissions], ['/var/lib/cloud/scripts/per-boot/harvgen-plant', '0755']);
  assert.match(
    entry?.content ?? '',
    `\n/srv/tree/scripts/host-setup.sh 2>&1 | tee -a '/var/log/it'\\''s.log'\n`,
  );
});

test.run();
