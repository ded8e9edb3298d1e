import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../../../source/origin.ts';
import { readScript } from './read-script.ts';

const test = suite('readScript');

const commandsOf = (text: string) =>
  readScript(new Source('/a.ipxe', text)).map(({ words }) => words.map((word) => word.text).join(' '));

test('parts commands as iPXE does', () => {
  assert.equal(
    commandsOf(
      '#!ipxe\r\n  :start dhcp net0 || goto start # again\n#set a b\nset a#b c;d && echo x ; exit\n',
    ),
    ['dhcp net0', 'goto start', 'set a#b c;d', 'echo x', 'exit'],
  );
});

test('goes on with the next line behind a backslash, within a word too, and knows where words stand', () => {
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

test.run();
