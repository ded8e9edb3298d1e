import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../../source/source.ts';
import { type Block, readBlocks } from './tgt.ts';

const test = suite('readBlocks');

const plain = ({ key, value, blocks }: Block): unknown =>
  blocks.length > 0 ? [key, value.text, blocks.map(plain)] : [key, value.text];

test('takes blocks, both forms of lines, comments, and quotes as BMI doubled them', () => {
  const text =
    '# all\n<target a>\n  backing-store = pool/a # it\n  bsopts ""conf=/c;id=b""\n  <direct-store /dev/sdb>\n    lun 2\n  </direct-store>\n  initiator-address \\\n    ALL\n</target>\ninclude "x y"';
  const { blocks, faults } = readBlocks(new Source('/a.conf', text));
  assert.equal(faults, []);
  assert.equal(blocks.map(plain), [
    [
      'target',
      'a',
      [
        ['backing-store', 'pool/a'],
        ['bsopts', 'conf=/c;id=b'],
        ['direct-store', '/dev/sdb', [['lun', '2']]],
        ['initiator-address', 'ALL'],
      ],
    ],
    ['include', 'x y'],
  ]);
  const options = blocks[0]?.blocks[1]?.value;
  assert.is(text.slice(options?.start, options?.end), 'conf=/c;id=b');
});

test('says what is not closed, or closes nothing', () => {
  const faults = (text: string) =>
    readBlocks(new Source('/a.conf', text)).faults.map(({ message }) => message);
  assert.equal(faults('<target a>\nb c'), ['The block target is not closed.']);
  assert.equal(faults('<target a>\n</other>'), [
    '</other> closes no open block: the last block is target.',
  ]);
  assert.equal(faults('<target>>'), ['This line is neither a block nor a key with a value.']);
});

test('very many quotes, and lines that go on, are read at once', () => {
  const before = Date.now();
  const { blocks } = readBlocks(
    new Source('/a.conf', `a b${'"'.repeat(200_000)}c\nd ${'\\\n'.repeat(100_000)}e\n`),
  );
  assert.equal(
    blocks.map(({ key, value }) => [key, value.text.length]),
    [
      ['a', 200_002],
      ['d', 1],
    ],
  );
  assert.ok(Date.now() - before < 5000);
});

test.run();
