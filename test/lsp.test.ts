import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type {
  CodeAction,
  CompletionItem,
  CompletionList,
  Diagnostic,
  DocumentSymbol,
  Hover,
  Location,
  MarkupContent,
  Position,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver-protocol/node';
import { parse } from 'yaml';
import { BIN } from './support/cli.ts';
import { endServers, LspClient } from './support/lsp-client.ts';
import { PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';
import { SHARED_SITES } from './support/shared-sites.ts';

const test = suite('the language server');

test.after.each(endServers);

const root = fileURLToPath(new URL('..', import.meta.url));
const ALL = { start: { line: 0, character: 0 }, end: { line: 9999, character: 0 } };

/** An editor with all YAML files of a directory open. */
class Session {
  readonly folder: string;
  readonly client: LspClient;
  readonly texts: Record<string, string>;

  constructor(files: Readonly<Record<string, string>> = SHARED_SITES) {
    this.texts = { ...files };
    this.folder = writeFiles(join(scratchFolder(), 'sites'), files);
    this.client = new LspClient(this.folder);
  }

  static async open(
    files?: Readonly<Record<string, string>>,
    options: Parameters<LspClient['initialize']>[1] = {},
  ): Promise<Session> {
    const session = new Session(files);
    await session.client.initialize(session.folder, options);
    for (const path of Object.keys(session.texts))
      if (path.endsWith('.yaml')) await session.client.open(session.path(path));
    return session;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  uri(name: string): string {
    return pathToFileURL(this.path(name)).href;
  }

  /** Returns the position of a piece in a text, `plus` characters after its start. */
  at(name: string, piece: string, plus = 0): Position {
    const text = this.texts[name] as string;
    const offset = text.indexOf(piece);
    assert.ok(offset >= 0, piece);
    const before = text.slice(0, offset + plus).split('\n');
    return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  }

  async edit(name: string, text: string): Promise<readonly Diagnostic[]> {
    this.texts[name] = text;
    return this.client.change(this.path(name), { text });
  }

  /** Returns the text of a hover, with paths relative to the sites. */
  async hover(name: string, piece: string, plus = 1): Promise<string> {
    const found = await this.client.request<Hover | null>('textDocument/hover', this.path(name), {
      position: this.at(name, piece, plus),
    });
    const text = (found?.contents as MarkupContent | undefined)?.value;
    return (text ?? '').replaceAll(pathToFileURL(this.folder).href, 'sites:');
  }

  async actions(name: string): Promise<readonly CodeAction[]> {
    return this.client.request('textDocument/codeAction', this.path(name), {
      range: ALL,
      context: { diagnostics: [] },
    });
  }

  /** Applies the edits of a code action. */
  async apply({ edit }: CodeAction): Promise<void> {
    for (const [uri, edits] of Object.entries(edit?.changes ?? {})) {
      const name = fileURLToPath(uri).slice(this.folder.length + 1);
      await this.edit(name, applied(this.texts[name] as string, edits));
    }
  }

  /** Ends the session, in which nothing must have failed. */
  async end(): Promise<void> {
    assert.equal(this.client.messages, []);
    assert.is(await this.client.end(), 0);
    assert.is(this.client.errors, '');
  }
}

function applied(text: string, edits: readonly TextEdit[]): string {
  const lines = text.split('\n');
  const offset = ({ line, character }: Position) =>
    lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (result, { range, newText }) =>
        result.slice(0, offset(range.start)) + newText + result.slice(offset(range.end)),
      text,
    );
}

test('announces its capabilities', async () => {
  const session = await Session.open();
  const { textDocumentSync, hoverProvider, codeActionProvider } = session.client.capabilities;
  assert.equal(textDocumentSync, { openClose: true, change: 2, save: true });
  assert.is(hoverProvider, true);
  assert.equal(codeActionProvider, { codeActionKinds: ['quickfix'] });
  await session.end();
});

test('publishes whole diagnostics of unsaved texts, with the related place, the page and a tag', async () => {
  const session = await Session.open();
  const name = 'west/site.yaml';
  const text = SHARED_SITES[name] as string;
  await session.edit(
    name,
    text.replace('ip: 10.2.0.41', 'ip: 10.2.9.9').replace('dhcp: {}', 'dhcp: { pool: 10.2.9.1-10.2.9.99 }'),
  );
  assert.equal(session.client.published.get(session.uri(name)), [
    {
      range: { start: session.at(name, '10.2.9.9 '), end: session.at(name, '10.2.9.9 ', 8) },
      severity: 1,
      code: 'address-in-dhcp-pool',
      source: 'harvgen',
      message:
        'The IP address 10.2.9.9 of w-1 is inside the DHCP pool 10.2.9.1-10.2.9.99: DHCP can lease it to an unknown machine.\nhelp: move the node out of the pool, or shrink the pool',
      relatedInformation: [
        {
          message: 'the pool is set',
          location: {
            uri: session.uri(name),
            range: { start: session.at(name, '10.2.9.1-'), end: session.at(name, '10.2.9.1-', 18) },
          },
        },
      ],
    },
  ]);
  assert.match(
    await session.hover(name, '10.2.9.9 '),
    '\n\n**address-in-dhcp-pool**: Reserved and static IP addresses of nodes and BMCs must be outside the DHCP pool of their network. The pool serves unknown machines',
  );
  const [idle] = await session.edit(name, `${text}silence: { vip-taken: nothing }\n`);
  assert.equal([idle?.code, idle?.severity, idle?.tags], ['idle-silence', 2, [1]]);
  const gone = text.replace('v1.6.1', 'v0.3.0');
  const old = await session.edit(name, gone);
  assert.equal(old.find(({ code }) => code === 'release-too-old')?.tags, [2]);
  assert.equal(await session.edit(name, text), []);
  await session.end();
});

test('checks a shared fragment in each site that includes it, and reports an equal error once', async () => {
  const session = await Session.open();
  const name = '_shared/hardware.yaml';
  const text = SHARED_SITES[name] as string;
  const found = await session.edit(
    name,
    text.replace('threads: 32', 'threads: 4').replace('labels:', 'lables:'),
  );
  assert.equal(
    found.map(({ code, message }) => [code, String(message).split('\n')[0]]),
    [
      [
        'hardware-too-small',
        'The installer of Harvester v1.4.1 stops, because it finds 4 CPU threads (16 at least).',
      ],
      [
        'hardware-too-small',
        'The installer of Harvester v1.6.1 stops, because it finds 4 CPU threads (16 at least).',
      ],
      ['unknown-key', 'profiles.gpu has no key lables: did you mean labels?'],
    ],
  );
  // The same release: the same error.
  await session.edit(
    'west/site.yaml',
    (SHARED_SITES['west/site.yaml'] as string).replace('v1.6.1', 'v1.4.1'),
  );
  assert.equal(
    session.client.published.get(session.uri(name))?.map(({ code }) => code),
    ['hardware-too-small', 'unknown-key'],
  );
  await session.end();
});

test('checks sites of one directory against each other', async () => {
  const session = await Session.open();
  const name = 'west/site.yaml';
  const found = await session.edit(
    name,
    (SHARED_SITES[name] as string).replace('52:54:00:02:01:01', '52:54:00:01:01:01'),
  );
  assert.equal(
    found.map(({ code, relatedInformation }) => [code, relatedInformation?.[0]?.location.uri]),
    [['mac-in-two-sites', session.uri('east/nodes/e-1.yaml')]],
  );
  await session.end();
});

test('hover: the meaning of a key, its releases, what holds for which nodes, and where it was set', async () => {
  const session = await Session.open();
  const hardware = '_shared/hardware.yaml';
  assert.is(
    await session.hover(hardware, 'device'),
    `**config.install.device** (string)

Disk for the installation; all its data are lost. Required. It must be a whole disk of at least 250 GiB, or 180 GiB with a separate \`data_disk\` (60 GiB on v1.1). Use a by-id or by-path name: /dev/sdX may be another disk at the next boot.

Example: \`"/dev/disk/by-id/nvme-eui.0025388b01234567"\`

In Harvester since v1.1.0.

In \`east\`:
- e-1: \`/dev/disk/by-path/pci-0000:41:00.0-nvme-1\`, [hardware.yaml:6](sites:/_shared/hardware.yaml#L6) in profile gpu`,
  );
  assert.is(
    (await session.hover(hardware, 'password')).split('\n\n').slice(-2).join('\n\n'),
    `In \`east\`:
- e-1 to e-3 (3 nodes): \`\${secret:root_password}\`, [hardware.yaml:12](sites:/_shared/hardware.yaml#L12) in defaults

In \`west\`:
- w-1: \`\${secret:root_password}\`, [hardware.yaml:12](sites:/_shared/hardware.yaml#L12) in defaults`,
  );
  // A value that another layer overrides.
  const name = 'east/nodes/e-1.yaml';
  await session.edit(
    name,
    (SHARED_SITES[name] as string).replace(
      'mode: create\n',
      'mode: create\n    config: { os: { password: "${secret:own}" } }\n',
    ),
  );
  assert.match(
    await session.hover(hardware, 'password'),
    `- e-1: \`\${secret:own}\`, [../east/nodes/e-1.yaml:4](sites:/east/nodes/e-1.yaml#L4)
- e-2 and e-3: \`\${secret:root_password}\``,
  );
  // A clear text is never shown.
  await session.edit(
    name,
    (SHARED_SITES[name] as string).replace(
      'mode: create\n',
      'mode: create\n    config: { os: { password: hunter22 } }\n',
    ),
  );
  assert.match(await session.hover(name, 'password'), '- e-1: `***`');
  assert.is(
    await session.hover(name, 'e-[2-3]'),
    `**e-[2-3]** (object)

Machines that differ only in numbers: \`cg[01-06]\` is six. A value in brackets has as many numbers as the name; all other values apply to every machine. An entry for a single machine overrides the range.

- e-2 and e-3:
  - mode \`join\` (by default)
  - cluster \`east\`, [../site.yaml:7](sites:/east/site.yaml#L7) (the site's only cluster)
  - install \`once\` (by default)
  - firmware \`uefi\` (by default)`,
  );
  assert.is(await session.hover(name, '# storage', 3), '');
  assert.is(await session.hover('east/manifests/settings.yaml', 'kind'), '');
  await session.end();
});

test('hover: a key that a release of the sites lacks, and one without effect on a node', async () => {
  const session = await Session.open();
  const name = 'west/site.yaml';
  const text = (SHARED_SITES[name] as string)
    .replace('v1.6.1', 'v1.2.0')
    .replace(
      'mode: create',
      'mode: create\n    boot: { args: [a] }\n    cloud_init: { user_data: {} }\n    config: { install: { wipeAllDisks: true, role: witness } }',
    );
  await session.edit(name, text);
  assert.match(
    await session.hover(name, 'role: w'),
    'In Harvester since v1.1.0, since v1.3.0. **Not in v1.2.0**.',
  );
  assert.match(
    await session.hover(name, 'wipeAll'),
    /^\*\*config\.install\.wipe\\_all\\_disks\*\* \(boolean\)/,
  );
  assert.match(
    await session.hover(name, 'cloud_init'),
    '- w-1: without effect, because it applies only to Linux, but it boots Harvester',
  );
  await session.end();
});

test('symbols by node', async () => {
  const session = await Session.open(SHARED_SITES);
  const name = 'east/nodes/e-1.yaml';
  const range = (start: [number, number], end: [number, number]) => ({
    start: { line: start[0], character: start[1] },
    end: { line: end[0], character: end[1] },
  });
  assert.equal(
    await session.client.request<DocumentSymbol[]>('textDocument/documentSymbol', session.path(name)),
    [
      {
        name: 'nodes',
        kind: 3,
        range: range([0, 0], [10, 0]),
        selectionRange: range([0, 0], [0, 5]),
        children: [
          { name: 'e-1', kind: 19, range: range([1, 2], [7, 0]), selectionRange: range([1, 2], [1, 5]) },
          { name: 'e-[2-3]', kind: 19, range: range([7, 2], [10, 0]), selectionRange: range([7, 2], [7, 9]) },
        ],
      },
    ],
  );
  const manifest = 'east/manifests/settings.yaml';
  const whole = range([0, 0], [6, 0]);
  assert.equal(await session.client.request('textDocument/documentSymbol', session.path(manifest)), [
    { name: 'ConfigMap', detail: 'notes', kind: 19, range: whole, selectionRange: whole },
  ]);
  await session.end();
});

test('code actions silence a rule with a reason, in each place that may', async () => {
  const options = { capabilities: { window: { showDocument: { support: true } } } };
  const session = await Session.open(SHARED_SITES, options);
  const name = 'west/site.yaml';
  await session.edit(
    name,
    (SHARED_SITES[name] as string).replace('mode: create', 'mode: create\n    install: always'),
  );
  const actions = await session.actions(name);
  assert.equal(
    actions.map(({ title, kind, edit, diagnostics = [] }) => [
      title,
      kind,
      diagnostics.map(({ code }) => code),
      edit,
    ]),
    [
      [
        'Silence install-always for w-1',
        'quickfix',
        ['install-always'],
        {
          changes: {
            [session.uri(name)]: [
              {
                range: { start: { line: 18, character: 0 }, end: { line: 18, character: 0 } },
                newText: '    silence:\n      install-always: the reason\n',
              },
            ],
          },
        },
      ],
      [
        'Silence install-always for west',
        'quickfix',
        ['install-always'],
        {
          changes: {
            [session.uri(name)]: [
              {
                range: { start: { line: 18, character: 0 }, end: { line: 18, character: 0 } },
                newText: 'silence:\n  install-always: the reason\n',
              },
            ],
          },
        },
      ],
    ],
  );
  // The editor selects the reason.
  const shown = new Promise((resolve) => {
    session.client.connection.onRequest('window/showDocument', (params) => {
      resolve(params);
      return { success: true };
    });
  });
  const [ofNode] = actions as [CodeAction];
  await session.apply(ofNode);
  assert.equal(session.client.published.get(session.uri(name)), []);
  await session.client.connection.sendRequest('workspace/executeCommand', ofNode.command);
  assert.equal(await shown, {
    uri: session.uri(name),
    selection: { start: session.at(name, 'the reason'), end: session.at(name, 'the reason', 10) },
    takeFocus: true,
  });
  // In a shared file: for each site, or for all.
  const hardware = '_shared/hardware.yaml';
  await session.edit(
    hardware,
    (SHARED_SITES[hardware] as string).replace('profiles: [rack]\n', 'profiles: [rack]\n  install: always\n'),
  );
  const titles = (await session.actions(hardware)).map(({ title }) => title);
  assert.equal(
    [...new Set(titles)],
    [
      'Silence install-always for the defaults',
      'Silence install-always for east',
      'Silence install-always for all sites that include this file',
    ],
  );
  // An error without which nothing can be written cannot be silenced.
  const without = await session.edit(name, (SHARED_SITES[name] as string).replace(', ip: 10.2.0.41', ''));
  assert.equal(
    without.map(({ code }) => code),
    ['missing-address', 'network-unclear'],
  );
  assert.equal(await session.actions(name), []);
  await session.end();
});

test('edits are for a version of the text, and only where there are some', async () => {
  const options = { capabilities: { workspace: { workspaceEdit: { documentChanges: true } } } };
  const session = await Session.open(SHARED_SITES, options);
  const name = 'west/site.yaml';
  const text = (SHARED_SITES[name] as string).replace('harvester:', 'harvestr:');
  await session.edit(name, text);
  const [fix] = await session.actions(name);
  const textDocument = { uri: session.uri(name), version: 2 };
  const range = { start: session.at(name, 'harvestr'), end: session.at(name, 'harvestr', 8) };
  assert.equal(fix?.edit, {
    documentChanges: [{ textDocument, edits: [{ range, newText: 'harvester' }] }],
  });
  await session.edit(name, text.replace('harvestr:', 'harvester:'));
  const edit = await session.client.request<WorkspaceEdit>('textDocument/rename', session.path(name), {
    position: session.at(name, 'w-1:'),
    newName: 'w-2',
  });
  assert.equal(edit, {
    documentChanges: [
      {
        textDocument: { ...textDocument, version: 3 },
        edits: [
          { range: { start: session.at(name, 'w-1'), end: session.at(name, 'w-1', 3) }, newText: 'w-2' },
        ],
      },
    ],
  });
  // The text of an alias cannot be edited: others use it.
  await session.edit(
    name,
    text
      .replace('harvestr:', 'harvester:')
      .replace('    mode: create\n', '    mode: create\n    config: { install: &one { silent: true } }\n')
      .replace('nodes:\n', 'profiles:\n  other: { config: { install: *one } }\nnodes:\n')
      .replace(/(profiles:\n[^\n]*\n)(nodes:\n.*)$/s, '$2$1'),
  );
  const titles = (await session.actions(name)).map(({ title }) => title);
  assert.equal(titles, ['Silence key-without-effect for w-1', 'Silence key-without-effect for west']);
  await session.end();
});

test('completion, definition, references and rename of the names of unsaved texts', async () => {
  const session = await Session.open();
  const name = 'east/nodes/e-1.yaml';
  const path = session.path(name);
  const hardware = '_shared/hardware.yaml';
  await session.edit(hardware, (SHARED_SITES[hardware] as string).replaceAll('gpu:', 'fast:'));
  await session.edit(name, (SHARED_SITES[name] as string).replace('[gpu]', '[fa]').replace('"gpu"', 'fast'));
  const placeOf = (file: string, piece: string, length: number) => ({
    uri: session.uri(file),
    range: { start: session.at(file, piece), end: session.at(file, piece, length) },
  });
  const offered = await session.client.request<CompletionList | CompletionItem[] | null>(
    'textDocument/completion',
    path,
    { position: session.at(name, '[fa]', 3) },
  );
  const items = Array.isArray(offered) ? offered : (offered?.items ?? []);
  assert.ok(
    items.some(({ label }) => label === 'fast'),
    JSON.stringify(items),
  );
  const position = session.at(name, 'fast]', 1);
  const definition = placeOf(hardware, 'fast:', 4);
  assert.equal([await session.client.request('textDocument/definition', path, { position })].flat(), [
    definition,
  ]);
  const found = await session.client.request<Location[]>('textDocument/references', path, {
    position,
    context: { includeDeclaration: true },
  });
  assert.equal(found.map(({ uri }) => uri).sort(), [session.uri(hardware), session.uri(name)]);
  const edit = await session.client.request<WorkspaceEdit>('textDocument/rename', path, {
    position,
    newName: 'quick',
  });
  assert.equal(Object.keys(edit.changes ?? {}).sort(), [session.uri(hardware), session.uri(name)]);
  await session.apply({ title: '', edit });
  assert.match(session.texts[hardware] as string, '  quick:\n    <<: *rack\n');
  assert.match(session.texts[name] as string, 'profiles: [rack, quick]');
  await session.end();
});

test('answers about the text as it is when the request is sent', async () => {
  const session = await Session.open();
  const name = 'east/site.yaml';
  for (let lines = 1; lines < 20; lines += 1) {
    const text = `${'#\n'.repeat(lines)}${SHARED_SITES[name]}`;
    void session.edit(name, text);
    const position = session.at(name, 'subnet');
    const found = await session.client.request<Hover>('textDocument/hover', session.path(name), { position });
    assert.equal(found.range, { start: position, end: { ...position, character: position.character + 6 } });
    assert.match((found.contents as MarkupContent).value, `site.yaml:${position.line + 1}]`);
  }
  await session.end();
});

test('follows files that are saved, added and removed on the disk', async () => {
  for (const isWatched of [true, false]) {
    const session = new Session();
    await session.client.initialize(session.folder, {
      capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: isWatched } } },
    });
    const name = 'west/site.yaml';
    const path = session.path('north/site.yaml');
    assert.equal(await session.client.open(session.path(name)), []);
    writeFiles(session.folder, {
      'north/site.yaml': (SHARED_SITES[name] as string).replace('site: west', 'site: north'),
    });
    const uri = session.uri('north/site.yaml');
    const changed = (type: number) => {
      const arrived = session.client.publishedOf(session.uri(name), 0);
      if (isWatched)
        void session.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
          changes: [{ uri, type }],
        });
      else
        void session.client.connection.sendNotification('textDocument/didSave', {
          textDocument: { uri: session.uri(name) },
        });
      return arrived;
    };
    assert.ok((await changed(1)).some(({ code }) => code === 'mac-in-two-sites'));
    rmSync(dirname(path), { recursive: true });
    assert.equal(await changed(3), []);
    assert.equal(session.client.published.get(uri) ?? [], []);
    await session.end();
  }
});

