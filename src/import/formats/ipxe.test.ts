import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../../source/source.ts';
import { readSanPath, readScript, Settings } from './ipxe.ts';

const test = suite('iPXE scripts');

const commandsOf = (text: string) =>
  readScript(new Source('/a.ipxe', text)).map(({ words }) => words.map((word) => word.text).join(' '));

test('separates commands as iPXE does', () => {
  assert.equal(
    commandsOf(
      '#!ipxe\r\n  :start dhcp net0 || goto start # again\n#set a b\nset a#b c;d && echo x ; exit\n',
    ),
    ['dhcp net0', 'goto start', 'set a#b c;d', 'echo x', 'exit'],
  );
});

test('continues lines that end with a backslash, even within a word, and returns the locations of words', () => {
  const text = '#!ipxe\nsanboot iscsi:a::::b \\\n  iscsi:c::::\\\nd\nboot \\';
  const [first, second] = readScript(new Source('/a.ipxe', text));
  assert.equal(
    first?.words.map((word) => word.text),
    ['sanboot', 'iscsi:a::::b', 'iscsi:c::::d'],
  );
  assert.is(text.slice(first?.words[1]?.start, first?.words[1]?.end), 'iscsi:a::::b');
  assert.is(text.slice(first?.words[2]?.start, first?.words[2]?.end), 'iscsi:c::::\\\nd');
  assert.equal(
    second?.words.map((word) => word.text),
    ['boot'],
  );
});

test('expands settings of the script, innermost first, and keeps those of the machine', () => {
  const settings = new Settings();
  settings.set('name:string', 'which');
  settings.set('which', 'a b');
  settings.set('net0/next-server', '10.0.0.1');
  assert.is(settings.expand('${${name}} at ${next-server}, ${mac:hexhyp}'), 'a b at 10.0.0.1, ${mac:hexhyp}');
});

test('loops and very long values end', () => {
  const settings = new Settings();
  settings.set('round', '${round}');
  assert.is(settings.expand('${round}'), '${round}');
  settings.set('long', 'x'.repeat(4000));
  settings.set('longer', '${long}'.repeat(500));
  assert.ok(settings.expand('${longer}'.repeat(400)).length < 20_000);
});

test('reads root paths as iPXE does: the defaults 3260 and LUN 0, and hexadecimal LUNs', () => {
  assert.equal(readSanPath('iscsi:10.9.0.1:tcp:3260:1:5img42'), {
    server: '10.9.0.1',
    port: 3260,
    lun: 1,
    target: '5img42',
  });
  assert.equal(readSanPath('iscsi:store.example.org::::iqn.2015.5img42'), {
    server: 'store.example.org',
    port: undefined,
    lun: 0,
    target: 'iqn.2015.5img42',
  });
  assert.is(readSanPath('iscsi:[fd00::1]:6:0:1f-0-0-0:iqn.2015-02.a:b')?.lun, 31);
  assert.is(readSanPath('iscsi:[fd00::1]:6:0:1f-0-0-0:iqn.2015-02.a:b')?.target, 'iqn.2015-02.a:b');
});

test('rejects disks that a usual target cannot have, and other protocols', () => {
  for (const uri of [
    'iscsi:10.9.0.1:::0-1:t',
    'iscsi:10.9.0.1:::g:t',
    'iscsi:10.9.0.1::x:1:t',
    'iscsi:::::t',
    'iscsi:a::::',
    'http://10.9.0.1/disk.img',
  ])
    assert.is(readSanPath(uri), undefined, uri);
});

test.run();
