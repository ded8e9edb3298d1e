import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseVersion, type Version } from '../values/version.ts';
import { breaksFiles, isTrimmed, needsBase64, typeInYaml } from './config-texts.ts';

const release = (text: string) => parseVersion(text) as Version;
const RELEASES = ['v1.1.2', 'v1.1.3', 'v1.2.1', 'v1.2.2', 'v1.3.0', 'v1.7.1', 'v1.8.0', 'v1.9.0'];
const CONTENT = 'os.write_files[0].content';

/** Returns the releases that cannot write a text at a path. */
function breakingIn(path: string, text: string): string[] {
  return RELEASES.filter((one) => breaksFiles(path, text, release(one)));
}

const breaking = suite('texts that yaml.v3 writes so that nothing can parse them');
const YAML_V3 = ['v1.1.3', 'v1.2.2', 'v1.3.0', 'v1.7.1', 'v1.8.0', 'v1.9.0'];

breaking('begin with an empty line, a blank or a tab, in the releases with yaml.v3', () => {
  for (const text of ['\nPlant 2\n', '  x\ny\n', '\tx\ny\n', '    a\n  b\n', '\n\n\tx', '\t\n', '\u2028a\nb'])
    assert.equal(breakingIn(CONTENT, text), YAML_V3, JSON.stringify(text));
});

breaking('begin with text, have one line, or are quoted by yaml.v3', () => {
  for (const text of [
    '',
    'a\n b\n',
    'a\n\n\tb',
    ' a',
    '\tone line',
    '\n',
    '\n\n',
    '\u00a0a\nb',
    ' a \nb',
    ' a\nb ',
    ' a\r\nb',
    '\na\u0007',
    '\n🙂',
    '\ufeff a\nb',
  ])
    assert.equal(breakingIn(CONTENT, text), [], JSON.stringify(text));
});

breaking('are not those that the loader trims', () => {
  const text = '\ntouch /etc/a\n';
  const before = ['v1.1.3', 'v1.2.2', 'v1.3.0', 'v1.7.1'];
  assert.equal(breakingIn('os.after_install_chroot_commands[0]', text), before);
  assert.equal(breakingIn('os.ssh_authorized_keys[2]', text), before);
  assert.equal(breakingIn('install.webhooks[0].payload', text), YAML_V3);
  assert.equal(breakingIn('install.webhooks[0].headers.X-Plant[0]', text), YAML_V3);
  assert.equal(breakingIn('system_settings.additional-ca', '\ta\nb'), []);
});

breaking('are outside lists only those with a tab: the declared indentation is right there', () => {
  assert.equal(breakingIn('os.password', '\na\n'), []);
  assert.equal(breakingIn('os.password', '\ta\n'), YAML_V3);
});

breaking('are sent in base64 if they are plain and without secrets', () => {
  const isSent = (file: object, text = 'v1.4.1') => needsBase64(file, release(text));
  assert.ok(isSent({ content: '\na\n' }));
  assert.ok(isSent({ content: '\na\n', encoding: '' }));
  assert.not(isSent({ content: '\na\n' }, 'v1.2.1'));
  assert.not(isSent({ content: '\nYQ==\n', encoding: 'b64' }));
  assert.not(isSent({ content: '\n${secret:a}\n' }));
  assert.not(isSent({ content: 'a\n' }));
  assert.not(isSent({}));
});

breaking.run();

const trimmed = suite('trimmed texts');

trimmed('are values of maps of texts, and from v1.8.0 on items of lists', () => {
  const [old, recent] = [release('v1.7.2'), release('v1.8.0')];
  for (const path of [
    'os.environment.HTTP_PROXY',
    'os.sysctls.vm.max_map_count',
    'system_settings.log-level',
    'install.management_interface.bond_options.lacp_rate',
  ])
    assert.ok(isTrimmed(path, old), path);
  for (const path of ['os.modules[0]', 'sans[1]', 'install.wipe_disks_list[0]']) {
    assert.not(isTrimmed(path, old), path);
    assert.ok(isTrimmed(path, recent), path);
  }
  for (const path of [
    'os.password',
    CONTENT,
    'system_settings.http-proxy.httpProxy',
    'system_settings.storage-network.exclude[0]',
    'os.externalStorageConfig.multiPathConfig.blacklistWwids[0]',
    'install.webhooks[0].headers.X-Plant[0]',
  ])
    assert.not(isTrimmed(path, recent), path);
});

trimmed.run();

const types = suite('names in YAML without quotes');

types('are numbers, booleans, null or maps', () => {
  for (const name of ['1e3', '1e-3', '1.5e3', '0x10', '0X1F', '0o17', '0b11', '123', '007', '10.20'])
    assert.is(typeInYaml(name), 'a number', name);
  for (const name of ['no', 'NO', 'y', 'on', 'off', 'true', 'False'])
    assert.is(typeInYaml(name), 'a boolean', name);
  assert.is(typeInYaml('null'), 'null');
  assert.is(typeInYaml('2001:db8::'), 'a map');
});

types('are text', () => {
  for (const name of [
    'harv-1',
    '1e3a',
    '12e4567',
    '1-2',
    '0xfg',
    '0b12',
    'yes-1',
    'nobody',
    'no.example.org',
    '2026-01-31',
    '192.168.178.40',
    '2001:db8::1',
    '::1',
    '1:2:3:4:5:6:7:8',
  ])
    assert.is(typeInYaml(name), undefined, name);
});

types.run();