test('a file of no site gets no diagnostics, and a file outside of the folders gets those of its site', async () => {
  const session = await Session.open();
  const other = join(writeFiles(scratchFolder(), { 'compose.yaml': 'services: {}\n' }), 'compose.yaml');
  assert.equal(await session.client.open(other), []);
  const site = join(makeSite(PLANT), 'site.yaml');
  const [found] = await session.client.open(site, `${PLANT}x: 1\n`);
  assert.is(found?.code, 'unknown-key');
  await session.end();
});

test('never runs the templates of a site, which may be half-typed or unreviewed programs', async () => {
  const folder = scratchFolder();
  const proof = join(folder, 'ran');
  const program = `process.getBuiltinModule('fs').writeFileSync(${JSON.stringify(proof)}, '')`;
  const site = writeFiles(join(folder, 'plant'), {
    'site.yaml': PLANT,
    'templates/ipxe/boot.ipxe.eta': `#!ipxe\n<% ${program}; for (;;) ; %>\n`,
  });
  const client = new LspClient(folder);
  await client.initialize(folder);
  assert.equal(await client.open(join(site, 'site.yaml')), []);
  assert.throws(() => readFileSync(proof), /ENOENT/);
  const [found] = await client.open(join(site, 'templates/ipxe/boot.ipxe.eta'), '#!ipxe\n<% if ( %>\n');
  assert.is(found?.code, 'template-syntax');
  assert.is(await client.end(), 0);
});

