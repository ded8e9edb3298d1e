#!/usr/bin/env node
'use strict';
// Runs dist/harvgen.cjs, and gives V8 back what it has compiled of it as the package was built: compiling it again takes
// longer than building a small site. It is CommonJS, which Node starts sooner than a module.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');
const { stampOf } = require('./stamp.js');

const dist = join(__dirname, '..', 'dist');
const filename = join(dist, 'harvgen.cjs');
const source = read(filename, 'latin1');
if (source === undefined) {
  process.stderr.write('harvgen: it is not built yet: run npm ci, or npm run build, in its folder\n');
  process.exitCode = 1;
} else {
  // What V8 has compiled has the name that it was compiled under: none with a folder would be right elsewhere.
  const script = new Script(source, { filename: 'harvgen.cjs', cachedData: compiledOf(source) });
  const program = { exports: {} };
  script.runInThisContext()(program, require, filename);
  program.exports.main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}

/** What V8 has compiled of the source; undefined where it is not there, or of something else. */
function compiledOf(source) {
  const compiled = read(join(dist, 'harvgen.cache'));
  const stamp = stampOf(source);
  const end = (compiled?.length ?? 0) - stamp.length;
  return end > 0 && compiled.latin1Slice(end) === stamp ? compiled.subarray(0, end) : undefined;
}

function read(path, encoding) {
  try {
    return readFileSync(path, encoding);
  } catch {
    return undefined;
  }
}
