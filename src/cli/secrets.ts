import { checkValues } from '../rules/secret-values.ts';
import { formatSecrets, formatSecretsJson } from '../secrets/format.ts';
import { type SecretSource, SecretsError } from '../secrets/source.ts';
import { faultsFor, siteSecrets, stateOf } from '../secrets/state-of.ts';
import { marksOf } from '../secrets/uses-of.ts';
import type { Site } from '../site/model.ts';
import { Report } from '../source/diagnostics/report.ts';
import { listed } from '../source/diagnostics/words.ts';
import { iscsiValues, targetSecrets } from '../targets/iscsi/iscsi.ts';
import { secretManifest } from '../targets/k8s/k8s.ts';
import { MOST_FILTERS, nginxInclude } from '../targets/nginx/nginx.ts';
import { iscsiSecretsFile } from '../tree/paths.ts';
import { quoteShell } from '../values/quoting.ts';
import { failBy, printDiagnostics } from './console.ts';
import { formatOf, UsageError } from './read-arguments.ts';
import { compileWithProgress, findSites, printTypos, secretsFor } from './sites.ts';

/** The formats: a list, or, of those that hold values, what they are called. */
const FORMATS = {
  text: formatSecrets,
  json: formatSecretsJson,
  nginx: 'nginx',
  kubernetes: 'kubernetes',
  iscsi: 'iscsi',
} as const;

type ValueFormat = 'nginx' | 'kubernetes' | 'iscsi';

/**
 * `harvgen secrets`: says which secrets sites need, where they are used, and which have no value; with the format nginx
 * prints the include that fills them in, with the format kubernetes the Secret that holds it, with the format iscsi what
 * put-targets.sh fills in on the iSCSI server. Gives the exit code: 1 where
 * an inventory has an error, and where a value is missing though values were given. Throws UsageError for what cannot be
 * meant.
 */
export async function secrets(
  args: readonly string[],
  options: { readonly secrets?: string; readonly format: string },
): Promise<number> {
  const format = formatOf<(typeof FORMATS)[keyof typeof FORMATS]>(FORMATS, options.format);
  const folders = await findSites(args);
  if (typeof format === 'string' && folders.length > 1)
    throw new UsageError(`--format ${format} prints the secrets of one site: name one`);
  try {
    const source = await secretsFor(folders, options.secrets);
    const { compilations, diagnostics, failed } = await compileWithProgress(folders);
    // Warnings are for those who check.
    if (failed) printDiagnostics(diagnostics);
    if (failed) return 1;
    const sites = compilations.flatMap(({ site }) => site ?? []);
    const faults = new Set(sites.flatMap((site) => faultsFor(site, source)));
    if (faults.size > 0) throw new SecretsError([...faults]);
    printTypos(compilations, folders, source);
    if (typeof format === 'string') return print(sites, source, folders[0] ?? '', format);
    return list(sites, source, format);
  } catch (error) {
    return failBy(error);
  }
}

type Format = typeof formatSecrets;

function list(sites: readonly Site[], source: SecretSource | undefined, format: Format): number {
  const all = sites.map((site) => siteSecrets(site, source));
  process.stdout.write(format(all, process.cwd()));
  const report = new Report();
  if (source) checkGiven(sites, source, report);
  // Warnings are for those who check.
  printDiagnostics(report.sorted().filter(({ severity }) => severity === 'error'));
  const isMissing = all.some((one) => one.isGiven && one.secrets.some((secret) => secret.isMissing));
  return isMissing || report.failed ? 1 : 0;
}

/** Reports what is wrong with the values that there are, as a build with them would. */
function checkGiven(sites: readonly Site[], source: SecretSource, report: Report): void {
  for (const site of sites) {
    const names = source.names(site.name);
    const values = names.flatMap((name): [string, string][] => {
      const value = source.find(site.name, name);
      return value === undefined ? [] : [[name, value]];
    });
    checkValues(site, new Map(values), report, (name) => source.placeOf(site.name, name));
  }
}

/** Prints the include for nginx, as it is or as a Secret, or the values for the iSCSI server: the results that hold values. */
function print(
  [site]: readonly Site[],
  source: SecretSource | undefined,
  folder: string,
  format: ValueFormat,
): number {
  if (!site) return 1;
  if (format === 'kubernetes' && !site.server.kubernetes)
    throw new UsageError(`${site.name} has no pods: say \`kubernetes: {}\` of its server in the inventory`);
  if (process.stdout.isTTY) throw new UsageError(notOnTerminal(site, folder, format));
  const ofTargets = format === 'iscsi' ? new Set(targetSecrets(site)) : undefined;
  if (ofTargets?.size === 0)
    throw new UsageError(`no target of ${site.name} has a secret: its iSCSI server needs no values`);
  const needed = stateOf(site, source).filter(({ name, isNeeded }) => ofTargets?.has(name) ?? isNeeded);
  const missing = needed.filter(({ isMissing }) => isMissing);
  if (missing.length > 0) {
    const names = missing.map(({ name, nearest, elsewhere }) =>
      elsewhere ? `${name} (${elsewhere})` : nearest ? `${name} (is ${nearest} meant for it?)` : name,
    );
    throw new SecretsError([
      `${site.name} needs a value for ${listed(names)}: give it by --secrets FILE, or by HARVGEN_SECRET_<NAME>`,
    ]);
  }
  const marks = marksOf(site).length;
  if (format !== 'iscsi' && marks > MOST_FILTERS) {
    throw new SecretsError([
      `nginx fills in no more than ${MOST_FILTERS} different marks, and ${site.name} has ${marks}: serve a tree with ` +
        `the secrets filled in, \`harvgen build --secrets FILE --out FOLDER ${quoteShell(folder)}\``,
    ]);
  }
  const values = new Map(needed.map(({ name }) => [name, source?.find(site.name, name) ?? '']));
  const report = new Report();
  checkValues(site, values, report, (name) => source?.placeOf(site.name, name));
  printDiagnostics(report.sorted(), report.failed ? ': nothing was printed' : '');
  if (report.failed) return 1;
  const render = { nginx: nginxInclude, kubernetes: secretManifest, iscsi: iscsiValues }[format];
  process.stdout.write(render(site, values));
  return 0;
}

function notOnTerminal({ name, server }: Site, folder: string, format: ValueFormat): string {
  const command = `harvgen secrets --format ${format} --secrets FILE ${quoteShell(folder)}`;
  const file = quoteShell(format === 'iscsi' ? iscsiSecretsFile(name) : (server.secrets ?? 'FILE'));
  // What has failed before prints nothing, and must not empty the file that is there.
  const keep = `umask 077 && cat > ${file}.new && test -s ${file}.new && mv ${file}.new ${file}`;
  const to =
    format === 'kubernetes'
      ? 'kubectl apply --server-side -f -'
      : `ssh root@${format === 'iscsi' ? server.iscsi.address : server.host} ${quoteShell(keep)}`;
  return `these are the values of secrets, and this is a terminal: send them to where they belong, ${command} | ${to}`;
}
