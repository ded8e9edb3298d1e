// Makes a release: npm run release, in a job of CI with an identity for provenance (GitHub Actions or GitLab CI). Writes the SBOM and the
// executable into release/, and publishes the package with its provenance. With --dry-run, it publishes and builds nothing, and needs no job of CI.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isDry = process.argv.includes('--dry-run');
const manifest = JSON.parse(read('package.json'));
const { version, repository } = manifest;

const errors = [
  ...(new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'm').test(
    read('CHANGELOG.md'),
  )
    ? []
    : [`CHANGELOG.md has no section \`## [${version}] - DATE\``]),
  ...(repository ? [] : ['package.json has no repository, which provenance names']),
  ...(run('git', ['status', '--porcelain']) === ''
    ? []
    : ['the checkout has changes that are not committed']),
];
for (const error of errors) console.error(`release: ${error}`);
if (errors.length > 0 && !isDry) process.exit(1);

if (!isDry) run('npm', ['run', '--silent', 'build']);
const folder = join(root, 'release');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, `harvgen-${version}.cdx.json`), sbom());
if (!isDry) run(process.execPath, ['scripts/build-executable.mjs', folder]);
run(
  'npm',
  ['publish', ...(isDry ? ['--dry-run', '--ignore-scripts'] : ['--provenance', '--access', 'public'])],
  'inherit',
);

/** Returns the SBOM in CycloneDX: the packages in the bundles, which are no dependencies of the package. */
function sbom() {
  const bundled = read('dist/bin/LICENSES.txt').split(/^-{80}$/m);
  const dependencies = Object.fromEntries(bundled.map((text) => text.trim().split('\n', 1)[0].split(' ')));
  // npm names the root component by its directory.
  const scratch = mkdtempSync(join(tmpdir(), 'harvgen-sbom-'));
  const copy = join(scratch, manifest.name);
  try {
    const { name, license, description } = manifest;
    mkdirSync(copy);
    writeFileSync(
      join(copy, 'package.json'),
      JSON.stringify({ name, version, license, description, dependencies }),
    );
    run(
      'npm',
      ['install', '--package-lock-only', '--ignore-scripts', '--prefer-offline', '--no-audit'],
      'pipe',
      copy,
    );
    const options = ['--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
    const all = JSON.parse(run('npm', ['sbom', ...options], 'pipe', copy));
    // Without dependencies of these packages that no bundle contains.
    const components = all.components.filter((one) => one.name in dependencies);
    const refs = [all.metadata.component, ...components].map((one) => one['bom-ref']);
    const isIn = (ref) => refs.includes(ref);
    const links = all.dependencies
      .filter(({ ref }) => isIn(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isIn) }));
    return `${JSON.stringify({ ...all, components, dependencies: links }, null, 2)}\n`;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function run(program, args, stdout = 'pipe', cwd = root) {
  return String(execFileSync(program, args, { cwd, stdio: ['ignore', stdout, 'inherit'] }) ?? '');
}

function read(path) {
  return readFileSync(join(root, path), 'utf8');
}
