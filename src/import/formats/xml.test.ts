import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assertLinear } from '../../../test/support/linear.ts';
import { Source } from '../../source/source.ts';
import { childOf, childrenOf, readXml, type XmlElement } from './xml.ts';

const test = suite('reading XML');

function read(text: string): readonly XmlElement[] {
  const { roots, error } = readXml(new Source('a.xml', text));
  assert.is(error, undefined, error?.message);
  return roots;
}

/** Returns the location and the message of an error. */
function errorOf(text: string): string {
  const source = new Source('a.xml', text);
  const { error } = readXml(source);
  if (!error) return 'none';
  const { line, column } = source.position(error.at.start);
  return `${line}:${column} ${error.message}`;
}

test('elements, attributes and texts, each with its location', () => {
  const text = `\ufeff<?xml version="1.0" encoding='UTF-8'?>
<!-- WARNING -- made by virsh edit -->
<a x:b = "1 &lt; 2" c='&#65;&#x42;"'>
  one &amp; <![CDATA[<two>]]><!-- no text -->
  <b/><b >3</b>
</a>
<d/>`;
  const [a, d] = read(text);
  assert.is(d?.name, 'd');
  assert.ok(a);
  assert.is(a.text.value, 'one & <two>');
  assert.equal(
    [...a.attributes].map(([name, { value, at }]) => [name, value, text.slice(at.start, at.end)]),
    [
      ['x:b', '1 < 2', '1 &lt; 2'],
      ['c', 'AB"', '&#65;&#x42;"'],
    ],
  );
  assert.equal(
    childrenOf(a, 'b').map((b) => b.text.value),
    ['', '3'],
  );
  const three = childrenOf(a, 'b')[1]?.text.at;
  assert.is(text.slice(three?.start, three?.end), '3');
  assert.is(childOf(a, 'b', 'c'), undefined);
  assert.is(text.slice(a.at.start, a.at.end), `<a x:b = "1 &lt; 2" c='&#65;&#x42;"'>`);
});

test('invalid XML is reported at its location', () => {
  for (const [text, message] of [
    ['<a>\n<b></a>', '2:4 The end tag of b is missing here.'],
    ['<a', '1:1 The tag of a cannot be read: its attributes are not name="value".'],
    ['<a b="1"c="2"/>', '1:1 The tag of a cannot be read: its attributes are not name="value".'],
    ['<a b="1/>', '1:1 The tag of a cannot be read: the value of b has no closing quote.'],
    ['<a b="1" b="2"/>', '1:10 The attribute b is set twice.'],
    ['<a>&nbsp;</a>', '1:4 This is not a character reference.'],
    ['<a>&amp</a>', '1:4 This is not a character reference.'],
    ['<a>&#1114112;</a>', '1:4 This is not a character reference.'],
    ['<a>', '1:1 The element a has no end tag.'],
    ['</a>', '1:1 This end tag has no start tag.'],
    ['text', '1:1 This is text outside of any element.'],
    ['<a><!-- x</a>', '1:4 This comment is not closed.'],
    ['<a>< b/></a>', '1:4 There is no element name after <.'],
    ['<a>'.repeat(101), '1:301 Elements are nested more than 100 levels deep.'],
  ] as const)
    assert.is(errorOf(text), message, text);
});

test('an entity definition is rejected before the entity can grow', () => {
  const bomb = '<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>';
  assert.is(errorOf(bomb), '1:1 This defines a document type or an entity: harvgen rejects both.');
  assert.is(
    errorOf('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'),
    '1:1 This defines a document type or an entity: harvgen rejects both.',
  );
});

test('no text makes the reader throw or take long', async () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    'a',
    '="',
    '"',
    "'",
    ' ',
    '&',
    ';',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      readXml(new Source('a.xml', pieces.join('')));
    }),
    { seed: 1, numRuns: 2000 },
  );
  for (const [begin, piece, end] of [
    ['', '<a ', ''],
    ['<a>', '&&&', '</a>'],
    ['<a>', '<b>x</b>', '</a>'],
    ['', '<!--', ''],
  ] as const) {
    const source = (size: number) => new Source('a.xml', begin + piece.repeat(size) + end);
    await assertLinear(piece, 96_000, source, readXml);
  }
});

test.run();
