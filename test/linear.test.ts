import { dirname } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { IMPORT_FORMATS, JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import { parseYaml } from '../src/inventory/parse.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import { harvgen } from './support/cli.ts';
import { assertLinear } from './support/linear.ts';
import { PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/** Each case takes time in proportion to its size: eight times the size, eight times the time, not 64 times. */
const test = suite('time in proportion to the input');

function linear(name: string, size: number, call: (size: number) => unknown): void {
  test(name, () => assertLinear(name, 8 * size, (of) => of, call));
}

/** Compiles an inventory and renders its diagnostics. */
async function checked(text: string): Promise<string> {
  const { diagnostics, tree } = await compile(makeSite(text));
  for (const { content } of tree?.values() ?? []) assert.ok(content.length >= 0);
  return formatText(diagnostics, { color: false, folder: '/' });
}

/** Reads a text as the formats with these names, and renders the diagnostics. */
function imported(text: string, ...names: readonly string[]): void {
  for (const kind of [...IMPORT_FORMATS, ...JOINED_FORMATS]) {
    if (!names.includes(kind.name)) continue;
    const source = new Source('/a', text);
    const report = new Report();
    if ('isLike' in kind) joinedSite([{ kind, source }], {}, report);
    else kind.read(source, {}, report);
    formatText(report.sorted(), { color: false, folder: '/' });
  }
}

const list = (size: number, entry: (index: number) => string) =>
  Array.from({ length: size }, (_, index) => entry(index)).join('');

linear('unknown keys', 1000, (size) => checked(PLANT + list(size, (index) => `unknown_${index}: v\n`)));
linear('errors of as many ranges', 200, (size) =>
  checked(PLANT + list(size, (index) => `  n${index}x[1-2]: { mac: a, ip: b, unknown: c }\n`)),
);
linear('secrets on one line', 2000, (size) =>
  checked(`${PLANT}unknown: {${list(size, (index) => ` password_${index}: v,`)} }\n`),
);

linear('nested brackets without an end', 12, (size) =>
  parseYaml(new Source('/a', `a: ${'['.repeat(size)}`), new Report()),
);

const inToken = (token: string) =>
  checked(PLANT.replace('token: ${secret:cluster_token}', `token: ${JSON.stringify(token)}`));
const inFile = (content: string) =>
  checked(
    PLANT.replace(
      'os: {',
      `os: { write_files: [{ path: /a.yaml, content: ${JSON.stringify(content)} }],\n     `,
    ),
  );

linear('references in a text', 4000, (size) => inToken('${secret:a} '.repeat(size)));
linear('references without an end', 4000, (size) => inToken('${secret:'.repeat(size)));
linear('misspelt references without an end', 4000, (size) => inToken('${ secrets.'.repeat(size)));
linear('references in a comment of a file', 2000, (size) => inFile(`# ${'${secret:a} '.repeat(size)}\n`));
linear('references in values of a file', 2000, (size) => inFile('- "${secret:a}"\n'.repeat(size)));

for (const piece of ['[', '[],', '- ', 'a: ', '"'])
  linear(`many of ${JSON.stringify(piece)}`, 10_000, (size) =>
    checked(`site: plant\na: ${piece.repeat(size)}\n`),
  );

test('a million brackets take no memory for each', () => {
  for (const close of ['', ']']) {
    const site = makeSite(`site: plant\na: ${'['.repeat(1_000_000)}${close.repeat(1_000_000)}\n`);
    // A tenth of the memory that a parser needs for them.
    const { code, stderr } = harvgen(['check', 'plant'], dirname(site), {
      NODE_OPTIONS: '--max-old-space-size=100',
    });
    assert.is(code, 1, stderr.slice(-1000));
    assert.match(stderr, 'plant/site.yaml:2:103 error yaml-syntax\n  This is nested too deeply.\n');
  }
});

for (const piece of [' ', '/', '\n']) {
  const reads = (name: string, formats: string, fileOf: (text: string) => string) =>
    linear(`${name} with many of ${JSON.stringify(piece)}`, 10_000, (size) =>
      imported(fileOf(piece.repeat(size)), ...formats.split(' ')),
    );
  reads('phs', 'phs', (text) =>
    JSON.stringify({
      server: `http://a/${text}b`,
      downloadserver: `http://a/${text}b`,
      maclist: [
        {
          mac: '52:54:00:aa:01:01',
          name: `a${text}b password = b${text}c`,
          ip: `10.0.0.1${text}`,
          configs: [`c${text}c`],
        },
      ],
      config: [{ name: `c${text}c`, install: { device: `/dev/${text}a`, iso_url: `http://a/${text}b` } }],
    }),
  );
  reads('a ConfigMap', 'phs', (text) => JSON.stringify({ kind: 'ConfigMap', data: { a: `a${text}b` } }));
  reads('bss', 'bss', (text) =>
    JSON.stringify([
      {
        macs: ['52:54:00:aa:01:01'],
        params: `a=b${text}c root=live:http://a/${text}b console=${text}ttyS0 password = b${text}c`,
        kernel: `http://a/${text}b`,
        initrd: `http://a/${text}b`,
      },
    ]),
  );
  reads('ipxe', 'ipxe', (text) =>
    [
      '#!ipxe',
      `set a b${text}c`,
      `password = b${text}c`,
      `kernel http://a/${text}b c=${text}d ${text}e`,
      `initrd ${text}b`,
      `sanboot iscsi:${text}:::1:${text}b`,
      `boot ${text}`,
      '',
    ].join('\n'),
  );
  reads(
    'pxelinux and INI',
    'pxelinux bmi tgt',
    (text) =>
      `label a\n  kernel ${text}b\n  append c${text}d\n[a]\npassword = b${text}c\nuser = d${text}e # f\n`,
  );
}

test.run();
