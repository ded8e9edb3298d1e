import { type Compilation, compile } from '../compile.ts';
import { editSite } from '../edit/edit-site.ts';
import { findValue } from '../edit/edit-text.ts';
import { SaveError, saveFiles } from '../edit/save.ts';
import { lockSite } from '../edit/site-lock.ts';
import { Texts } from '../edit/texts.ts';
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
import { bootedFiles } from '../knowledge/tables/harvester-media.ts';
import { type InstalledRelease, installedReleases } from '../site/installed-releases.ts';
import type { Site } from '../site/model.ts';
import { listed } from '../source/diagnostics/listed.ts';
import { Report } from '../source/diagnostics/report.ts';
import { displayPath, formatPlace } from '../source/diagnostics/text.ts';
import { broughtBy } from './brought-by.ts';
import { failEdit, failEditBy, sayWaiting } from './edit-faults.ts';
import { present } from './present.ts';
import { findSite } from './sites.ts';
import { uninterrupted } from './uninterrupted.ts';

/**
 * `harvgen media --pin`: writes the digests and sizes of the releases' files into a site's inventory, if the result is
 * without errors, and says what was done. Takes where the checksum files are read: a mirror, a folder or a file. Gives the
 * exit code: 1 where nothing was saved.
 */
export async function pinMedia(arg: string, from: string | undefined): Promise<number> {
  const folder = await findSite(arg, 'media --pin');
  let release: (() => void) | undefined;
  try {
    const { site, diagnostics } = await compile(folder);
    if (!site) return failEdit(diagnostics);
    // Others need not wait for a mirror.
    const known = await Promise.all(installedReleases(site).map((one) => knownOf(one, from)));
    release = await lockSite(folder, { tell: (holder) => sayWaiting(folder, holder), folder: process.cwd() });
    const code = await save(folder, known);
    if (code === 0 && from !== undefined && isUnproven(from))
      process.stderr.write(
        'harvgen: what comes by http proves nothing: compare the pins with a list that came by https before you rely on them\n',
      );
    return code;
  } catch (error) {
    return failEditBy(error instanceof PinError ? new SaveError(error.message) : error);
  } finally {
    release?.();
  }
}

/** What a source says of a release, and of which one. */
interface KnownRelease extends Known {
  readonly release: InstalledRelease;
}

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
  const files = await readFiles(folder, new Report(), new Disk());
  if (!before.site || !files) return failEdit(before.diagnostics);
  const pins = pinsOfAll(before.site, known);
  const texts = new Texts();
  const places = pins.map(({ path, value }) => editSite(files, texts, path, value));
  const unsaved = new Map(texts.changes.map(({ path, after }) => [path, after]));
  const after: Compilation = await compile(folder, { edits: unsaved });
  if (!after.tree) return failEdit(after.diagnostics);
  present(broughtBy(after.diagnostics, before.diagnostics));
  await uninterrupted(() => saveFiles(texts.changes, process.cwd()));
  for (const [index, pin] of pins.entries()) tell(pin, texts, places[index] ?? '');
  if (pins.length === 0) process.stdout.write(`${before.site.name}: ${nothing(known)}\n`);
  return 0;
}

function nothing(known: readonly KnownRelease[]): string {
  if (known.length === 0) return 'no node installs Harvester, and nothing is to be pinned';
  return `all is pinned as ${listed(known.map(({ where }) => where))} says`;
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
