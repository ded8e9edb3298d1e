import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameFiles, factsOf, type Plant, templatesOf } from './plant.ts';
import { type Command, run } from './run.ts';

/** The fastest configuration of Hugo: two plain-text outputs per page, and nothing else. */
const CONFIG = `baseURL: http://boot.example.org/
disableKinds: [home, section, taxonomy, term, RSS, sitemap, robotsTXT, "404"]
outputFormats:
  script: { mediaType: text/plain, isPlainText: true, baseName: script }
  config: { mediaType: text/plain, isPlainText: true, baseName: config }
outputs:
  page: [script, config]
`;

/**
 * Creates a Hugo site that writes the two files of each node of a site, and checks that they are equal. Returns the command
 * that builds it, and its output directory.
 */
export function hugoOf(plant: Plant): { readonly command: Command; readonly output: string } {
  const site = join(plant.folder, 'hugo');
  const output = join(site, 'public');
  mkdirSync(join(site, 'content', 'nodes'), { recursive: true });
  writeFileSync(join(site, 'config.yaml'), CONFIG);
  // The first node creates the cluster, and the others join it: two layouts.
  writeLayout(site, 'single', plant, Math.min(2, plant.nodes));
  writeLayout(site, 'create', plant, 1);
  for (let n = 1; n <= plant.nodes; n += 1) {
    const { name, mac, key } = factsOf(n);
    const layout = n === 1 ? 'layout: create\n' : '';
    writeFileSync(
      join(site, 'content', 'nodes', `${name}.md`),
      `---\ntitle: ${name}\nmac: "${mac}"\nkey: ${key}\n${layout}---\n`,
    );
  }
  const command: Command = { words: ['hugo', '--quiet', '--source', site], folder: plant.folder };
  run(command);
  assertSameFiles(plant, 'Hugo', ({ name }) => {
    const read = (file: string) => readFileSync(join(output, 'nodes', name, file), 'utf8');
    return { script: read('script.txt'), config: read('config.txt') };
  });
  return { command, output };
}

function writeLayout(site: string, layout: string, plant: Plant, n: number): void {
  const folder = join(site, 'layouts', '_default');
  mkdirSync(folder, { recursive: true });
  const { script, config } = templatesOf(plant, n, (fact) =>
    fact === 'name' ? '{{ .Title }}' : `{{ .Params.${fact} }}`,
  );
  writeFileSync(join(folder, `${layout}.script.txt`), script);
  writeFileSync(join(folder, `${layout}.config.txt`), config);
}
