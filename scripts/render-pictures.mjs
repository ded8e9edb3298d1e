// Renders docs/pictures/*.dot to SVG beside them: `npm run generate`. With --check it writes nothing and fails when a picture differs
// from its source. Classes of the sources, such as class=file, get their colors here, for light and dark screens; the layout is
// the same on every machine, since Graphviz comes from a package.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Graphviz } from '@hpcc-js/wasm-graphviz';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs', 'pictures');

/** Colors by class: fill and border of boxes, on light and on dark screens. */
const BOXES = {
  file: [
    ['#ddf4ff', '#0969da'],
    ['#0c2d4e', '#4493f8'],
  ],
  program: [
    ['#fff8c5', '#9a6700'],
    ['#3b2b05', '#d29922'],
  ],
  server: [
    ['#dafbe1', '#1a7f37'],
    ['#0d3320', '#3fb950'],
  ],
  machine: [
    ['#fbefff', '#8250df'],
    ['#2f1e4f', '#ab7df8'],
  ],
  secret: [
    ['#ffebe9', '#cf222e'],
    ['#4a1512', '#f85149'],
  ],
};

/** Colors of paper, text, lines and less important text, on light and on dark screens. */
const INKS = [
  ['#ffffff', '#1f2328', '#59636e'],
  ['#0d1117', '#f0f6fc', '#9198a1'],
];

const graphviz = await Graphviz.load();
for (const name of readdirSync(folder).filter((file) => file.endsWith('.dot'))) {
  const target = join(folder, name.replace(/dot$/, 'svg'));
  const svg = picture(readFileSync(join(folder, name), 'utf8'));
  if (!process.argv.includes('--check')) writeFileSync(target, svg);
  else if (!existsSync(target) || readFileSync(target, 'utf8') !== svg) {
    console.error(`docs/pictures/${name} differs from its SVG: run \`npm run generate\``);
    process.exitCode = 1;
  }
}

function picture(source) {
  const svg = graphviz.dot(source, 'svg');
  return svg
    .slice(svg.indexOf('<svg'))
    .replace(/<!--[\s\S]*?-->\n?|<title>[\s\S]*?<\/title>\n?/g, '')
    .replace(/ xmlns:xlink="[^"]*"/, '')
    .replace('>', `>\n${style()}`);
}

/** Returns the style of a picture; what it sets overrides the attributes that Graphviz writes. */
function style() {
  const [light, dark] = [0, 1].map(colors);
  const fonts = [
    'text { font-family: Helvetica, Arial, "Liberation Sans", sans-serif; }\n',
    '.note text { font-family: "Liberation Mono", Menlo, Consolas, monospace; }\n',
  ].join('');
  return `<style>\n${fonts}${light}@media (prefers-color-scheme: dark) {\n${dark}}\n</style>\n`;
}

function colors(screen) {
  const [paper, text, line] = INKS[screen];
  const boxes = Object.entries(BOXES).map(([name, screens]) => {
    const [fill, border] = screens[screen];
    return `.${name} > polygon, .${name} > path { fill: ${fill}; stroke: ${border}; }\n`;
  });
  return [
    `svg { background: ${paper}; }\n`,
    `.graph > polygon { fill: ${paper}; stroke: none; }\n`,
    `text { fill: ${text}; }\n`,
    `.edge text, .note text { fill: ${line}; }\n`,
    `.edge path { stroke: ${line}; }\n`,
    `.edge polygon { fill: ${line}; stroke: ${line}; }\n`,
    `.cluster > polygon, .cluster > path { fill: none; stroke: ${line}; }\n`,
    ...boxes,
  ].join('');
}
