'use strict';
const { statSync } = require('node:fs');

/** How many characters at the end of dist/harvgen.cjs are the digest of all before them. */
const DIGEST = 64;

/**
 * Gives what the code that V8 has compiled of dist/harvgen.cjs ends in, where it is of this source, and of this very Node:
 * V8 asks for its own version and flags alone, and takes what it is given for whole.
 */
exports.stampOf = (source) =>
  [
    source.slice(-DIGEST),
    process.version,
    process.platform,
    process.arch,
    statSync(process.execPath).size,
  ].join(' ');