test('survives hostile texts, positions and messages', async () => {
  const session = await Session.open();
  const name = 'east/site.yaml';
  const path = session.path(name);
  for (const text of [
    '',
    '\ufeff',
    '[',
    `a: ${'['.repeat(100_000)}`,
    '\u0000',
    '&a [*a]',
    '? [a]\n: b\n',
    '--- 1\n---\n2\n',
    'x: \ud800\n',
    '<<: 1\n',
    'a: |\r\n b\r c\n',
  ]) {
    await session.edit(name, text);
    for (const method of ['hover', 'documentSymbol'])
      for (const position of [
        { line: 0, character: 0 },
        { line: 9, character: 99 },
      ])
        await session.client.request(`textDocument/${method}`, path, { position });
    await session.actions(name);
  }
  await session.client.change(path, {
    range: { start: { line: 99, character: 9 }, end: { line: 3, character: 1 } },
    text: 'x',
  });
  for (const uri of ['untitled:1', 'file:///%zz', 'file://host/a', 'nothing'])
    await session.client.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version: 1, text: 'site: x' },
    });
  assert.is(
    await session.client.request('textDocument/hover', join(session.folder, 'none.yaml'), {
      position: { line: 0, character: 0 },
    }),
    null,
  );
  assert.equal(await session.edit(name, SHARED_SITES[name] as string), []);
  await session.end();
});

