import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assertLinear } from '../../../test/support/linear.ts';
import { Source } from '../../source/source.ts';
import { type Block, readBlocks } from './tgt.ts';

const test = suite('readBlocks');

const plain = ({ key, value, blocks }: Block): unknown =>
  blocks.length > 0 ? [key, value.text, blocks.map(plain)] : [key, value.text];

test('reads blocks, both forms of lines, comments, and quotes that BMI doubled', () => {
  const text =
    '# all\n<target a>\n  backing-store = pool/a # it\n  bsopts ""conf=/c;id=b""\n  <direct-store /dev/sdb>\n    lun 2\n  </direct-store>\n  initiator-address \\\n    ALL\n</target>\ninclude "x y"';
  const { blocks, errors } = readBlocks(new Source('/a.conf', text));
  assert.equal(errors, []);
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

test('reports blocks that are not closed, and closing tags without a block', () => {
  const errorsOf = (text: string) =>
    readBlocks(new Source('/a.conf', text)).errors.map(({ message }) => message);
  assert.equal(errorsOf('<target a>\nb c'), ['The block target is not closed.']);
  assert.equal(errorsOf('<target a>\n</other>'), [
    '</other> closes no open block: the last block is target.',
  ]);
  assert.equal(errorsOf('<target>>'), ['This line is neither a block nor a key with a value.']);
});

test('many quotes and continued lines are read in linear time', async () => {
  const source = (size: number) =>
    new Source('/a.conf', `a b${'"'.repeat(2 * size)}c\nd ${'\\\n'.repeat(size)}e\n`);
  const { blocks } = readBlocks(source(100_000));
  assert.equal(
    blocks.map(({ key, value }) => [key, value.text.length]),
    [
      ['a', 200_002],
      ['d', 1],
    ],
  );
  await assertLinear('quotes and lines', 100_000, source, readBlocks);
});

test.run();
