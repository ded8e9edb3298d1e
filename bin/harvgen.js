#!/usr/bin/env node
'use strict';
// Runs the command line, which the build has put into a few files, dist/cli/*.cjs. V8 is given back what it compiled of
// them then: compiling it again takes longer than building a small site. CommonJS, which Node starts sooner than a module.
const { createHash } = require('node:crypto');
const { existsSync, readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const dist = join(__dirname, '..', 'dist');
/** How long a digest is. */
const STAMP = 64;
const loaded = new Map();
let node;

/** Which of the files have been loaded: their sources, their scripts as V8 has them, and what they export. */
exports.loaded = loaded;
exports.load = load;
exports.stampOf = stampOf;

if (require.main === module) run(process.argv.slice(2));

function run(args) {
  if (!existsSync(join(dist, 'cli'))) {
    process.stderr.write('harvgen: it is not built yet: run npm ci, or npm run build, in its folder\n');
    process.exitCode = 1;
    return;
  }
  // These two run most often, and on every save: they have a program with nothing else in it.
  const { main } = load(['build', 'check'].includes(args[0]) ? 'build.cjs' : 'harvgen.cjs');
  // That it comes to no end is no success.
  process.exitCode = 13;
  main(args).then((code) => {
    process.exitCode = code;
  });
}

/** Gives what one of the files exports. */
function load(name) {
  let file = loaded.get(name);
  if (!file) {
    const source = readFileSync(join(dist, 'cli', name), 'latin1');
    // V8 keeps the name with what it has compiled, wherever that is installed: so it has no folder.
    const script = new Script(source, { filename: name, cachedData: compiledOf(name, source) });
    file = { source, script, exports: {} };
    loaded.set(name, file);
    script.runInThisContext()(file, requireFrom, join(dist, 'cli.js'));
  }
  return file.exports;
}

/** What the files require is one of them, or Node's own. */
function requireFrom(name) {
  return name.startsWith('./') ? load(name.slice('./'.length)) : require(name);
}

/** What V8 has compiled of a file; undefined where it is not there, or damaged, or of another source, or by another Node. */
function compiledOf(name, source) {
  try {
    const file = readFileSync(join(dist, 'cli', `${name}.cache`));
    const compiled = file.subarray(0, -STAMP);
    return file.latin1Slice(compiled.length) === stampOf(source, compiled) ? compiled : undefined;
  } catch {
    // Nor is a Node of use that may not be looked at.
    return undefined;
  }
}

/**
 * What stands behind what V8 has compiled: a digest of that, of the digest that its source ends in, and of which Node it was.
 * V8 itself looks at its version and flags, takes the rest for right, and ends the process where it is not.
 */
function stampOf(source, compiled) {
  node ??= [process.version, process.platform, process.arch, statSync(process.execPath).size].join(' ');
  return createHash('sha256').update(compiled).update(source.slice(-STAMP)).update(node).digest('hex');
}
