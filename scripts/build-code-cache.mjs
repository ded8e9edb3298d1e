// Puts beside dist/harvgen.cjs what V8 has compiled of it once it has built a sample site: what most runs need, and
// nothing of what they do not, for reading that takes time as well.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const { stampOf } = require('../bin/stamp.js');

const filename = join(root, 'dist', 'harvgen.cjs');
const source = readFileSync(filename, 'latin1');
const script = new Script(source, { filename: 'harvgen.cjs' });
const program = { exports: {} };
script.runInThisContext()(program, require, filename);

// V8 would throw away what has not been called for a while. It is set back, since what V8 keeps is of its flags.
setFlagsFromString('--no-flush-bytecode');
const out = mkdtempSync(join(tmpdir(), 'harvgen-'));
try {
  for (const args of [['build', '--out', out], ['build', '--out', out], ['check']]) await run(args);
} finally {
  rmSync(out, { recursive: true });
}
setFlagsFromString('--flush-bytecode');
const compiled = Buffer.concat([script.createCachedData(), Buffer.from(stampOf(source))]);
writeFileSync(join(root, 'dist', 'harvgen.cache'), compiled);

async function run(args) {
  const code = await program.exports.main([...args, join(root, 'sites', 'location_x')]);
  if (code !== 0) throw new Error(`harvgen ${args[0]} ended with ${code}`);
}
