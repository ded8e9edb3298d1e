import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { wholeFile } from '../inventory/disk.ts';
import type { Server } from '../site/model-server.ts';
import { Report } from '../source/diagnostics/report.ts';
import { located } from '../source/origin.ts';
import { checkOwnPaths } from './emit.ts';

const test = suite('the paths of site files');

const MADE = [
  { path: 'README.md', template: 'readme/README.md' },
  { path: 'scripts/fetch-media.sh', template: 'scripts/fetch-media.sh' },
  { path: 'www/inventory.json' },
];

/** A boot server with the installation media in a separate directory, or on a mirror. */
const serverWith = (path?: string) =>
  ({ media: { url: 'http://mirror', path }, compat: [] }) as unknown as Server;

/** Returns the diagnostics for site files with these paths, in order, in a tree of the files above. */
function reported(...paths: string[]): unknown[] {
  return reportedWith(serverWith(), paths);
}

/** Returns the diagnostics for site files with these paths, in order, on a site with this boot server. */
function reportedWith(server: Server, paths: readonly string[]): unknown[] {
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
const sameName = (one: string, other: string) =>
  `${one} and ${other} are the same name on file systems that ignore case or Unicode normalization: one file would be lost.`;

test('any unused path is valid', () => {
  assert.equal(
    reported(
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
  ['README.md', 'harvgen generates README.md itself: a site file cannot replace it.'],
  ['www/inventory.json', 'harvgen generates www/inventory.json itself: a site file cannot replace it.'],
  ['manifest.json', 'harvgen generates manifest.json itself: a site file cannot replace it.'],
  ['.harvgen', '.harvgen is reserved for harvgen in the output tree.'],
  ['.harvgen/a/b', '.harvgen is reserved for harvgen in the output tree.'],
  ['.Harvgen/a', sameName('.Harvgen', '.harvgen')],
  ['README.md/a', 'README.md is a file of the output tree: it cannot be a directory.'],
  ['scripts', 'scripts is a directory of the output tree: it cannot be a file.'],
  ['readme.md', sameName('readme.md', 'README.md')],
  ['Scripts/mine.sh', sameName('Scripts', 'scripts')],
  ['WWW', sameName('WWW', 'www')],
] as const) {
  test(`rejects ${path}`, () => {
    assert.equal(reported(path), [conflict(path, message)]);
  });
}

test('rejects two names that differ in case or Unicode normalization, and names both', () => {
  assert.equal(reported('a/B', 'a/b'), [conflict('a/b', sameName('a/b', 'a/B'), 'a/B is at /files/a/B')]);
  const [composed, decomposed] = ['\u00e4', 'a\u0308'];
  assert.equal(reported(decomposed, composed), [
    conflict(composed, sameName(composed, decomposed), `${decomposed} is at /files/${decomposed}`),
  ]);
  assert.equal(reported(`${decomposed}/x`, `${composed}/y`), [
    conflict(`${composed}/y`, sameName(composed, decomposed), `${decomposed} is at /files/${decomposed}/x`),
  ]);
});

test('the help names the template to override, if there is one', () => {
  const help = (path: string) => {
    const report = new Report();
    const file = located({ path, content: new Uint8Array(), executable: false }, wholeFile(path));
    checkOwnPaths({ files: [file], server: serverWith(), groups: [] }, MADE, report);
    return report.sorted()[0]?.help;
  };
  assert.is(
    help('README.md'),
    'change the generated file with a site template: templates/readme/README.md.eta',
  );
  assert.is(help('www/inventory.json'), 'rename it; harvgen derives that file from the inventory alone');
});

test('rejects files below URLs that nginx serves from another directory', () => {
  const paths = ['www/loader/a', 'www/harvester/v1.4.1/b', 'www/loaders/c', 'loader/d'];
  assert.equal(reportedWith(serverWith('/srv/media'), paths), [
    [
      '/files/www/harvester/v1.4.1/b',
      'file-not-served',
      'Below /harvester/, nginx serves files from outside the output tree: this file would hide one of them.',
    ],
    [
      '/files/www/loader/a',
      'file-not-served',
      'Below /loader/, nginx serves files from outside the output tree: this file would hide one of them.',
    ],
  ]);
  assert.equal(reported('www/harvester/v1.4.1/b'), [], 'nginx does not serve it from another directory');
});

test('rejects dotfiles that would be public, with one error per directory', () => {
  const hidden = (path: string, part: string) => [
    `/files/${path}`,
    'file-hidden',
    `${part} would be public: nginx serves every file below www/ to every client, including dotfiles.`,
  ];
  assert.equal(
    reported('.env', 'www/.env', 'www/.ssh/id', 'www/.ssh/known', 'www/.well-known/security.txt', 'x/.y'),
    [hidden('www/.env', 'www/.env'), hidden('www/.ssh/id', 'www/.ssh')],
  );
});

test.run();
