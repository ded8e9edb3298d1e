import { MOST_FILTERS } from '../plan/served.ts';
import { checkValues } from '../rules/secrets/secret-values.ts';
import { formatSecrets, formatSecretsJson } from '../secrets/format.ts';
import { type SecretSource, SecretsError } from '../secrets/source.ts';
import { secretProblems, siteSecrets } from '../secrets/state-of.ts';
import { placeholdersOf, secretsOf } from '../secrets/uses-of.ts';
import type { Site } from '../site/model.ts';
import { Report } from '../source/diagnostics/report.ts';
import { listed } from '../source/diagnostics/words.ts';
import { clusterSecrets, clusterValues } from '../targets/cluster/cluster.ts';
import { iscsiValues, targetSecrets } from '../targets/iscsi/iscsi.ts';
import { secretManifest } from '../targets/k8s/k8s.ts';
import { nginxInclude } from '../targets/nginx/nginx.ts';
import { APPLY_CLUSTER, iscsiSecretsFile } from '../tree/paths.ts';
import { quoteShell } from '../values/quoting.ts';
import { printDiagnostics } from './console.ts';
import { formatOf, UsageError } from './read-arguments.ts';
import { compileWithProgress, findSites, printTypos, secretsFor } from './sites.ts';

/** The formats: functions for lists, names for formats with values. */
const FORMATS = {
  text: formatSecrets,
  json: formatSecretsJson,
  nginx: 'nginx',
  kubernetes: 'kubernetes',
  iscsi: 'iscsi',
  cluster: 'cluster',
} as const;

type ValueFormat = 'nginx' | 'kubernetes' | 'iscsi' | 'cluster';

/**
 * `harvgen secrets`: lists the secrets that sites need, their uses and those without a value. The format nginx prints the include that
 * substitutes them, kubernetes the Secret with this include, iscsi the values that put-targets.sh substitutes on the iSCSI server,
 * cluster those that apply-cluster.sh does. Returns the exit code: 1 if an inventory has an error, or if a value is missing although
 * values were passed. Throws UsageError for invalid options. Runs no templates of the sites: no secret depends on them.
 */
export async function secrets(
  args: readonly string[],
  options: { readonly secrets?: string; readonly format: string },
): Promise<number> {
  const format = formatOf<(typeof FORMATS)[keyof typeof FORMATS]>(FORMATS, options.format);
  const folders = await findSites(args);
  if (typeof format === 'string' && folders.length > 1)
    throw new UsageError(`--format ${format} prints the secrets of one site: name one site`);
  const source = await secretsFor(folders, options.secrets);
  const { compilations, diagnostics, failed } = await compileWithProgress(folders, { templates: false });
  // Warnings belong to `check`.
  if (failed) printDiagnostics(diagnostics);
  if (failed) return 1;
  const sites = compilations.flatMap(({ site }) => site ?? []);
  const errors = new Set(sites.flatMap((site) => secretProblems(site, source)));
  if (errors.size > 0) throw new SecretsError([...errors]);
  printTypos(compilations, folders, source);
  if (typeof format === 'string') return print(sites, source, folders[0] ?? '', format);
  return list(sites, source, format);
}

type Format = typeof formatSecrets;

function list(sites: readonly Site[], source: SecretSource | undefined, format: Format): number {
  const all = sites.map((site) => siteSecrets(site, source));
  process.stdout.write(format(all, process.cwd()));
  const report = new Report();
  if (source) checkGiven(sites, source, report);
  // Warnings belong to `check`.
  printDiagnostics(report.sorted().filter(({ severity }) => severity === 'error'));
  const isMissing = all.some((site) => site.isGiven && site.secrets.some((secret) => secret.isMissing));
  return isMissing || report.failed ? 1 : 0;
}