test('a failure of harvgen itself is logged and shown once, and the server goes on', async () => {
  const package_ = join(scratchFolder(), 'harvgen');
  for (const part of ['bin', 'dist', 'schema', 'package.json'])
    cpSync(join(root, part), join(package_, part), { recursive: true });
  const archive = join(package_, 'dist/texts.json.br');
  const texts = JSON.parse(String(brotliDecompressSync(readFileSync(archive))));
  delete texts['knowledge/site.schema.json'];
  writeFileSync(archive, brotliCompressSync(JSON.stringify(texts)));
  const folder = makeSite(PLANT);
  const client = new LspClient(folder, join(package_, 'bin/harvgen.js'));
  await client.initialize(folder);
  const path = join(folder, 'site.yaml');
  await client.open(path);
  await client.request('textDocument/hover', path, { position: { line: 0, character: 1 } });
  await client.change(path, { text: `${PLANT}\n` });
  const shown = client.messages.filter((one) => one.startsWith('harvgen: this is a bug in harvgen: ENOENT'));
  assert.is(shown.length, 1, client.messages.join('\n'));
  assert.ok(client.messages.some((one) => /\n {4}at .*dist\/bin\//.test(one)));
  assert.is(await client.end(), 0);
});

test('each capability works on each file of the samples', async () => {
  const folder = join(scratchFolder(), 'sites');
  cpSync(join(root, 'sites'), folder, { recursive: true });
  const client = new LspClient(folder);
  await client.initialize(folder);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) =>
    one.endsWith('.yaml'),
  );
  let hovers = 0;
  for (const name of names) {
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    assert.equal(await client.open(path), [], name);
    const found = await client.request<DocumentSymbol[]>('textDocument/documentSymbol', path);
    if (name.includes('manifests')) {
      assert.ok(found.length > 0);
      continue;
    }
    const content = parse(text) as Record<string, object>;
    assert.equal(
      found.map((one) => one.name),
      Object.keys(content),
    );
    for (const { name: key, children = [], selectionRange } of found) {
      const inner = ['nodes', 'profiles', 'networks', 'clusters'].includes(key)
        ? Object.keys(content[key] ?? {})
        : [];
      if (inner.length > 0)
        assert.equal(
          children.map((one) => one.name),
          inner,
        );
      const at = await client.request<Hover>('textDocument/hover', path, { position: selectionRange.start });
      assert.match((at.contents as MarkupContent).value, `**${key.replaceAll('_', '\\_')}**`);
      assert.equal(at.range, selectionRange);
      hovers += 1;
    }
  }
  assert.ok(hovers > 40, `${hovers}`);
  assert.equal(client.messages, []);
  assert.is(await client.end(), 0);
});

