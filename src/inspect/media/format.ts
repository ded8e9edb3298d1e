import { type Medium, mediaPath, pinnable, type SiteMedia } from '../../plan/medium.ts';
import { listed, nameRanges } from '../../source/diagnostics/words.ts';
import { grouped } from '../../values/grouped.ts';
import { escapeControlChars, printedJson } from '../../values/text.ts';
import { alignedRows } from '../columns.ts';

type Group = readonly [title: string, media: readonly Medium[], notes?: readonly string[]];

/** Renders lists as text: first the files to mirror, then existing files, then URLs that a mirror cannot replace. */
export function formatText(lists: readonly SiteMedia[]): string {
  return lists
    .map((list) => {
      const groups = [...releaseGroups(list), ...otherGroups(list)].filter(([, media]) => media.length > 0);
      return `${list.site.name}: ${list.media.length} URLs\n${groups.map(groupText).join('')}`;
    })
    .join('\n');
}

function groupText([title, media, notes = []]: Group): string {
  const rows = media.map((medium) => {
    const { kind, url, size, sha512, release, served, nodes } = medium;
    const isFilled = served && (kind === 'configuration' || kind === 'script');
    const digest = sha512 || release ? digestText(sha512) : isFilled ? 'secrets are substituted' : '';
    const machines = nodes.length > 0 ? nameRanges(nodes) : '';
    return [kind, escapeControlChars(url), sizeText(size), digest, sourceText(medium), machines];
  });
  const used = rows.map((row) => row.filter((_, column) => rows.some((other) => other[column])));
  return ['', `${title}:`, ...alignedRows(used, '  '), ...notes.map((note) => `  ${note}`), ''].join('\n');
}

function releaseGroups({ folder, media }: SiteMedia): Group[] {
  const released = media.flatMap((medium) => {
    const { release } = medium;
    return release ? [[`Harvester ${release.version} ${release.arch}`, medium] as const] : [];
  });
  return Array.from(grouped(released), ([name, files]) => {
    const from = new Set(files.flatMap((file) => sourceUrl(file)?.replace(/[^/]*$/, '') ?? []));
    return [`${name}, to mirror from ${[...from].join(' and ')}`, files, releaseNotes(folder, files)];
  });
}

function releaseNotes(folder: string, files: readonly Medium[]): string[] {
  const fetched = files.filter((file) => file.kind !== 'checksums' && sourceUrl(file) !== undefined);
  const sizes = new Map(fetched.map((file) => [sourceUrl(file), file.size]));
  const known = [...sizes.values()].filter((size) => size !== undefined);
  const total = sizeText(known.reduce((sum, size) => sum + size, 0));
  const rest = sizes.size - known.length;
  const open = unpinned(files).length;
  const pins = `${open} of ${pinnable(files).size} not pinned: harvgen media --pin ${folder} pins the digests of the release's checksum file`;
  return [
    ...(known.length > 0 ? [`total  ${total}${rest > 0 ? ` and ${rest} of unknown size` : ''}`] : []),
    ...(open > 0 ? [pins] : []),
  ];
}

function otherGroups({ media }: SiteMedia): Group[] {
  const rest = media.filter(({ release }) => !release);
  const isLinux = ({ kind }: Medium) => kind === 'kernel' || kind === 'initrd' || kind === 'rootfs';
  const programs = rest.filter(({ kind }) => kind === 'program');
  const others = rest.filter(({ kind, served }) => !served && kind !== 'program');
  const has = (names: RegExp) => programs.some(({ url }) => names.test(url));
  const loaders = [
    'iPXE',
    ...(has(/\/(?:grub|shim)[^/]*$/) ? ['GRUB'] : []),
    ...(has(/\/lpxelinux[^/]*$/) ? ['PXELINUX'] : []),
  ];
  return [
    [`${listed(loaders)} binaries`, programs],
    [
      'On the boot server, in the output tree and next to it',
      rest.filter(({ kind, served }) => served && kind !== 'program'),
    ],
    ['Linux, from another server', others.filter(isLinux)],
    ['From other servers, cannot be mirrored', others.filter((medium) => !isLinux(medium))],
  ];
}

function sourceUrl({ from }: Medium): string | undefined {
  return from && 'url' in from ? from.url : undefined;
}

/** Returns the package or the make target of a boot program; empty for other media. */
export function sourceText({ from }: Medium): string {
  if (!from || 'url' in from) return '';
  return 'package' in from ? `Debian's package ${from.package}` : `make ${from.build}`;
}

/** Returns the beginning of a checksum. */
export function digestText(sha512: string | undefined): string {
  return sha512 ? `${sha512.slice(0, 16)}…` : 'not pinned';
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB'];

/** Returns a size in bytes and, rounded, in a larger unit; empty without one. */
export function sizeText(size: number | undefined): string {
  if (size === undefined) return '';
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, size)) / 10));
  if (power === 0) return `${size} bytes`;
  return `${(size / 1024 ** power).toFixed(1)} ${UNITS[power]} (${size})`;
}

/** Renders lists as one JSON document (schema/media.schema.json), in the order of the schema; unknown values are omitted. */
export function formatJson(lists: readonly SiteMedia[]): string {
  const sites = lists.map(({ site, media }) => ({
    site: site.name,
    media: media.map(({ url, kind, size, sha512, from, release, served, nodes }) => {
      return { url, kind, size, sha512, from, release, served, nodes };
    }),
  }));
  return printedJson({ sites });
}

/** Renders the URLs of release files, from which to create a mirror: unique, sorted, one per line. */
export function formatUrls(lists: readonly SiteMedia[]): string {
  const files = lists.flatMap(({ media }) => media.filter(({ release }) => release));
  const lines = files.flatMap((file) => (sourceUrl(file) ? `${sourceUrl(file)}\n` : []));
  return [...new Set(lines)].sort().join('');
}

/** Returns the other URLs with downloads, which `formatUrls` omits because a mirror of releases does not contain them. */
export function leftOut(media: readonly Medium[]): string[] {
  return media.flatMap((medium) => (medium.release ? [] : (sourceUrl(medium) ?? [])));
}

/** Renders the unique pinned digests for `sha512sum -c` in the media directory. */
export function formatSha512(lists: readonly SiteMedia[]): string {
  const lines = lists.flatMap(({ media }) =>
    media.flatMap((medium) =>
      medium.release && medium.sha512 ? [`${medium.sha512}  ${mediaPath(medium)}\n`] : [],
    ),
  );
  return [...new Set(lines)].sort((a, b) => (a.slice(128) < b.slice(128) ? -1 : 1)).join('');
}

/** Returns the unpinned release files that can be pinned, by directory and name, each once. */
export function unpinned(media: readonly Medium[]): string[] {
  return [...pinnable(media)].flatMap(([path, { sha512 }]) => (sha512 ? [] : [path]));
}
