import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { spelledPath } from '../inventory/canonical-config.ts';
import type { InventoryFile } from '../inventory/files.ts';
import type { Path } from '../source/leaf.ts';
import type { Value, ValueMap } from '../source/origin.ts';
import { chooseFile, isElsewhere, nodeNames, valueIn } from './edit-node.ts';

const test = suite('the file that a key belongs in');

function file(path: string, nodes: Value): InventoryFile {
  return { path, content: { nodes } as ValueMap };
}

const ROOT = file('site.yaml', {
  one: { mac: 'm' },
  two: { labels: { a: '1' } },
  three: { config: { os: { modules: ['kvm'] } } },
});
const OTHER = file('nodes/two.yaml', {
  two: { mac: 'm', config: { install: {} } },
  three: { config: { os: {} } },
  four: null,
});
const SHARED = file('shared.yaml', { two: { install: 'once' }, five: { mac: 'm' } });
const FILES = { own: [ROOT, OTHER], included: [SHARED] };

const CASES: readonly (readonly [node: string, key: Path, file: InventoryFile | undefined])[] = [
  ['one', ['install'], ROOT],
  ['two', ['labels', 'a'], ROOT],
  ['two', ['labels', 'b'], ROOT],
  ['two', ['config', 'install', 'device'], OTHER],
  ['two', ['config', 'os'], OTHER],
  ['two', ['install'], OTHER],
  ['three', ['config', 'os', 'modules', 1], ROOT],
  ['three', ['config', 'os', 'sysctls'], ROOT],
  ['four', ['install'], OTHER],
  ['five', ['install'], ROOT],
  ['six', ['install'], undefined],
];

test('is the one with the longest part of the key, or the identifiers, or the root', () => {
  for (const [node, key, expected] of CASES)
    assert.is(chooseFile(FILES, node, key)?.path, expected?.path, `${node} ${key.join('.')}`);
});

test('finds the nodes of all files, and their values in each file', () => {
  assert.equal(nodeNames(FILES), ['one', 'two', 'three', 'four', 'five']);
  assert.not(isElsewhere(FILES, ROOT, 'one'));
  assert.ok(isElsewhere(FILES, ROOT, 'two'));
  assert.is(valueIn(ROOT, ['nodes', 'three', 'config', 'os', 'modules', 0]), 'kvm');
  assert.is(valueIn(ROOT, ['nodes', 'three', 'config', 'os', 'modules', 'x']), undefined);
  assert.is(valueIn(OTHER, ['nodes', 'four', 'config']), undefined);
});

test('finds the keys of a configuration in the spelling of the file', () => {
  const other = file('a.yaml', {
    one: { config: { Install: { vipMode: 'dhcp', webhook: [{ URL: 'x' }] } } },
  });
  const own = [file('site.yaml', { one: { mac: 'm', config: { install: {} } } }), other];
  const vipMode = ['config', 'install', 'vip_mode'];
  assert.is(chooseFile({ own, included: [] }, 'one', vipMode), other);
  const spelled = (...path: Path) => spelledPath(other.content, ['nodes', 'one', ...path]).slice(2);
  assert.equal(spelled(...vipMode), ['config', 'Install', 'vipMode']);
  assert.equal(spelled('config', 'install', 'webhooks', 0, 'url'), [
    'config',
    'Install',
    'webhook',
    0,
    'URL',
  ]);
  assert.equal(spelled('config', 'install', 'vip'), ['config', 'Install', 'vip']);
  assert.equal(spelled('labels', 'vip_mode'), ['labels', 'vip_mode']);
});

test.run();