/** Reports errors in the values that are set, as a build with them would. */
function checkGiven(sites: readonly Site[], source: SecretSource, report: Report): void {
  for (const site of sites) {
    const names = source.names(site.name);
    const values = names.flatMap((name): [string, string][] => {
      const value = source.find(site.name, name);
      return value === undefined ? [] : [[name, value]];
    });
    checkValues(site, new Map(values), report, (name) => source.locationOf(site.name, name));
  }
}

/** The errors of formats that have nothing to print. */
const NOTHING = {
  iscsi: ({ name }: Site) => `no iSCSI target of ${name} has a secret: its server needs no values`,
  cluster: ({ name }: Site) =>
    `no object of a cluster of ${name} has a secret: apply-cluster.sh needs no values`,
};

/** Prints the values: as an include for nginx, as a Secret with this include, or for the iSCSI server. */
function print(
  [site]: readonly Site[],
  source: SecretSource | undefined,
  folder: string,
  format: ValueFormat,
): number {
  if (!site) return 1;
  if (format === 'kubernetes' && !site.server.kubernetes)
    throw new UsageError(`${site.name} has no pods: add \`kubernetes: {}\` to its server in the inventory`);
  if (process.stdout.isTTY) throw new UsageError(notOnTerminal(site, folder, format));
  const ofFormat = {
    iscsi: targetSecrets,
    cluster: clusterSecrets,
    nginx: secretsOf,
    kubernetes: secretsOf,
  }[format];
  const only = new Set(ofFormat(site));
  const isOfNginx = format === 'nginx' || format === 'kubernetes';
  if (only.size === 0 && !isOfNginx) throw new UsageError(NOTHING[format](site));
  const needed = siteSecrets(site, source).secrets.filter(({ name }) => only.has(name));
  const missing = needed.filter(({ isMissing }) => isMissing);
  if (missing.length > 0) {
    const names = missing.map(({ name, nearest, elsewhere }) =>
      elsewhere ? `${name} (${elsewhere})` : nearest ? `${name} (is ${nearest} meant for it?)` : name,
    );
    throw new SecretsError([
      `${site.name} needs a value for ${listed(names)}: add it with --secrets FILE or HARVGEN_SECRET_<NAME>`,
    ]);
  }
  const placeholders = placeholdersOf(site).length;
  if (isOfNginx && placeholders > MOST_FILTERS) {
    throw new SecretsError([
      `nginx substitutes at most ${MOST_FILTERS} different placeholders, but ${site.name} has ${placeholders}: serve a ` +
        `tree with values, \`harvgen build --secrets FILE --out DIR ${quoteShell(folder)}\``,
    ]);
  }
  const values = new Map(needed.map(({ name }) => [name, source?.find(site.name, name) ?? '']));
  const report = new Report();
  checkValues(site, values, report, (name) => source?.locationOf(site.name, name));
  printDiagnostics(report.sorted(), report.failed ? ': nothing was printed' : '');
  if (report.failed) return 1;
  const render = {
    nginx: nginxInclude,
    kubernetes: secretManifest,
    iscsi: iscsiValues,
    cluster: clusterValues,
  }[format];
  process.stdout.write(render(site, values));
  return 0;
}

function notOnTerminal({ name, server }: Site, folder: string, format: ValueFormat): string {
  const command = `harvgen secrets --format ${format} --secrets FILE ${quoteShell(folder)}`;
  const [host, path] = {
    iscsi: [server.iscsi.address, iscsiSecretsFile(name)],
    ...{ nginx: [server.host, server.secrets], kubernetes: [], cluster: [] },
  }[format];
  const file = quoteShell(path ?? 'FILE');
  // If an earlier command fails, it prints nothing and must not truncate the existing file.
  const keep = `umask 077 && cat > ${file}.new && test -s ${file}.new && mv ${file}.new ${file}`;
  const to =
    format === 'kubernetes'
      ? 'kubectl apply --server-side -f -'
      : format === 'cluster'
        ? `${APPLY_CLUSTER} --secrets -`
        : `ssh root@${host} ${quoteShell(keep)}`;
  return `standard output is a terminal, so no values of secrets are printed: pipe them to the server, ${command} | ${to}`;
}
