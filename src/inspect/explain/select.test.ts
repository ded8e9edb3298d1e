import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { partsOf } from '../../knowledge/node-schema.ts';
import { type Path, pathText } from '../../source/leaf.ts';
import { select, suggest } from './select.ts';

const test = suite('keys of an explanation');

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

test('a key names its leaf, or all that it is the beginning of', () => {
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

test('a wrong key is told the nearest one, and those beside it', () => {
  const cases: Record<string, string> = {
    moed: ': did you mean mode? There are mode, install, nics, labels, config',
    'config.install.devise':
      ': did you mean config.install.device? There are config.install.device, config.install.management_interface',
    'install.device': ': did you mean config.install.device? There are mode, install, nics, labels, config',
    'nics[0].mc': ': did you mean nics[0].mac? There are nics[0].name, nics[0].mac',
    'http-proxy.noProxy':
      ': did you mean config.system_settings.http-proxy.noProxy? There are mode, install, nics, labels, config',
    xyzzy: '. There are mode, install, nics, labels, config',
  };
  for (const [key, said] of Object.entries(cases)) assert.is(suggest(LEAVES, key), said);
});

test('the schema knows which keys a node can have', () => {
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
