import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { wholeFile } from '../inventory/disk.ts';
import type { Server } from '../site/model-server.ts';
import { Report } from '../source/diagnostics/report.ts';
import { located } from '../source/origin.ts';
import { checkOwnPaths } from './emit.ts';

const test = suite("the paths of a site's own files");

const MADE = [
  { path: 'README.md', template: 'readme/README.md' },
  { path: 'scripts/fetch-media.sh', template: 'scripts/fetch-media.sh' },
  { path: 'www/inventory.json' },
];

/** A boot server that has Harvester's files itself, or has them elsewhere. */
const serverWith = (path?: string) =>
  ({ media: { url: 'http://mirror', path }, compat: [] }) as unknown as Server;

/** What is said of files by their paths, in their order, in a tree of the files above. */
function said(...paths: string[]): unknown[] {
  return saidBy(serverWith(), paths);
}

/** What is said of files by their paths, in their order, where a site has this boot server. */
function saidBy(server: Server, paths: readonly string[]): unknown[] {
  const report = new Report();
  const content = new Uint8Array();
  const files = paths.map((path) =>
    located({ path, content, executable: false }, wholeFile(`/files/${path}`)),
  );
  checkOwnPaths({ files, server, groups: [] }, MADE, report);
  return report.sorted().map(({ code, message, at, help, related = [] }) => {
    assert.ok(help);
    return [
      at.source.file,
      code,
      message,
      ...related.map((other) => `${other.message} ${other.at.source.file}`),
    ];
  });
}

const conflict = (path: string, message: string, ...related: string[]) => [
  `/files/${path}`,
  'file-conflict',
  message,
  ...related,
];
const alike = (one: string, other: string) =>
  `${one} and ${other} are one name to file systems that do not tell case or the ways to write a letter.`;

test('any that nobody else has is right', () => {
  assert.equal(
    said(
      'a',
      'b/c',
      'b/d',
      'scripts/mine.sh',
      'www/x/y',
      'README',
      '.harvgen2',
      'www/manifest.json',
      'x/.harvgen/y',
    ),
    [],
  );
});

for (const [path, message] of [
  ['README.md', 'harvgen makes README.md itself, and the tree has one file of a name.'],
  ['www/inventory.json', 'harvgen makes www/inventory.json itself, and the tree has one file of a name.'],
  ['manifest.json', 'harvgen makes manifest.json itself, and the tree has one file of a name.'],
  ['.harvgen', ".harvgen is harvgen's own folder in the tree."],
  ['.harvgen/a/b', ".harvgen is harvgen's own folder in the tree."],
  ['.Harvgen/a', alike('.Harvgen', '.harvgen')],
  ['README.md/a', 'README.md is a file of the tree, and cannot be a folder, too.'],
  ['scripts', 'scripts is a folder of the tree, and cannot be a file, too.'],
  ['readme.md', alike('readme.md', 'README.md')],
  ['Scripts/mine.sh', alike('Scripts', 'scripts')],
  ['WWW', alike('WWW', 'www')],
] as const) {
  test(`${path} is refused`, () => {
    assert.equal(said(path), [conflict(path, message)]);
  });
}

test('two that differ in case, or in how a letter is written, are refused, and both named', () => {
  assert.equal(said('a/B', 'a/b'), [conflict('a/b', alike('a/b', 'a/B'), 'a/B is at /files/a/B')]);
  const [composed, decomposed] = ['\u00e4', 'a\u0308'];
  assert.equal(said(decomposed, composed), [
    conflict(composed, alike(composed, decomposed), `${decomposed} is at /files/${decomposed}`),
  ]);
  assert.equal(said(`${decomposed}/x`, `${composed}/y`), [
    conflict(`${composed}/y`, alike(composed, decomposed), `${decomposed} is at /files/${decomposed}/x`),
  ]);
});

test('the help names the template to override, where there is one', () => {
  const help = (path: string) => {
    const report = new Report();
    const file = located({ path, content: new Uint8Array(), executable: false }, wholeFile(path));
    checkOwnPaths({ files: [file], server: serverWith(), groups: [] }, MADE, report);
    return report.sorted()[0]?.help;
  };
  assert.is(help('README.md'), 'say by a template of your own what it makes: templates/readme/README.md.eta');
  assert.is(
    help('www/inventory.json'),
    'rename it; what harvgen makes there follows from the inventory alone',
  );
});

test('what nginx serves from elsewhere is refused', () => {
  const paths = ['www/loader/a', 'www/harvester/v1.4.1/b', 'www/loaders/c', 'loader/d'];
  assert.equal(saidBy(serverWith('/srv/media'), paths), [
    [
      '/files/www/harvester/v1.4.1/b',
      'file-not-served',
      'Below /harvester/ nginx serves what lies beside the tree: this file would stand in its way.',
    ],
    [
      '/files/www/loader/a',
      'file-not-served',
      'Below /loader/ nginx serves what lies beside the tree: this file would stand in its way.',
    ],
  ]);
  assert.equal(said('www/harvester/v1.4.1/b'), [], 'nginx does not serve it from elsewhere');
});

test('what is hidden and would be public is refused, a folder of it once', () => {
  const hidden = (path: string, part: string) => [
    `/files/${path}`,
    'file-hidden',
    `${part} would be public: nginx hands out all below www/ to anybody, and what begins with a dot is seldom meant.`,
  ];
  assert.equal(
    said('.env', 'www/.env', 'www/.ssh/id', 'www/.ssh/known', 'www/.well-known/security.txt', 'x/.y'),
    [hidden('www/.env', 'www/.env'), hidden('www/.ssh/id', 'www/.ssh')],
  );
});

test.run();
