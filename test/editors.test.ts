// needs: nvim unzip xmllint
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { outputOf, preparedCopy, readPage } from './support/docs.ts';
import { blocksOf } from './support/markdown.ts';
import { scratchFolder } from './support/scratch.ts';

/* The configurations of docs/how-to/editors.md, in the programs that read them. */

const test = suite('the editors of the documentation');
const page = readPage('docs/how-to/editors.md');

/** Does what a person does, in Debian's Neovim with the lines of the page, and prints what it shows. */
const SESSION = `
local function wait(what, condition)
  assert(vim.wait(20000, condition, 20), what .. ': nothing within 20 seconds')
end
local function press(keys)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, false, true), 'x', false)
end
local function place(text, offset)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search(text, 'cW') > 0, text)
  if offset then vim.cmd('normal! ' .. offset .. 'l') end
end
local function show(what, text) io.stdout:write(what, ': ', text, '\\n') end
local function messages()
  return table.concat(vim.tbl_map(function(one) return one.lnum + 1 .. ' ' .. one.code end, vim.diagnostic.get(0)), ', ')
end

wait('the server', function() return #vim.lsp.buf_get_clients(0) > 0 and vim.lsp.buf_get_clients(0)[1].initialized end)

place('gateway')
vim.cmd('normal! cegatway')
wait('diagnostics', function() return messages() ~= '' end)
show('diagnostics', messages())

vim.ui.select = function(items, _, choose)
  show('code actions', items[1][2].title)
  choose(items[1], 1)
end
press('gra')
wait('the edit', function() return vim.fn.search('gateway', 'n') > 0 end)
wait('no diagnostics', function() return messages() == '' end)
show('after it', vim.fn.getline('.'))

place('pool:')
press('K')
local float
wait('hover', function()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then float = window end
  end
  return float
end)
show('hover', table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(float), 0, -1, false), ' | '))
vim.api.nvim_win_close(float, true)

place('profiles: .small', 12)
press('<C-]>')
wait('definition', function() return vim.fn.expand('%:t') ~= 'site.yaml' end)
show('definition', vim.fn.expand('%:t') .. ': ' .. vim.fn.getline('.'))

vim.cmd('edit sites/location_x/site.yaml')
place('profiles: .small', 12)
local offered = vim.lsp.buf_request_sync(0, 'textDocument/completion', vim.lsp.util.make_position_params(), 20000)
local items = vim.lsp.util.text_document_completion_list_to_complete_items(select(2, next(offered)).result, '')
show('completion', table.concat(vim.tbl_map(function(item) return item.word end, items), ', '))
vim.cmd('qall!')
`;

test("Debian's Neovim shows diagnostics, a code action, hover, definition and completion", () => {
  const copy = preparedCopy();
  const [init = ''] = blocksOf(page, 'lua old');
  writeFileSync(join(copy, 'init.lua'), init);
  writeFileSync(join(copy, 'session.lua'), SESSION);
  const shown = outputOf(
    `nvim --headless --clean -i NONE -u init.lua sites/location_x/site.yaml -c 'luafile session.lua' -c cquit`,
    copy,
  );
  const lines = shown.trimEnd().split('\n');
  assert.match(
    lines.splice(3, 1).join(),
    /^hover: \*\*networks\.mgmt\.dhcp\.pool\*\* \(string\) .*Reservations must be outside the pool\..*`192\.168\.178\.200-192\.168\.178\.250`, \[site\.yaml:24\]/,
  );
  assert.equal(lines, [
    'diagnostics: 18 unknown-key',
    'code actions: Rename gatway to gateway',
    'after it:     gateway: 192.168.178.1',
    'definition: hardware.yaml:   small-tower:                       # one SATA disk, one NIC',
    'completion: small-tower, rack-server',
  ]);
});

const COMMAND = ['npx', 'harvgen', 'lsp'];

test('the lines for other editors name the same command, in the syntax of each', () => {
  const [init = ''] = blocksOf(page, 'lua new');
  // Newer than Debian's Neovim: compiled, but not run.
  const copy = scratchFolder();
  writeFileSync(join(copy, 'new.lua'), init);
  writeFileSync(
    join(copy, 'check.lua'),
    "assert(loadfile('new.lua'))\nio.stdout:write('compiled')\nvim.cmd('qall!')\n",
  );
  assert.is(outputOf("nvim --headless --clean -i NONE -c 'luafile check.lua' -c cquit", copy), 'compiled');
  assert.ok(init.includes(`cmd = { '${COMMAND.join("', '")}' }`));

  const [toml = ''] = blocksOf(page, 'toml');
  assert.equal(JSON.parse(JSON.stringify(parseToml(toml))), {
    'language-server': { harvgen: { command: COMMAND[0], args: COMMAND.slice(1) } },
    language: [{ name: 'yaml', 'language-servers': ['harvgen'] }],
  });

  const [zed = ''] = blocksOf(page, 'json');
  assert.equal(JSON.parse(zed).lsp['yaml-language-server'].binary, {
    path: COMMAND[0],
    arguments: COMMAND.slice(1),
  });

  const [emacs = ''] = blocksOf(page, 'elisp');
  assert.ok(emacs.includes(`("${COMMAND.join('" "')}")`));
});

test('the extension for VS Code is packed as a .vsix with all that it requires', () => {
  const folder = scratchFolder();
  const [pack = ''] = blocksOf(page, 'sh');
  const copy = preparedCopy();
  outputOf(
    `${pack}mv harvgen.vsix '${folder}/a.vsix'\nsleep 1\n${pack}cmp harvgen.vsix '${folder}/a.vsix'`,
    copy,
  );
  const listed = outputOf(
    'unzip -qt a.vsix && unzip -q a.vsix && rm a.vsix && find . -type f | sort',
    folder,
  );
  assert.equal(listed.split('\n').slice(1, -1), [
    './[Content_Types].xml',
    './extension.vsixmanifest',
    './extension/LICENSE.txt',
    './extension/LICENSES.txt',
    './extension/README.md',
    './extension/extension.js',
    './extension/package.json',
  ]);
  const xpath = (path: string) =>
    outputOf(`xmllint --xpath "string(${path})" extension.vsixmanifest`, folder).trim();
  const { version } = JSON.parse(readPage('package.json'));
  assert.is(xpath("//*[local-name()='Identity']/@Version"), version);
  const asset = xpath("//*[@Type='Microsoft.VisualStudio.Code.Manifest']/@Path");
  const extension = JSON.parse(readFileSync(join(folder, asset), 'utf8'));
  assert.equal(
    [extension.version, extension.contributes.configuration.properties['harvgen.command'].default],
    [version, COMMAND],
  );
  assert.is(xpath("//*[@Id='Microsoft.VisualStudio.Code.Engine']/@Value"), extension.engines.vscode);
  // VS Code itself provides one module, and Node the others.
  const script = readFileSync(join(folder, 'extension', extension.main), 'utf8');
  const modules = new Set(Array.from(script.matchAll(/\brequire\("([^"]+)"\)/g), ([, name]) => name ?? ''));
  assert.equal(
    [...modules].filter((name) => !isBuiltin(name)),
    ['vscode'],
  );
  assert.not.throws(() =>
    execFileSync(process.execPath, ['--check', join(folder, 'extension', extension.main)]),
  );
});

test.run();
