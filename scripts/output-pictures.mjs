// Draws pictures of the documentation from real output: `npm run generate`. With --check it writes nothing, and fails when a picture
// differs from the output. The picture report.svg is the network of sites/location_x in its report. The picture diagnostic.svg is the
// output of `harvgen check` for an inventory with an error.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../src/compile.ts';
import { renderPage } from '../src/inspect/report/page.ts';
import { formatCount, formatText } from '../src/source/diagnostics/text.ts';
import { quoteXml } from '../src/values/quoting.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Returns the network picture of a site's report, with the style of the page in it. */
async function reportPicture() {
  const { site, inventory, tree, diagnostics } = await compile(join(root, 'sites', 'location_x'));
  const page = renderPage([{ site, inventory, tree, diagnostics }], { folder: root, diagnostics });
  const [svg] = /<svg class="network[\s\S]*?<\/svg>/.exec(page);
  const style = readFileSync(join(root, 'src/inspect/report/report.css'), 'utf8').replaceAll(':root', 'svg');
  return svg
    .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replace('>', `>\n<style>${ofPicture(style)}</style>\n<rect class="sheet" width="100%" height="100%"/>`)
    .concat('\n');
}

/** Returns the rules of a style that apply to the picture: colors of the page, and the parts of the picture. */
function ofPicture(style) {
  const colors = style.slice(0, style.indexOf('* {'));
  const parts = style.match(/^(?:svg |\.(?:middle|network|bus|wire|plug|bond|post|box|mark)\b).*\{.*\}$/gm);
  const own = [
    'svg { font-family: system-ui, sans-serif; }',
    '.mono { font-family: ui-monospace, monospace; }',
  ];
  return [colors, ...own, ...parts, '.sheet { fill: var(--card); }', ''].join('\n');
}

/** Returns a picture of a terminal with a diagnostic: the VIP of sites/location_x is moved into its DHCP pool. */
async function diagnosticPicture() {
  const folder = mkdtempSync(join(tmpdir(), 'harvgen-'));
  try {
    for (const path of ['location_x/site.yaml', '_shared/defaults.yaml', '_shared/hardware.yaml']) {
      mkdirSync(dirname(join(folder, 'sites', path)), { recursive: true });
      const text = readFileSync(join(root, 'sites', path), 'utf8');
      writeFileSync(join(folder, 'sites', path), text.replace('vip: 192.168.178.40', 'vip: 192.168.178.210'));
    }
    const { diagnostics } = await compile(join(folder, 'sites', 'location_x'));
    const text = formatText(diagnostics, { color: true, folder });
    return terminal(`$ npx harvgen check sites/location_x\n${text}\n${formatCount(diagnostics)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A color in the text that harvgen prints. */
const COLOR = new RegExp(`${String.fromCharCode(27)}\\[(\\d+)m`, 'g');

/** Colors of a terminal by the codes that harvgen prints. */
const CODES = { 1: 'bold', 31: 'red', 33: 'yellow', 36: 'cyan' };

/** Returns a text with colors of a terminal as a picture. */
function terminal(text) {
  const lines = wrapped(text.trimEnd().split('\n'));
  const rows = lines.map((line, index) => {
    const parts = line.split(COLOR);
    const spans = parts.map((part, at) => (at % 2 === 1 || part === '' ? '' : span(part, parts[at - 1])));
    return `<text x="16" y="${34 + index * 19}" xml:space="preserve">${spans.join('')}</text>`;
  });
  const width = 16 * 2 + Math.max(...lines.map((line) => line.replace(COLOR, '').length)) * 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${lines.length * 19 + 34}" role="img" aria-label="A diagnostic of harvgen check">`,
    '<style>text { font: 13px "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #d9dee8; } .bold { font-weight: bold; fill: #ffffff; }',
    '.red { fill: #ff8078; } .yellow { fill: #f0c060; } .cyan { fill: #6fd0e8; }</style>',
    '<rect width="100%" height="100%" rx="8" fill="#171b22"/>',
    ...rows,
    '</svg>\n',
  ].join('\n');
}

function span(text, code) {
  const name = CODES[code];
  return name ? `<tspan class="${name}">${quoteXml(text)}</tspan>` : `<tspan>${quoteXml(text)}</tspan>`;
}

/** Wraps long lines as a terminal of 100 columns does. */
function wrapped(lines) {
  return lines.flatMap((line) => (line.length > 110 ? (line.match(/.{1,98}(?: |$)/g) ?? [line]) : [line]));
}

const pictures = { 'report.svg': await reportPicture(), 'diagnostic.svg': await diagnosticPicture() };
for (const [name, svg] of Object.entries(pictures)) {
  const target = join(root, 'docs', 'pictures', name);
  if (!process.argv.includes('--check')) writeFileSync(target, svg);
  else if (!existsSync(target) || readFileSync(target, 'utf8') !== svg) {
    console.error(`docs/pictures/${name} differs from the output of harvgen: run \`npm run generate\``);
    process.exitCode = 1;
  }
}
