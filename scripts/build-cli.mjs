// Bundles the command line into one file of dist/, with the packages that it needs and their licences; and has V8 compile
// it once for all.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['dist/cli.js'],
  outfile: 'dist/harvgen.cjs',
  write: false,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Names stay, for those who read a stack. Without blanks, and in ASCII, there is less to read at every start.
  minifyWhitespace: true,
  minifySyntax: true,
  charset: 'ascii',
  supported: { 'dynamic-import': false },
  // One function, which bin/harvgen.js calls.
  banner: {
    js: `(function (module, require, __filename) {
'use strict';
const __url = require('node:url').pathToFileURL(__filename).href;`,
  },
  footer: { js: '})' },
  define: { 'import.meta.url': '__url' },
  legalComments: 'none',
  metafile: true,
});
const [{ text }] = outputFiles;
const digest = createHash('sha256').update(text).digest('hex');
writeFileSync(join(root, 'dist', 'harvgen.cjs'), `${text}//${digest}`);
writeFileSync(join(root, 'dist', 'LICENSES.txt'), licences(Object.keys(metafile.inputs)));
// What it says as it runs is nobody's concern, unless it fails.
execFileSync(process.execPath, [join(root, 'scripts', 'build-code-cache.mjs')], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});

/** The licences of the packages that files of node_modules are of. */
function licences(files) {
  const folders = files.map((file) => /^node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]);
  return [...new Set(folders)]
    .filter((folder) => folder !== undefined)
    .sort()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e/i.test(one));
      if (!file) throw new Error(`${folder} has no licence to go with it`);
      return `${name} ${version}\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
