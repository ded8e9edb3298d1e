// Builds dist/: compiles the sources, bundles what the package contains into dist/bin/, and writes the files that the code reads.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recordBuild } from './built.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// In each new directory, the first `npx harvgen` links this package into a cache and runs `prepare`: skips a second build.
if (process.env.npm_command === 'exec' && existsSync(join(root, 'dist', 'bin', 'main.js'))) process.exit();
rmSync(join(root, 'dist'), { recursive: true, force: true });
await import('./generate-types.mjs');
execFileSync(
  process.execPath,
  [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
  { cwd: root, stdio: 'inherit' },
);
await import('./build-texts.mjs');
await import('./build-schemas.mjs');
await import('./build-templates.mjs');
await import('./build-cli.mjs');
await import('./build-types.mjs');
recordBuild();
