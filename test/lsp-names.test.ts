import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CompletionItem, Location, TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol/node';
import { bigPlant } from './support/big-plant.ts';
import { LspClient } from './support/lsp-client.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';
import { SHARED_SITES } from './support/shared-sites.ts';

/** Completion, definition, references and rename of the language server, as an editor requests them. */

const test = suite('names in an editor');

const folder = writeFiles(scratchFolder(), SHARED_SITES);
const at = (path: string) => join(folder, path);
const client = new LspClient(folder);

/** Returns the position of a text in the text of a file. */
function positionOf(text: string, part: string) {
  const before = text.slice(0, text.indexOf(part)).split('\n');
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

function shown({ uri, range }: Location): string {
  return `${uri.replace(`${pathToFileURL(folder).href}/`, '')}:${range.start.line + 1}:${range.start.character + 1}`;
}

test('announces its abilities', async () => {
  await client.initialize(folder);
  const { completionProvider, definitionProvider, referencesProvider, renameProvider } = client.capabilities;
  assert.equal(
    { completionProvider, definitionProvider, referencesProvider, renameProvider },
    {
      completionProvider: { triggerCharacters: [' ', ':', '{', '[', '/', '.'] },
      definitionProvider: true,
      referencesProvider: true,
      renameProvider: { prepareProvider: true },
    },
  );
});

test('completes in a text that is not YAML at the moment', async () => {
  const path = at('east/nodes/e-1.yaml');
  const text = readFileSync(path, 'utf8').replace('    mode: create\n', '    mode: create\n    disk\n');
  await client.open(path, text);
  const position = { line: 3, character: 8 };
  const items = await client.request<CompletionItem[]>('textDocument/completion', path, { position });
  assert.equal(
    items.find(({ label }) => label === 'disks'),
    {
      label: 'disks',
      kind: 10,
      documentation: {
        kind: 'markdown',
        value:
          "The machine's disks. Checks compare the configuration with them; no file is derived from them.",
      },
      sortText: '0020',
      insertTextFormat: 1,
      textEdit: { range: { start: { line: 3, character: 4 }, end: position }, newText: 'disks:' },
    },
  );
  await client.change(path, { text: text.replace('    disk\n', '').replace('[rack, "gpu"]', '[rack, ]') });
  const list = await client.request<CompletionItem[]>('textDocument/completion', path, {
    position: { line: 3, character: 21 },
  });
  assert.equal(
    list.map(({ label }) => label),
    ['gpu'],
  );
  await client.change(path, { text: SHARED_SITES['east/nodes/e-1.yaml'] ?? '' });
});

test('leads to definitions and references in other files, with the unsaved text', async () => {
  const path = at('east/nodes/e-1.yaml');
  const text = `# a new first line\n${SHARED_SITES['east/nodes/e-1.yaml']}`;
  await client.change(path, { text });
  const position = positionOf(text, 'storage }');
  const found = await client.request<Location[]>('textDocument/definition', path, { position });
  assert.equal(found.map(shown), ['_shared/storage.yaml:2:3']);
  const context = { includeDeclaration: false };
  const uses = await client.request<Location[]>('textDocument/references', path, { position, context });
  assert.equal(uses.map(shown), [
    'east/manifests/settings.yaml:6:21',
    'east/nodes/e-1.yaml:8:56',
    'west/site.yaml:17:59',
  ]);
});

test('renames a network in all files of both sites, or reports why not', async () => {
  const path = at('_shared/storage.yaml');
  const text = SHARED_SITES['_shared/storage.yaml'] ?? '';
  await client.open(path, text);
  const position = positionOf(text, 'storage');
  const range = { start: position, end: { ...position, character: position.character + 'storage'.length } };
  assert.equal(await client.request('textDocument/prepareRename', path, { position }), {
    range,
    placeholder: 'storage',
  });
  const { changes = {} } = await client.request<WorkspaceEdit>('textDocument/rename', path, {
    position,
    newName: 'san',
  });
  const edits = Object.entries(changes).map(([uri, all]: [string, TextEdit[]]) =>
    all.map((one) => `${shown({ uri, range: one.range })} ${one.newText}`),
  );
  assert.equal(edits.flat().sort(), [
    "_shared/storage.yaml:2:3 'san'",
    'east/manifests/settings.yaml:6:21 san',
    'east/nodes/e-1.yaml:8:56 san',
    'west/site.yaml:17:59 san',
  ]);
  const failed = (newName: string) =>
    client.request('textDocument/rename', path, { position, newName }).then(
      () => 'renamed',
      ({ message }: Error) => message,
    );
  assert.is(await failed('mgmt'), 'mgmt is already the name of a network, at ../east/site.yaml:6:3');
  assert.is(
    await failed('San'),
    'San is not a name of a network: it must be a name of at most 63 lower-case letters and digits, with - and _ inside',
  );
});

test('ends without a failure', async () => {
  assert.is(await client.end(), 0);
  assert.equal(client.messages, []);
});

test('completes from the last compilation at 200 nodes, before the diagnostics of the new text', async () => {
  const text = bigPlant(200);
  const site = makeSite(text);
  const big = new LspClient(site);
  await big.initialize(site);
  const path = join(site, 'site.yaml');
  await big.open(path);
  const lines = text.split('\n');
  const first: string[] = [];
  for (let index = 0; index < 20; index += 1) {
    const line = lines.findIndex((one) => one.startsWith(`  node-${index * 9 + 1}:`));
    const typed = `  node-${index * 9 + 1}: { pro`;
    const checked = big.change(path, { text: lines.with(line, typed).join('\n') }).then(() => 'diagnostics');
    const position = { line, character: typed.length };
    const items = big.request<CompletionItem[]>('textDocument/completion', path, { position });
    first.push(await Promise.race([checked, items.then(() => 'completion')]));
    assert.ok((await items).some(({ label }) => label === 'profiles'));
    await checked;
  }
  assert.is(await big.end(), 0);
  // A busy machine may start to compile before it reads the request.
  assert.ok(first.filter((one) => one === 'completion').length >= 10, first.join(' '));
});

test.run();
