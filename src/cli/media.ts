import { compile } from '../compile.ts';
import { editSite } from '../edit/edit-node.ts';
import { findValue } from '../edit/edit-text.ts';
import { SaveError, saveFiles, Texts } from '../edit/save.ts';
import {
  formatJson,
  formatSha512,
  formatText,
  formatUrls,
  leftOut,
  unpinned,
} from '../inspect/media/format.ts';
import { mediaOf } from '../inspect/media/media-of.ts';
import type { SiteMedia } from '../inspect/media/medium.ts';
import {
  isUnproven,
  type Known,
  type Pin,
  PinError,
  pinsOf,
  readChecksums,
  readRelease,
} from '../inspect/media/pins.ts';
import { Disk } from '../inventory/disk.ts';
import { readFiles } from '../inventory/files.ts';
import { bootedFiles } from '../knowledge/harvester.ts';
import { type InstalledRelease, installedReleases } from '../site/clusters.ts';
import type { Site } from '../site/model.ts';
import { Report } from '../source/diagnostics/report.ts';
import { displayPath, formatPlace } from '../source/diagnostics/text.ts';
import { listed } from '../source/diagnostics/words.ts';
import { escapeControlChars } from '../values/text.ts';
import { printDiagnostics, uninterrupted } from './console.ts';
import { editing, failEdit, failEditBy, newDiagnostics } from './edit-faults.ts';
import { formatOf, UsageError } from './read-arguments.ts';
import { compileWithProgress, findSite, findSites } from './sites.ts';

interface MediaOptions {
  readonly format: string;
  readonly pin?: boolean;
  readonly from?: string;
}

type Format = (lists: readonly SiteMedia[]) => string;

const FORMATS: Readonly<Record<string, Format>> = {
  text: formatText,
  json: formatJson,
  urls: (lists) => {
    const others = [...new Set(lists.flatMap(({ media }) => leftOut(media)))];
    if (others.length > 0)
      process.stderr.write(
        `harvgen: no files of releases, and so left out (${others.length}): ${escapeControlChars(others.join(', '))}\n`,
      );
    return formatUrls(lists);
  },
  sha512: (lists) => {
    const open = lists.flatMap(({ media }) => unpinned(media));
    if (open.length > 0)
      process.stderr.write(
        `harvgen: not pinned, and so left out: ${[...new Set(open)].join(', ')}; harvgen media --pin pins them\n`,
      );
    return formatSha512(lists);
  },
};

/**
 * `harvgen media`: lists every URL that a boot of sites needs, or pins the releases' files. Gives the exit code: 1 where an
 * inventory has an error, or nothing could be pinned. Throws UsageError.
 */
export async function media(args: readonly string[], options: MediaOptions): Promise<number> {
  const format = formatOf(FORMATS, options.format);
  if (options.pin) return await pin(args, options);
  if (options.from !== undefined) throw new UsageError('--from says where --pin reads: it goes with that');
  const sites = await findSites(args);
  const { compilations, diagnostics, failed } = await compileWithProgress(sites);
  printDiagnostics(diagnostics, failed ? ': nothing was listed' : '');
  if (failed) return 1;
  const lists = compilations.flatMap(({ site, tree }, index): SiteMedia[] =>
    site && tree ? [{ site, folder: sites[index] ?? '', media: mediaOf(site, tree) }] : [],
  );
  process.stdout.write(format(lists));
  return 0;
}

/**
 * `harvgen media --pin`: writes the digests and sizes of the releases' files into a site's inventory, if the result is
 * without errors, and says what was done. `from` is where the checksum files are read: a mirror, a folder or a file. Gives
 * the exit code: 1 where nothing was saved.
 */
async function pin(args: readonly string[], { format, from }: MediaOptions): Promise<number> {
  if (format !== 'text') throw new UsageError('--pin edits the inventory, and --format is for the list');
  const [site, another] = args;
  if (site === undefined || another !== undefined)
    throw new UsageError('--pin takes one site: its inventory is edited');
  const folder = await findSite(site, 'media --pin');
  try {
    const { site, diagnostics } = await compile(folder);
    if (!site) return failEdit(diagnostics);
    // Others need not wait for a mirror.
    const known = await Promise.all(installedReleases(site).map((one) => knownOf(one, from)));
    const code = await editing(folder, () => save(folder, known));
    if (code === 0 && from !== undefined && isUnproven(from))
      process.stderr.write(
        'harvgen: what comes by http proves nothing: compare the pins with a list that came by https before you rely on them\n',
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

async function save(folder: string, known: readonly KnownRelease[]): Promise<number> {
  const before = await compile(folder);
  const files = readFiles(folder, new Report(), new Disk());
  if (!before.site || !files) return failEdit(before.diagnostics);
  const pins = pinsOfAll(before.site, known);
  const texts = new Texts();
  const places = pins.map(({ path, value }) => editSite(files, texts, path, value));
  const unsaved = new Map(texts.changes.map(({ path, after }) => [path, after]));
  const after = await compile(folder, { edits: unsaved });
  if (!after.tree) return failEdit(after.diagnostics);
  printDiagnostics(newDiagnostics(after.diagnostics, before.diagnostics));
  await uninterrupted(() => saveFiles(texts.changes, process.cwd()));
  for (const [index, pin] of pins.entries()) tell(pin, texts, places[index] ?? '');
  const nothing =
    known.length === 0
      ? 'no node installs Harvester, and nothing is to be pinned'
      : `all is pinned as ${listed(known.map(({ where }) => where))} says`;
  if (pins.length === 0) process.stdout.write(`${before.site.name}: ${nothing}\n`);
  return 0;
}

function pinsOfAll(site: Site, known: readonly KnownRelease[]): Pin[] {
  const isKnown = ({ version, arch }: InstalledRelease) =>
    known.some(({ release }) => release.version === version && release.arch === arch);
  if (!installedReleases(site).every(isKnown))
    throw new PinError(`${site.name} has got another release meanwhile: try again`);
  return known.flatMap((one) => pinsOf(site, one, process.cwd()));
}

function tell({ path, value }: Pin, texts: Texts, file: string): void {
  const at = findValue(texts.source(file), path);
  const place = at ? formatPlace(at, process.cwd()) : displayPath(file, process.cwd());
  process.stdout.write(`${place} ${path.slice(1).join(' ')}: ${value}\n`);
}