test('ends with 1 if the editor disappears without a shutdown', async () => {
  const client = new LspClient(scratchFolder());
  await client.initialize(scratchFolder());
  const exit = new Promise((resolve) => client.child.once('exit', resolve));
  client.connection.dispose();
  client.child.stdin?.end();
  assert.is(await exit, 1);
});

test('only this command loads the packages of the protocol', () => {
  const folder = join(root, 'dist/bin');
  const loading = readdirSync(folder).filter(
    (name) => name.endsWith('.js') && readFileSync(join(folder, name), 'utf8').includes('textDocument/hover'),
  );
  assert.is(loading.length, 1, String(loading));
  assert.match(loading[0] as string, /^lsp-/);
});

test('a request without its parameters, or with others, is refused as invalid, and the server goes on', async () => {
  const session = await Session.open();
  const [textDocument, position] = [{ uri: session.uri('plant_a/site.yaml') }, { line: 0, character: 0 }];
  const at = { textDocument, position };
  for (const [method, params] of [
    ['initialize', {}],
    ['initialize', { capabilities: {}, workspaceFolders: 'x' }],
    ['textDocument/hover', {}],
    ['textDocument/hover', { textDocument }],
    ['textDocument/hover', { textDocument: 'x', position }],
    ['textDocument/hover', { textDocument, position: { line: '0', character: 0 } }],
    ['textDocument/completion', { textDocument, position: { line: -1, character: 0 } }],
    ['textDocument/definition', { position }],
    ['textDocument/references', at],
    ['textDocument/rename', at],
    ['textDocument/prepareRename', { textDocument: {}, position }],
    ['textDocument/documentSymbol', {}],
    ['textDocument/codeAction', { textDocument, range: { start: position } }],
  ] as const)
    await session.client.connection.sendRequest(method, params).then(
      () => assert.unreachable(method),
      ({ code, message }) =>
        assert.equal([code, message], [-32602, `${method} lacks a parameter, or one has another type`]),
    );
  for (const params of [null, [], 5])
    await session.client.connection.sendRequest('textDocument/hover', params as never).then(
      () => assert.unreachable(),
      ({ code }) => assert.is(code, -32602),
    );
  // After a body that is not JSON, the next message is found.
  session.client.child.stdin?.write('Content-Length: 4\r\n\r\n{bad');
  // Further keys are allowed; an unknown method stays an unknown method.
  await session.client.connection.sendRequest('textDocument/hover', { ...at, workDoneToken: 1 });
  await session.client.connection.sendRequest('textDocument/formatting', {}).then(
    () => assert.unreachable(),
    ({ code }) => assert.is(code, -32601),
  );
  assert.equal(session.client.messages, []);
  await session.client.end();
});

test('an input that is not of the protocol ends the server with a message instead of silence', () => {
  const frame = (text: string) => `Content-Length: ${text.length}\r\n\r\n${text}`;
  const initialize = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}';
  const form = 'it must begin with the header Content-Length, ended by CRLF';
  for (const [input, why] of [
    [`Content-Type: x\r\n\r\n${initialize}`, 'Header must provide a Content-Length property.'],
    [
      `${frame(initialize)}Content-Type: x\r\n\r\n{}${frame(initialize)}`,
      'Header must provide a Content-Length',
    ],
    [`${frame(initialize)}\r\n\r\n{}`, 'Message header must separate key and value'],
    [`Content-Length: ten\r\n\r\n{}`, 'Content-Length value must be a number. Got ten'],
    [`${initialize}\n`, form],
    [`Content-Length: ${initialize.length}\n\n${initialize}`, form],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [BIN, 'lsp'], {
      input,
      encoding: 'utf8',
      timeout: 20_000,
    });
    assert.equal([status, stderr.split('\n')[0]?.includes(why)], [1, true], stderr);
    assert.match(stderr, /^harvgen: the input is not the Language Server Protocol: /);
  }
});

test.run();
