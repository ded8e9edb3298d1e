#!/usr/bin/env node
// Runs the command line, which the build has bundled into dist/bin/.
import { existsSync } from 'node:fs';
import module from 'node:module';

const program = new URL('../dist/bin/main.js', import.meta.url);
// From Node 22.8 on, caches compiled code in a directory where only the user can write.
const { HOME, XDG_CACHE_HOME: cache = HOME && `${HOME}/.cache` } = process.env;
if (cache) module.enableCompileCache?.(`${cache}/harvgen`);
if (existsSync(program)) {
  // The exit code if main never returns.
  process.exitCode = 13;
  const { main } = await import(program);
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write(
    'harvgen: it is not built. From git, install it without --ignore-scripts, or install the file that `npm pack` writes; in a checkout, run npm ci\n',
  );
  process.exitCode = 1;
}
