// Writes the data files next to the code into dist/: the schemas without blanks, and the texts that few commands read, compressed into one
// file. The scripts among the templates are in the code: build-templates.mjs.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const texts = {};
for (const path of readdirSync(join(root, 'src'), { recursive: true }).sort()) {
  if (/\.json$/.test(path)) {
    const target = join(root, 'dist', path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, JSON.stringify(JSON.parse(read(path))));
  } else if (/\.(eta|yaml|css|js|bash|zsh|fish)$|^cli\/.*\.sh$/.test(path)) texts[path.replaceAll('\\', '/')] = read(path);
}
writeFileSync(join(root, 'dist', 'texts.json.br'), brotliCompressSync(JSON.stringify(texts)));

function read(path) {
  return readFileSync(join(root, 'src', path), 'utf8');
}
