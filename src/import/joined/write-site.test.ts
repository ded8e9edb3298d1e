import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { Notes } from '../model/notes.ts';
import { writeSite } from './write-site.ts';

const test = suite('writing an imported site');

test('control characters are escapes, with the same value', () => {
  const nodes = {
    'a\u007f': { text: 'a\u0085b\u202ec\u001b\u009b', lines: 'a\u007f\nb\n', plain: 'ü 👩\u200d💻' },
  };
  const model = { site: 'plant', server: {}, networks: {}, nodes };
  const { text } = writeSite('plant', model, 'Imported\u001b.', new Notes(), {
    values: new Map(),
    at: new Map(),
  });
  assert.not.match(text.replaceAll('\n', ''), /\p{Cc}|\u202e/u);
  assert.equal(parse(text).nodes, nodes);
});

test.run();
