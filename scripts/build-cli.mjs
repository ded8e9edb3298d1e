// Bundles the command line into the few files of dist/cli/, which bin/harvgen.js runs, with the packages that it needs and
// their licences; and has V8 compile them once for all.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'dist', 'cli');
mkdirSync(out);

/** What building and checking do not need. */
const OTHER_COMMANDS = /^\.\/commands\/(?!build\.js|check\.js)/;
/** Packages, but the one that every command needs; and what finds faults of shape, a megabyte. */
const PARTS = /^(?!node:|cac$)[a-z@]|^\.\/shape-validator\.js$/;
/** What Node has and takes its time to load. */
const NODES = /^node:(child_process|fs\/promises|os|timers\/promises|worker_threads|zlib)$/;

/** What the programs load at the first use of it, as files of their own: where each is imported from, by its file. */
const parts = new Map();
const inputs = new Set();

await bundle('harvgen.cjs', 'dist/cli.js', [inParts(PARTS)]);
await bundle('build.cjs', 'dist/cli.js', [inParts(PARTS), without(OTHER_COMMANDS)]);
for (const [file, path] of parts) await bundle(file, path, []);
writeFileSync(join(out, 'LICENSES.txt'), licences());
// What it says as it runs is nobody's concern, unless it fails.
execFileSync(process.execPath, [join(root, 'scripts', 'build-code-cache.mjs')], { cwd: root, stdio: 'pipe' });

async function bundle(file, entry, plugins) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
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
const exports = module.exports, __url = require('node:url').pathToFileURL(__filename).href;`,
    },
    footer: { js: '})' },
    define: { 'import.meta.url': '__url' },
    legalComments: 'none',
    metafile: true,
    plugins,
  });
  for (const input of Object.keys(metafile.inputs)) inputs.add(input);
  const [{ text }] = outputFiles;
  // esbuild leaves expressions as they are written, and bin/harvgen.js reads one byte for one character.
  const [beyond] = text.match(/.{0,40}[^\0-\x7f]/) ?? [];
  if (beyond) throw new Error(`${file} is to be ASCII; write this with \\u: ${beyond}`);
  const digest = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(out, file), `${text}//${digest}`);
}

/**
 * Leaves what harvgen's own code imports by such names out of a program, for a file of its own that is loaded at the first
 * use of what it exports: most runs use none of it.
 */
function inParts(isPart) {
  return {
    name: 'in parts',
    setup({ onResolve, onLoad, resolve }) {
      onResolve({ filter: /./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === 'resolving' || !importer.startsWith(join(root, 'dist'))) return undefined;
        if (NODES.test(path)) return { path, namespace: 'part' };
        if (!isPart.test(path)) return undefined;
        const found = await resolve(path, { resolveDir, kind, pluginData: 'resolving' });
        return { path: found.path, namespace: 'part', pluginData: `${path.replace(/^\.\/|\.js$/g, '')}.cjs` };
      });
      onLoad({ filter: /./, namespace: 'part' }, async ({ path, pluginData: file }) => {
        if (!file) return { contents: `module.exports = ${await exportsOf(path, `require('${path}')`)};` };
        parts.set(file.replaceAll('/', '-'), path);
        return {
          contents: `module.exports = ${await exportsOf(path, `require('./${file.replaceAll('/', '-')}')`)};`,
        };
      });
      onResolve({ filter: /./, namespace: 'part' }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** The exports of a module by getters, which load it; where it is one function, this itself. */
async function exportsOf(path, load) {
  const names = Object.keys(await import(path)).filter(
    (name) => name !== 'default' && name !== 'module.exports',
  );
  return names.length > 0
    ? `{ ${names.map((name) => `get ${name}() { return ${load}.${name}; }`).join(', ')} }`
    : load;
}

/** Leaves modules out that a program never comes to where it would load them. */
function without(unused) {
  return {
    name: 'without',
    setup({ onResolve }) {
      onResolve({ filter: /./ }, ({ path, kind }) =>
        kind === 'dynamic-import' && unused.test(path) ? { path, external: true } : undefined,
      );
    },
  };
}

/** The licences of the packages that all files are of. */
function licences() {
  const folders = [...inputs].map((file) => /^node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]);
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
