import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { mediaOf } from '../plan/media.ts';
import { UserError } from '../values/user-error.ts';
import { verifyDhcp } from '../verify/dhcp.ts';
import { Findings, type Progress, type Run } from '../verify/findings.ts';
import { verifyHttp, Web } from '../verify/http.ts';
import { verifyIscsi } from '../verify/iscsi.ts';
import { verifyLibvirt } from '../verify/libvirt.ts';
import { LIMITS } from '../verify/limits.ts';
import { verifyMedia } from '../verify/media.ts';
import { formatJson, formatText } from '../verify/report.ts';
import { verifyPrograms } from '../verify/tftp.ts';
import { verifyTls } from '../verify/tls.ts';
import { printDiagnostics, showProgress } from './console.ts';
import { formatOf, UsageError, unknownNode } from './read-arguments.ts';
import { compileWithProgress, findSite, secretsFor } from './sites.ts';

interface VerifyOptions {
  readonly as?: readonly string[];
  readonly interface?: string;
  readonly format: string;
  readonly media?: boolean;
  readonly secrets?: string;
  readonly ca?: string;
  readonly templates: boolean;
}

const FORMATS = { text: formatText, json: formatJson };

/**
 * `harvgen verify`: asks the deployed servers as the machines of a site would, and compares the answers with the inventory. Changes
 * nothing. Returns the exit code: 1 for a difference, and for an error in the inventory. Throws UsageError and UserError.
 */
export async function verify(arg: string, options: VerifyOptions): Promise<number> {
  const format = formatOf(FORMATS, options.format);
  const ca = options.ca === undefined ? undefined : readCa(options.ca);
  if (options.interface !== undefined) checkInterface(options.interface);
  const folder = await findSite(arg, 'verify');
  const secrets = await secretsFor([folder], options.secrets);
  const { compilations, diagnostics, failed } = await compileWithProgress([folder], {
    templates: options.templates,
    secrets,
  });
  const [{ site, tree, values } = {}] = compilations;
  // Warnings belong to `check`.
  if (failed || !site || !tree) {
    printDiagnostics(diagnostics, ': nothing was verified');
    return 1;
  }
  const all = site.nodes.map(({ name }) => name);
  const asked = (options.as ?? []).flatMap((names) => names.split(','));
  for (const name of asked) if (!all.includes(name)) throw unknownNode(name, all, site.name);
  const names = new Set(asked.length > 0 ? all.filter((name) => asked.includes(name)) : all);
  // Those of other machines only are not asked.
  const media = mediaOf(site, tree).flatMap((medium) => {
    const nodes = medium.nodes.filter((name) => names.has(name));
    return medium.nodes.length > 0 && nodes.length === 0 ? [] : { ...medium, nodes };
  });
  const findings = new Findings();
  const progress = progressLine();
  const run: Run = { site, tree, media, names, values, findings, progress: progress.show, limits: LIMITS };
  const web = new Web(run);
  try {
    verifyLibvirt(run);
    await Promise.all([
      verifyDhcp(run, options.interface),
      verifyHttp(web, run).then(() =>
        Promise.all([verifyTls(web, run, ca), verifyMedia(web, run, options.media ?? false)]),
      ),
      verifyPrograms(web, run),
      verifyIscsi(run),
    ]);
  } finally {
    progress.end();
  }
  process.stdout.write(format(run));
  return findings.sorted(site).length > 0 ? 1 : 0;
}

function readCa(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    new X509Certificate(text);
    return text;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code?.startsWith('ERR_') ? 'it contains no certificate in PEM' : message;
    throw new UserError(`--ca ${file} cannot be read: ${why}`);
  }
}

function checkInterface(name: string): void {
  const known = networkInterfaces();
  if (known[name]?.some(({ family }) => family === 'IPv4')) return;
  throw new UsageError(
    `this machine has no interface ${name} with an IPv4 address; interfaces: ${Object.keys(known).join(', ')}`,
  );
}

/** Returns a function that shows progress on a terminal, at most ten times a second, and one that removes it. */
function progressLine(): { readonly show: Progress; end(): void } {
  let shownAt = 0;
  return {
    show(step, done, all) {
      if (Date.now() - shownAt < 100) return;
      shownAt = Date.now();
      showProgress(`${step}: ${done} of ${all}`);
    },
    end() {
      if (shownAt > 0) showProgress('');
    },
  };
}
