// Puts beside each file of dist/cli/ what V8 has compiled of it once that has run over a sample: what most runs need, and
// nothing of what they do not, for reading that takes time as well.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const root = fileURLToPath(new URL('..', import.meta.url));
const { load, loaded, stampOf } = createRequire(import.meta.url)('../bin/harvgen.js');
const site = join(root, 'sites', 'location_x');
const scratch = mkdtempSync(join(tmpdir(), 'harvgen-'));
const out = join(scratch, 'out');
/** What is not written in the usual way, and what has a fault, need more code. */
const faulty = join(scratch, 'faulty');
mkdirSync(faulty);
writeFileSync(join(faulty, 'site.yaml'), 'site: &name faulty\nnodes: { a: { ip: *name, mac: [1] } }\n');

// V8 would throw away what has not been called for a while. It is set back, since what V8 keeps is of its flags.
setFlagsFromString('--no-flush-bytecode');
try {
  await run('build.cjs', 0, 'build', '--out', out, site);
  await run('build.cjs', 0, 'build', '--out', out, site);
  await run('build.cjs', 0, 'check', site);
  await run('build.cjs', 1, 'check', faulty);
  await run('harvgen.cjs', 0, 'diff', '--out', out, site);
  await run('harvgen.cjs', 0, 'explain', site, 'harv-1');
  await run('harvgen.cjs', 0, 'media', site);
} finally {
  rmSync(scratch, { recursive: true });
}
setFlagsFromString('--flush-bytecode');
for (const [name, { script, source }] of loaded) {
  const compiled = script.createCachedData();
  const file = Buffer.concat([compiled, Buffer.from(stampOf(source, compiled))]);
  writeFileSync(join(root, 'dist', 'cli', `${name}.cache`), file);
}

async function run(program, expected, ...args) {
  const code = await load(program).main(args);
  if (code !== expected) throw new Error(`harvgen ${args.join(' ')} ended with ${code}`);
}
