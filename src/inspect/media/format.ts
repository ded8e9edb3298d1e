import { nameRanges } from '../../source/diagnostics/words.ts';
import { pick } from '../../targets/target.ts';
import { escapeControlChars } from '../../values/text.ts';
import { type Medium, mediaPath, pinnable, type SiteMedia } from './medium.ts';

interface Group {
  readonly title: string;
  readonly media: readonly Medium[];
  readonly columns: (medium: Medium) => readonly string[];
  readonly notes?: readonly string[];
}

/** Renders lists for a person: what is to be mirrored first, then what is there without that, and what no mirror helps. */
export function formatText(lists: readonly SiteMedia[]): string {
  return lists.map(siteText).join('\n');
}

function siteText(list: SiteMedia): string {
  const groups = [...releaseGroups(list), ...otherGroups(list)].filter(({ media }) => media.length > 0);
  return `${list.site.name}: ${list.media.length} URLs\n${groups.map(groupText).join('')}`;
}

function groupText({ title, media, columns, notes = [] }: Group): string {
  const rows = media.map((medium) => [
    medium.kind,
    escapeControlChars(medium.url),
    ...columns(medium),
    medium.nodes.length > 0 ? nameRanges(medium.nodes) : '',
  ]);
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  return ['', `${title}:`, ...rows.map(line), ...notes.map((note) => `  ${note}`), ''].join('\n');
}

function releaseGroups({ folder, media }: SiteMedia): Group[] {
  const releases = new Map<string, Medium[]>();
  for (const medium of media) {
    if (!medium.release) continue;
    const name = `Harvester ${medium.release.version} ${medium.release.arch}`;
    releases.set(name, [...(releases.get(name) ?? []), medium]);
  }
  return [...releases].map(([name, files]) => {
    const from = new Set(files.flatMap((file) => sourceUrl(file)?.replace(/[^/]*$/, '') ?? []));
    return {
      title: `${name}, to mirror from ${[...from].join(' and ')}`,
      media: files,
      columns: ({ size, sha512 }) => [sizeText(size), digestText(sha512)],
      notes: releaseNotes(folder, files),
    };
  });
}

function releaseNotes(folder: string, files: readonly Medium[]): string[] {
  const fetched = files.filter((file) => file.kind !== 'checksums' && sourceUrl(file) !== undefined);
  const sizes = new Map(fetched.map((file) => [sourceUrl(file), file.size]));
  const known = [...sizes.values()].filter((size) => size !== undefined);
  const total = sizeText(known.reduce((sum, size) => sum + size, 0));
  const rest = sizes.size - known.length;
  const open = unpinned(files).length;
  const pins = `${open} of ${pinnable(files).size} not pinned: harvgen media --pin ${folder} pins what the release's checksum file says`;
  return [
    ...(known.length > 0 ? [`total  ${total}${rest > 0 ? ` and ${rest} of unknown size` : ''}`] : []),
    ...(open > 0 ? [pins] : []),
  ];
}

const OF_LINUX: ReadonlySet<Medium['kind']> = new Set(['kernel', 'initrd', 'rootfs']);

/** Whose programs machines load beside iPXE's, and how the names of these begin. */
const OTHERS = [
  ["GRUB's", /\/(?:grub|shim)[^/]*$/],
  ["PXELINUX'", /\/lpxelinux[^/]*$/],
] as const;

function programsTitle(programs: readonly Medium[]): string {
  const others = OTHERS.filter(([, names]) => programs.some(({ url }) => names.test(url)));
  return ["iPXE's programs", ...others.map(([whose]) => `and ${whose}`)].join(', ');
}

function otherGroups({ media }: SiteMedia): Group[] {
  const rest = media.filter(({ release }) => !release);
  const programs = rest.filter(({ kind }) => kind === 'program');
  const own = rest.filter(({ kind, served }) => served && kind !== 'program');
  const linux = rest.filter(({ kind, served }) => !served && OF_LINUX.has(kind));
  const others = rest.filter(({ kind, served }) => !served && !OF_LINUX.has(kind));
  return [
    { title: programsTitle(programs), media: programs, columns: (medium) => [sourceText(medium)] },
    {
      title: 'Of the tree and beside it, on the boot server',
      media: own,
      columns: ({ kind, size, sha512 }) => [sizeText(size), ownDigestText(kind, sha512)],
    },
    { title: 'Linux, from another server', media: linux, columns: () => [] },
    { title: 'Asked of others, which no mirror replaces', media: others, columns: () => [] },
  ];
}

function sourceUrl({ from }: Medium): string | undefined {
  return from && 'url' in from ? from.url : undefined;
}

function sourceText({ from }: Medium): string {
  if (!from || 'url' in from) return '';
  return 'package' in from ? `Debian's package ${from.package}` : `make ${from.build}`;
}

function digestText(sha512: string | undefined): string {
  return sha512 ? `${sha512.slice(0, 16)}…` : 'not pinned';
}

function ownDigestText(kind: Medium['kind'], sha512: string | undefined): string {
  if (sha512) return digestText(sha512);
  return kind === 'configuration' || kind === 'script' ? 'secrets are filled in' : '';
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB'];

function sizeText(size: number | undefined): string {
  if (size === undefined) return '';
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, size)) / 10));
  if (power === 0) return `${size} bytes`;
  return `${(size / 1024 ** power).toFixed(1)} ${UNITS[power]} (${size})`;
}

/** Renders lists as one JSON document: schema/media.schema.json is its form. */
export function formatJson(lists: readonly SiteMedia[]): string {
  // In the order of the schema; what is not known is not there.
  const keys = ['url', 'kind', 'size', 'sha512', 'from', 'release', 'served', 'nodes'] as const;
  const sites = lists.map(({ site, media }) => ({
    site: site.name,
    media: media.map((medium) => pick(medium, keys)),
  }));
  return `${JSON.stringify({ sites }, null, 2)}\n`;
}

/** Renders the URLs of the releases' files, which a mirror is made from, each once and sorted, one a line. */
export function formatUrls(lists: readonly SiteMedia[]): string {
  const files = lists.flatMap(({ media }) => media.filter(({ release }) => release));
  const lines = files.flatMap((file) => (sourceUrl(file) ? `${sourceUrl(file)}\n` : []));
  return [...new Set(lines)].sort().join('');
}

/** Returns what is to be had by URL and is left out there: what is no file of a release is in no mirror of releases. */
export function leftOut(media: readonly Medium[]): string[] {
  return media.flatMap((medium) => (medium.release ? [] : (sourceUrl(medium) ?? [])));
}

/** Renders what `sha512sum -c` reads in the media folder: the digests that are pinned, each once. */
export function formatSha512(lists: readonly SiteMedia[]): string {
  const lines = lists.flatMap(({ media }) =>
    media.flatMap((medium) =>
      medium.release && medium.sha512 ? [`${medium.sha512}  ${mediaPath(medium)}\n`] : [],
    ),
  );
  return [...new Set(lines)].sort((a, b) => (a.slice(128) < b.slice(128) ? -1 : 1)).join('');
}

/** Gives the files of releases that are not pinned, and could be, by folder and name, each once. */
export function unpinned(media: readonly Medium[]): string[] {
  return [...pinnable(media)].flatMap(([path, { sha512 }]) => (sha512 ? [] : [path]));
}
