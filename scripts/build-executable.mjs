// Builds an executable of harvgen, which needs no Node, into a directory: harvgen-<platform>-<architecture>. It contains the newest release
// of Node, which makes it (`--build-sea`), and a bundle with all files that the code reads. Writes their licenses beside it. After
// `npm run build`.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { urlOfCode, VERSION } from '../dist/values/package.js';
import { nodeOf } from './nodes.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = resolve(process.argv[2] ?? '.');
const main = join(folder, 'harvgen.cjs');
await build({
  absWorkingDir: root,
  stdin: {
    // The exit code if main never returns.
    contents: `import { main } from './dist/cli/main.js';
process.exitCode = 13;
main(process.argv.slice(2)).then((code) => { process.exitCode = code; });`,
    resolveDir: root,
  },
  outfile: main,
  bundle: true,
  platform: 'node',
  target: 'node24',
  // With code compiled before, Node starts only CommonJS.
  format: 'cjs',
  minify: true,
  define: { 'import.meta.url': 'executableUrl' },
  banner: { js: "const executableUrl = require('node:url').pathToFileURL(process.execPath).href;" },
  alias: { yaml: fileURLToPath(new URL('browser/index.js', import.meta.resolve('yaml/package.json'))) },
  plugins: [{ name: 'files', setup: withFiles }],
  legalComments: 'none',
});
const config = join(folder, 'harvgen.sea.json');
const output = join(folder, `harvgen-${process.platform}-${process.arch}`);
writeFileSync(
  config,
  JSON.stringify({
    main,
    output,
    useCodeCache: true,
    disableExperimentalSEAWarning: true,
    // NODE_OPTIONS is for other programs: it must not stop this one.
    execArgvExtension: 'none',
  }),
);
execFileSync(nodeOf('latest'), ['--build-sea', config], { stdio: ['ignore', 'ignore', 'inherit'] });
for (const file of [main, config]) rmSync(file);
writeFileSync(
  `${output}.LICENSES.txt`,
  [
    join(root, 'LICENSE'),
    join(dirname(dirname(nodeOf('latest'))), 'LICENSE'),
    join(root, 'dist', 'bin', 'LICENSES.txt'),
  ]
    .map((file) => readFileSync(file, 'utf8').trim())
    .join(`\n\n${'-'.repeat(80)}\n\n`),
);
console.log(output);

/** Replaces the module that reads the files of the package. */
function withFiles({ onLoad }) {
  const texts = brotliDecompressSync(readFileSync(join(root, 'dist', 'texts.json.br'))).toString();
  onLoad({ filter: /\/dist\/values\/package\.js$/ }, () => ({
    contents: `import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
const TEXTS = ${texts};
export const VERSION = ${JSON.stringify(VERSION)};
export const GENERATOR = \`harvgen \${VERSION}\`;
export const dataBesideCode = (path) => TEXTS[path];
export const textBesideCode = dataBesideCode;
export const textsBesideCode = (folder, extensions) =>
  Object.keys(TEXTS).filter((path) => path.startsWith(folder) && extensions.test(path)).map((path) => path.slice(folder.length));
export const fileOfPackage = (path) => pathToFileURL(join(dirname(process.execPath), path));
export ${urlOfCode}`,
  }));
}
