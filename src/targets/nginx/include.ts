import { marksOf } from '../../secrets/marks-of.ts';
import type { SecretValues } from '../../secrets/source.ts';
import type { Site } from '../../site/model.ts';
import { type Mark, markOf } from '../../source/marks.ts';
import { encodeSecret } from '../../source/secret-format.ts';
import { quoteNginx } from '../../values/quoting/nginx.ts';
import { fillStamp } from './fill-stamp.ts';
import { nginxId } from './id.ts';

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
