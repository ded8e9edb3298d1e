/** Texts with a meaning on the way of a secret: in YAML, JSON, nginx, a shell, a URL, a terminal. */
export const NASTY: readonly string[] = [
  ...[
    ' ',
    '  both ends  ',
    '\ttab',
    '$',
    '$$',
    '$1',
    '$host',
    'a${x}',
    '${secre',
    '@@',
    '@@secret',
    'a@@secret:s1@@',
    '@@secret:s1:json@@ b',
    'a ${secret:s1}',
  ],
  ...[
    '@@SECRET:a@@',
    '{{',
    '{{ .Hostname }} b',
    '{%',
    '#',
    ' # no comment',
    'a: b',
    '- a',
    '? a',
    '*a',
    '&a',
    '!a',
  ],
  ...[
    '|',
    '>',
    '%',
    '%00',
    '%s%n',
    '%2e%2e',
    '@',
    '`id`',
    'a$(id)',
    ';',
    '; }',
    '} server {',
    '{',
    '[',
    ',',
    '"',
    "'",
  ],
  ...[
    '""',
    "''",
    `"'"'`,
    '\\',
    '\\\\',
    '\\"',
    '\\n',
    '\\x24',
    '\\u0024',
    '\\U00000024',
    'ends with \\',
    '~',
    'null',
  ],
  ...[
    'true',
    'no',
    '0123',
    '1e3',
    '0x10',
    '12:30:45',
    '2001-01-01',
    '.inf',
    '=',
    '<<',
    '---',
    'a\n...\nb',
    'a</script>',
    '<!--',
  ],
  ...[
    '&amp;',
    'a\nb',
    'a\r\nb',
    '\n',
    ' \n ',
    'ends with a line\n',
    '\n\nbegins with two',
    'a\0b',
    '\x07\x1b[31m\x7f',
  ],
  ...[
    '\u0085',
    'a\u0085b',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\ufeffa',
    '\u200b\u00ad\u00a0',
    '\u202eabc\u202c',
    '\u061c',
  ],
  ...[
    'e\u0301',
    '\u00e9',
    '\ufffd',
    '\uffff',
    '🙂',
    '👩‍👩‍👧',
    '𝒳',
    '\u{10ffff}',
    '\u{e000}',
    'ß',
    '東京',
    'ﷺ',
  ],
  '-----BEGIN PRIVATE KEY-----\nMIIEvQ+/=\nabc\n-----END PRIVATE KEY-----\n',
  `-----BEGIN CERTIFICATE-----\n${`${'A1+/'.repeat(16)}\n`.repeat(20)}-----END CERTIFICATE-----\n`,
  '$6$rounds=5000$salt$TidkZKpFh06q6N3wQZ7Gjx4IUijSUOM1WTmUZBPR4GwX79FsSW0l7OsQ3T60Y5TSu3OMhf64.s276N.5IqQnG1',
];

/** Ranges of printable characters: most secrets use the first. */
const RANGES: readonly (readonly [from: number, to: number])[] = [
  [0x20, 0x7e],
  [0x20, 0x7e],
  [0x20, 0x7e],
  [0xa1, 0xff],
  [0x370, 0x373],
  [0x400, 0x4ff],
  [0x5d0, 0x5ea],
  [0x4e00, 0x9fff],
  [0x1f300, 0x1f64f],
  [0x20000, 0x2a6d0],
];

/** Returns secrets of 1 to 200 printable characters, of ASCII and of all of UTF-8: the same for the same seed. */
export function randomSecrets(count: number, seed: number): string[] {
  const below = random(seed);
  return Array.from({ length: count }, () => {
    const ranges = below(2) ? RANGES : RANGES.slice(0, 1);
    return secretOf(1 + below(200), ranges, below);
  });
}

/** Returns one secret of a length. */
export function longSecret(length: number, seed: number): string {
  return secretOf(length, RANGES, random(seed));
}

function secretOf(length: number, ranges: typeof RANGES, below: (limit: number) => number): string {
  const characters = Array.from({ length }, () => {
    const [from, to] = ranges[below(ranges.length)] ?? [0x20, 0x7e];
    return String.fromCodePoint(from + below(to - from + 1));
  });
  return characters.join('');
}

/** Returns a generator of numbers from 0 up to a limit: mulberry32. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
