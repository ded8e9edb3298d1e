#!/usr/bin/env node
// Runs the command line, which the build has bundled into dist/bin/. Node keeps what it compiles of it, where it can (from 22.8 on).
import { existsSync } from 'node:fs';
import module from 'node:module';

const program = new URL('../dist/bin/main.js', import.meta.url);
module.enableCompileCache?.();
if (existsSync(program)) {
  // That it comes to no end is no success.
  process.exitCode = 13;
  const { main } = await import(program);
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write('harvgen: it is not built yet: run npm ci, or npm run build, in its folder\n');
  process.exitCode = 1;
}
