import { compile } from '../compile.ts';
import { SaveError } from '../edit/save.ts';
import {
  formatJson,
  formatSha512,
  formatText,
  formatUrls,
  leftOut,
  unpinned,
} from '../inspect/media/format.ts';
import {
  isUnproven,
  type Known,
  PinError,
  pinsOf,
  readChecksums,
  readRelease,
} from '../inspect/media/pins.ts';
import { bootedFiles } from '../knowledge/harvester.ts';
import { mediaOf } from '../plan/media.ts';
import type { SiteMedia } from '../plan/medium.ts';
import { type InstalledRelease, installedReleases } from '../site/clusters.ts';
import type { Site } from '../site/model.ts';
import { listed } from '../source/diagnostics/words.ts';
import { escapeControlChars } from '../values/text.ts';
import { printDiagnostics, printMessage } from './console.ts';
import { editing, failEdit, failEditBy } from './edit-errors.ts';
import { formatOf, UsageError } from './read-arguments.ts';
import { saveValues } from './save-values.ts';
import { compileWithProgress, findSite, findSites } from './sites.ts';

interface MediaOptions {
  readonly format: string;
  readonly pin?: boolean;
  readonly from?: string;
  readonly templates: boolean;
}

type Format = (lists: readonly SiteMedia[]) => string;

const FORMATS: Readonly<Record<string, Format>> = {
  text: formatText,
  json: formatJson,
  urls: (lists) => {
    const others = [...new Set(lists.flatMap(({ media }) => leftOut(media)))];
    if (others.length > 0)
      printMessage(`omitted, not release files (${others.length}): ${escapeControlChars(others.join(', '))}`);
    return formatUrls(lists);
  },
  sha512: (lists) => {
    const open = lists.flatMap(({ media }) => unpinned(media));
    if (open.length > 0)
      printMessage(
        `omitted, not pinned: ${[...new Set(open)].join(', ')}; to pin them, run harvgen media --pin`,
      );
    return formatSha512(lists);
  },
};

/**
 * `harvgen media`: lists every URL that booting sites needs, or pins the release files. Returns the exit code: 1 if an
 * inventory has an error or nothing could be pinned. Throws UsageError.
 */
export async function media(args: readonly string[], options: MediaOptions): Promise<number> {
  const format = formatOf(FORMATS, options.format);
  if (options.pin) return await pin(args, options);
  if (options.from !== undefined) throw new UsageError('--from is the source for --pin: add --pin');
  const sites = await findSites(args);
  const { compilations, diagnostics, failed } = await compileWithProgress(sites, options);
  printDiagnostics(diagnostics, failed ? ': nothing was listed' : '');
  if (failed) return 1;
  const lists = compilations.flatMap(({ site, tree }, index): SiteMedia[] =>
    site && tree ? [{ site, folder: sites[index] ?? '', media: mediaOf(site, tree) }] : [],
  );
  process.stdout.write(format(lists));
  return 0;
}

/**
 * `harvgen media --pin`: writes the checksums and sizes of the release files into a site's inventory. Saves nothing if the
 * result has errors. Prints the changes. `from` is the source of the checksum files: a mirror, a directory or a file. Returns
 * the exit code: 1 if nothing was saved.
 */
async function pin(args: readonly string[], { format, from, templates }: MediaOptions): Promise<number> {
  if (format !== 'text') throw new UsageError('--pin edits the inventory: --format applies only to the list');
  const [site, another] = args;
  if (site === undefined || another !== undefined)
    throw new UsageError('--pin edits one inventory: name one site');
  const folder = await findSite(site, 'media --pin');
  try {
    const { site, diagnostics } = await compile(folder, { templates });
    if (!site) return failEdit(diagnostics);
    // The site is locked only afterwards, so that other edits do not wait for a mirror.
    const known = await Promise.all(installedReleases(site).map((release) => knownOf(release, from)));
    const code = await editing(folder, () => save(folder, known, templates));
    if (code === 0 && from !== undefined && isUnproven(from))
      printMessage(
        'http does not authenticate the checksums: compare the pins with a list from https before you rely on them',
      );
    return code;
  } catch (error) {
    return failEditBy(error instanceof PinError ? new SaveError(error.message) : error);
  }
}

type KnownRelease = Known & { readonly release: InstalledRelease };

async function knownOf(release: InstalledRelease, from: string | undefined): Promise<KnownRelease> {
  const { where, text, sizeOf } = await readRelease(release, from);
  const names = bootedFiles(release.files);
  const sha512 = readChecksums(text, where, names);
  const sizes = await Promise.all(
    names.map(async (name) => [name, await sizeOf(name, sha512.get(name) ?? '')] as const),
  );
  const size = new Map(sizes.flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes]])));
  return { release, where, sha512, size };
}

function save(folder: string, known: readonly KnownRelease[], templates: boolean): Promise<number> {
  const nothing =
    known.length === 0
      ? 'no node installs Harvester, so there is nothing to pin'
      : `all pins match ${listed(known.map(({ where }) => where))}`;
  const pins = (site: Site) =>
    pinsOfAll(site, known).map((pin) => ({ ...pin, text: `${pin.path.slice(1).join(' ')}: ${pin.value}` }));
  return saveValues(folder, pins, nothing, { templates });
}

function pinsOfAll(site: Site, known: readonly KnownRelease[]) {
  const isKnown = ({ version, arch }: InstalledRelease) =>
    known.some(({ release }) => release.version === version && release.arch === arch);
  if (!installedReleases(site).every(isKnown))
    throw new PinError(`${site.name} changed its release in the meantime: run the command again`);
  return known.flatMap((release) => pinsOf(site, release, process.cwd()));
}
