import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { partsOf } from '../../knowledge/schemas.ts';
import { type Path, pathText } from '../../source/leaf.ts';
import { Source } from '../../source/source.ts';
import { type Explained, formatLeaves, select, suggest } from './explain-node.ts';

const test = suite('the text of explain');

const source = new Source('/sites/plant/site.yaml', 'one: 1\ntwo: 2\n');
const at = { source, start: 12, end: 13 };

test('shows the source in four forms', () => {
  const leaves: Explained[] = [
    { path: ['a'], value: 1, at, layer: 'node' },
    { path: ['bb'], value: 'text', at, layer: 'profile x' },
    { path: ['c'], value: true, at, derived: 'a reason' },
    { path: ['d'], value: {}, derived: 'by default' },
  ];
  assert.is(
    formatLeaves(leaves, '/sites'),
    `a   1     plant/site.yaml:2:6
bb  text  plant/site.yaml:2:6 in profile x
c   true  plant/site.yaml:2:6 (a reason)
d   {}    by default
`,
  );
});

test('quotes a text that looks like another type', () => {
  const quoted = ['10', '0x10', '1e3', 'true', 'No', 'null', '~', '', ' ', ' a', 'a ', 'a\nb', '{}', '[]'];
  for (const value of quoted) assert.is(textOf(value), JSON.stringify(value));
  for (const value of ['10.0.0.1', '10G', 'truely', 'a b', '${secret:x}', '"a"', '/dev/sda', '10.20'])
    assert.is(textOf(value), value === '10.20' ? '"10.20"' : value);
  for (const value of [10, true, null, [], {}]) assert.is(textOf(value), JSON.stringify(value));
});

test('no value controls the terminal or reverses the line', () => {
  assert.is(textOf('a\u009b31mb\u202ec'), '"a\\u{9b}31mb\\u{202e}c"');
  assert.is(
    formatLeaves([{ path: ['labels', 'a\u001b[2J'], value: 'x', at, layer: 'node' }], '/sites'),
    'labels.a\\u{1b}[2J  x  plant/site.yaml:2:6\n',
  );
});

test('a very long value does not widen the column', () => {
  const leaves: Explained[] = [
    { path: ['a'], value: 'x'.repeat(60), at },
    { path: ['b'], value: 'y', at },
  ];
  assert.is(
    formatLeaves(leaves, '/sites'),
    `a  ${'x'.repeat(60)}  plant/site.yaml:2:6\nb  y  plant/site.yaml:2:6\n`,
  );
});

function textOf(value: unknown): string {
  return formatLeaves([{ path: ['k'], value, derived: 'd' }], '/').slice(3, -4);
}

const selecting = suite('keys of explain');

const LEAVES = (
  [
    ['mode'],
    ['install'],
    ['nics', 0, 'name'],
    ['nics', 0, 'mac'],
    ['nics', 10, 'mac'],
    ['labels', 'topology.kubernetes.io/zone'],
    ['config', 'install', 'device'],
    ['config', 'install', 'management_interface', 'bond_options', 'mode'],
    ['config', 'system_settings', 'http-proxy', 'noProxy'],
  ] satisfies Path[]
).map((path) => ({ path, value: 1 }));

selecting('a key selects its leaf, or all leaves below it', () => {
  const cases: Record<string, string[]> = {
    mode: ['mode'],
    install: ['install'],
    nics: ['nics[0].name', 'nics[0].mac', 'nics[10].mac'],
    'nics[0]': ['nics[0].name', 'nics[0].mac'],
    'nics[1]': [],
    'labels.topology.kubernetes.io/zone': ['labels.topology.kubernetes.io/zone'],
    'labels.topology': [],
    'config.install': ['config.install.device', 'config.install.management_interface.bond_options.mode'],
    'config.inst': [],
    'config.': [],
    'config.system_settings.http-proxy': ['config.system_settings.http-proxy.noProxy'],
    '': [],
  };
  for (const [key, found] of Object.entries(cases)) {
    assert.equal(
      select(LEAVES, key).map(({ path }) => pathText(path)),
      found,
      key,
    );
  }
});

selecting('suggests the nearest key and its siblings', () => {
  const cases: Record<string, string> = {
    moed: ': did you mean mode? Keys: mode, install, nics, labels, config',
    'config.install.devise':
      ': did you mean config.install.device? Keys: config.install.device, config.install.management_interface',
    'install.device': ': did you mean config.install.device? Keys: mode, install, nics, labels, config',
    'nics[0].mc': ': did you mean nics[0].mac? Keys: nics[0].name, nics[0].mac',
    'http-proxy.noProxy':
      ': did you mean config.system_settings.http-proxy.noProxy? Keys: mode, install, nics, labels, config',
    xyzzy: '. Keys: mode, install, nics, labels, config',
  };
  for (const [key, text] of Object.entries(cases)) assert.is(suggest(LEAVES, key), text);
  const deep = [{ path: ['iscsi', 'rbd', 'pool'] }, { path: ['dhcp', 'pool'] }];
  assert.is(suggest(deep, 'pool'), ': did you mean dhcp.pool? Keys: iscsi, dhcp');
});

selecting('the schema contains the keys that a node can have', () => {
  for (const key of [
    'mode',
    'config',
    'mac',
    'nics[3].name',
    'disks[0].aliases[1]',
    'labels.topology.kubernetes.io/zone',
    'config.os.sysctls.kernel.panic',
    'config.os.sysctls.net[0].x',
    'config.install.webhooks[0].basicAuth.password',
    'config.system_settings.http-proxy.noProxy',
    'config.system_settings.containerd-registry.Configs.r.example.org:5000.Auth.Password',
    'silence.install-always',
  ])
    assert.ok(partsOf(key), key);
  for (const key of [
    '',
    'modes',
    'mode.x',
    'nics.name',
    'nics[x].name',
    'config.instal',
    'config.install.',
    'labels.',
    '[0]',
    '__proto__',
    'constructor',
    'config.os.toString',
  ])
    assert.not.ok(partsOf(key), key);
});

test.run();
selecting.run();
