import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { IMPORT_FORMATS, JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined/joined.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import { PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/** Each case takes time in proportion to its size: eight times the size, eight times the time, not 64 times. */
const test = suite('time in proportion to the input');

const FACTOR = 8;
/** Between the ratio of linear time and that of quadratic time. */
const MOST = 24;
/** Milliseconds; less is noise. */
const LEAST = 25;

async function timeOf(call: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await call();
  const { user, system } = process.cpuUsage(before);
  return Math.max((user + system) / 1000, LEAST);
}

function linear(name: string, size: number, call: (size: number) => unknown): void {
  test(name, async () => {
    await call(size);
    const small = await timeOf(() => call(size));
    const large = await timeOf(() => call(size * FACTOR));
    assert.ok(large / small < MOST, `${Math.round(small)} ms, then ${Math.round(large)} ms`);
  });
}

/** Compiles an inventory and renders its diagnostics. */
async function checked(text: string): Promise<string> {
  const { diagnostics, tree } = await compile(makeSite(text));
  for (const { content } of tree?.values() ?? []) assert.ok(content.length >= 0);
  return formatText(diagnostics, { color: false, folder: '/' });
}

/** Reads a text as each format, and renders the diagnostics. */
function imported(text: string): void {
  for (const kind of [...IMPORT_FORMATS, ...JOINED_FORMATS]) {
    const source = new Source('/a', text);
    const report = new Report();
    if ('isLike' in kind) joinedSite([{ kind, source }], {}, report);
    else kind.read(source, {}, report);
    formatText(report.sorted(), { color: false, folder: '/' });
  }
}

const keys = (size: number, indent = '') =>
  Array.from({ length: size }, (_, index) => `${indent}unknown_${index}: v${index}\n`).join('');

linear('unknown keys of a site', 500, (size) => checked(PLANT + keys(size)));
linear('unknown keys of a node', 500, (size) => checked(`${PLANT}  harv-4:\n${keys(size, '    ')}`));
linear('unknown keys of a range of nodes', 500, (size) =>
  checked(`${PLANT}  harv-[4-6]:\n${keys(size, '    ')}`),
);
linear('errors of as many ranges', 200, (size) =>
  checked(
    PLANT +
      Array.from({ length: size }, (_, index) => `  n${index}x[1-2]: { mac: a, ip: b, unknown: c }\n`).join(
        '',
      ),
  ),
);
linear('secrets on one line', 2000, (size) =>
  checked(
    `${PLANT}unknown: {${Array.from({ length: size }, (_, index) => ` password_${index}: v,`).join('')} }\n`,
  ),
);

const inToken = (token: string) =>
  checked(PLANT.replace('token: ${secret:cluster_token}', `token: ${JSON.stringify(token)}`));
const inFile = (content: string) =>
  checked(
    PLANT.replace(
      '    install:',
      `    os: { write_files: [{ path: /a, content: ${JSON.stringify(content)} }] }\n    install:`,
    ).replace(/ {4}os: \{ ntp[\s\S]*?\}\n/, ''),
  );
for (const [name, piece] of [
  ['references', '${secret:a} '],
  ['references to different secrets', undefined],
  ['references without an end', '${secret:'],
  ['misspelt references without an end', '${ secrets.'],
  ['placeholders without an end', '@@secret:a'],
] as const) {
  const text = (size: number) =>
    piece?.repeat(size) ?? Array.from({ length: size }, (_, index) => `\${secret:a${index}}`).join(' ');
  linear(`${name} in a token`, 4000, (size) => inToken(text(size)));
  linear(`${name} in a file`, 4000, (size) => inFile(text(size)));
}

linear('references in comments and keys of a file', 4000, (size) =>
  checked(
    PLANT.replace(
      '    install:',
      `    os: { write_files: [{ path: /a.yaml, content: ${JSON.stringify(`# ${'${secret:a} '.repeat(size)}\n`)} }] }\n    install:`,
    ).replace(/ {4}os: \{ ntp[\s\S]*?\}\n/, ''),
  ),
);
linear('references in values of a file', 4000, (size) =>
  checked(
    PLANT.replace(
      '    install:',
      `    os: { write_files: [{ path: /a.yaml, content: ${JSON.stringify('- "${secret:a}"\n'.repeat(size))} }] }\n    install:`,
    ).replace(/ {4}os: \{ ntp[\s\S]*?\}\n/, ''),
  ),
);

for (const piece of [
  '[',
  '{',
  '[[]',
  '- ',
  'a: ',
  '[],',
  '{},',
  '? ',
  '!a ',
  '&a ',
  '*a ',
  '"',
  "'",
  '|',
  '# ',
])
  linear(`many of ${JSON.stringify(piece)}`, 10_000, (size) =>
    checked(`site: plant\na: ${piece.repeat(size)}\n`),
  );

const LONG = [' ', '/', '\t', '.', '-', ':', ',', '"', '=', 'a', 'a ', ' a', '\\'];
for (const piece of LONG) {
  const long = (size: number) => piece.repeat(size);
  for (const [name, fileOf] of [
    [
      'phs',
      (text: string) =>
        JSON.stringify({
          server: `http://a/${text}b`,
          downloadserver: `http://a/${text}b`,
          maclist: [
            { mac: '52:54:00:aa:01:01', name: `a${text}b`, ip: `10.0.0.1${text}`, configs: [`c${text}c`] },
          ],
          config: [{ name: `c${text}c`, install: { device: `/dev/${text}a`, iso_url: `http://a/${text}b` } }],
        }),
    ],
    [
      'a ConfigMap',
      (text: string) =>
        JSON.stringify({ kind: 'ConfigMap', data: { a: `a${text}b`, b: text.replaceAll(' ', '\n') } }),
    ],
    [
      'bss',
      (text: string) =>
        JSON.stringify([
          {
            macs: ['52:54:00:aa:01:01'],
            params: `a=b${text}c root=live:http://a/${text}b console=${text}ttyS0`,
            kernel: `http://a/${text}b`,
            initrd: `http://a/${text}b`,
          },
        ]),
    ],
    [
      'ipxe',
      (text: string) =>
        `#!ipxe\nset a b${text}c\nset password = b${text}c\nkernel http://a/${text}b c=${text}d ${text}e\ninitrd ${text}b\nsanboot iscsi:${text}:::1:${text}b\nboot ${text}\n`,
    ],
    ['pxelinux', (text: string) => `label a\n  kernel ${text}b\n  append c${text}d\n  ipappend${text}2\n`],
    ['an INI file', (text: string) => `[a]\npassword = b${text}c\nuser = d${text}e # f\n`],
  ] as const)
    linear(`${name} with many of ${JSON.stringify(piece)}`, 5000, (size) => imported(fileOf(long(size))));
}

test.run();
