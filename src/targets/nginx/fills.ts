import { createHash } from 'node:crypto';
import { marksOf } from '../../secrets/config-marks.ts';
import type { SecretValues } from '../../secrets/source.ts';
import type { Site } from '../../site/model.ts';
import { encodeSecret, type Mark, markOf } from '../../source/marks.ts';
import { quoteNginx } from '../../values/quoting.ts';
import type { Emitted } from '../target.ts';

/**
 * Gives what names a set of marks, sixteen hexadecimal digits. By it nginx tells whether what it fills in is what the
 * tree wants: both change when a secret comes, goes, or gets another name.
 */
export function fillStamp(marks: readonly Mark[]): string {
  const text = marks.map(markOf).sort().join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Gives the marks that nginx fills in as it serves a site: none where the tree itself holds the values. */
export function nginxFills(site: Site): readonly Mark[] {
  return site.server.secrets === undefined ? [] : marksOf(site);
}

/** Gives the path, in the tree, of the file that says which marks nginx has to fill in to serve the tree. */
export function fillsPath(marks: readonly Mark[]): string {
  return `nginx/fills-${fillStamp(marks)}`;
}

/** Gives that file: its text is for people, since nginx looks no further than to its name. */
export function fillsFile(site: Site, marks: readonly Mark[]): Emitted {
  const names = secretNames(marks).join('\n') || '# Nothing.';
  const what = `# Here as long as nginx is to fill in what follows as it serves the configurations of ${site.name}; nginx looks for its name.`;
  return { path: fillsPath(marks), content: `${what}\n${names}\n` };
}

/** Gives the names of marked secrets, each once, sorted. */
export function secretNames(marks: readonly Mark[]): string[] {
  return [...new Set(marks.map(({ name }) => name))].sort();
}

/** What a variable's name takes as it is: no hyphen, and with what follows not more than nginx's hash of names takes. */
const PLAIN = /^[a-z0-9_]{1,23}$/;

/**
 * Gives what the names of nginx's variables, zones and formats for a site begin with, at most 31 characters: no other
 * site's begin so. Source: nginx, src/core/ngx_hash.c (variables_hash_bucket_size is 64, with which a name has 46).
 */
export function nginxId({ name }: Pick<Site, 'name'>): string {
  if (PLAIN.test(name)) return `harvgen_${name}`;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `harvgen${digest}_${name.slice(0, 15).replaceAll('-', '_')}`;
}

/** nginx takes no more of them at one place: ngx_http_sub_filter_module.c. */
export const MOST_FILTERS = 255;

/** In characters. nginx takes no parameter of more than 4096 bytes (NGX_CONF_BUFFER): longer values are put together. */
const PIECES = /.{1,900}/gu;

/**
 * Renders the include with which nginx puts secrets where their marks stand. Takes the value of every secret that the
 * site's configurations hold. The file is for root alone.
 */
export function nginxInclude(site: Site, values: SecretValues): string {
  const marks = marksOf(site);
  const id = nginxId(site);
  const lines = marks.flatMap((mark, index) =>
    filter(mark, values.get(mark.name) ?? '', `${id}_secret_${index}`),
  );
  return [
    `# The secrets of ${site.name}, for nginx to fill in. They belong to this machine: for root alone to read, and into no git.`,
    ...lines,
    '# What is filled in above. nginx hands out no configuration that wants something else.',
    `set $${id}_fills ${fillStamp(marks)};`,
    '',
  ].join('\n');
}

function filter(mark: Mark, value: string, variable: string): string[] {
  const text = encodeSecret(value, mark.format);
  const quoted = quoteNginx(markOf(mark));
  const pieces = text.match(PIECES) ?? [''];
  if (pieces.length === 1) return [`sub_filter ${quoted} ${quoteNginx(text)};`];
  return [
    ...pieces.map((piece, index) => `set $${variable}_${index} ${quoteNginx(piece)};`),
    `sub_filter ${quoted} "${pieces.map((_, index) => `$${variable}_${index}`).join('')}";`,
  ];
}
