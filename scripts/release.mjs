// Makes a release: npm run release, in a job of CI with an identity for provenance (GitHub Actions or GitLab CI). Writes the package, the SBOM
// and the executable into release/, and publishes the package with its provenance. With --dry-run, it publishes nothing, builds no executable,
// and needs no job of CI. Further options are for `npm publish`, such as --registry=URL.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isDry = process.argv.includes('--dry-run');
const options = process.argv.slice(2).filter((option) => option !== '--dry-run');
// The scripts and their dependencies are those of a checkout.
const { scripts: _, devDependencies: __, ...manifest } = JSON.parse(read('package.json'));
const { version } = manifest;
const repository = manifest.repository ?? repositoryOfJob(process.env);

const recorded = `test/data/releases/${version.replace(/\.\d+$/, '')}.json`;

const errors = [
  ...(new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'm').test(
    read('CHANGELOG.md'),
  )
    ? []
    : [`CHANGELOG.md has no section \`## [${version}] - DATE\``]),
  ...(existsSync(join(root, recorded))
    ? []
    : [`${recorded} is missing: record the promises of the release by scripts/record-release.mjs`]),
  ...(repository
    ? []
    : [
        'the repository is unknown, which provenance names: set `repository` in package.json, or run this in GitHub Actions (GITHUB_REPOSITORY) or GitLab CI (CI_PROJECT_URL)',
      ]),
  ...(run('git', ['tag', '--points-at', 'HEAD']).split('\n').includes(`v${version}`)
    ? []
    : [`the commit has no tag v${version}, which the recipes for CI name`]),
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
const tarball = join(folder, pack());
run(
  'npm',
  ['publish', tarball, ...options, ...(isDry ? ['--dry-run'] : ['--provenance', '--access', 'public'])],
  'inherit',
);

/** Returns the repository of a job of GitHub Actions or GitLab CI; undefined elsewhere. */
function repositoryOfJob({ GITHUB_SERVER_URL, GITHUB_REPOSITORY, CI_PROJECT_URL }) {
  const url = GITHUB_REPOSITORY ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}` : CI_PROJECT_URL;
  return url ? { type: 'git', url: `git+${url}.git` } : undefined;
}

/** Packs the package with its repository into the directory of the release. Returns the name of the file. */
function pack() {
  const options = ['pack', '--json', '--ignore-scripts'];
  const [{ files }] = JSON.parse(run('npm', [...options, '--dry-run']));
  const copy = mkdtempSync(join(tmpdir(), 'harvgen-release-'));
  try {
    for (const { path } of files) cpSync(join(root, path), join(copy, path));
    writeFileSync(join(copy, 'package.json'), `${JSON.stringify({ ...manifest, repository }, null, 2)}\n`);
    const [{ filename }] = JSON.parse(run('npm', [...options, '--pack-destination', folder], 'pipe', copy));
    return filename;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

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
