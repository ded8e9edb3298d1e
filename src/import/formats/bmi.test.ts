import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../../source/source.ts';
import { interpolated, readIni } from './bmi.ts';

const test = suite('readIni');

const valuesOf = (text: string) =>
  readIni(new Source('/a.cfg', text)).entries.map(({ section, key, value }) => [
    section,
    key.text,
    value.text,
  ]);

test('reads both separators, comments and continuation lines as ConfigParser of Python 2 does', () => {
  assert.equal(
    valuesOf(
      [
        '# a comment',
        '; another',
        'rem a third',
        '[bmi]',
        'UID = 5 ; of the pool',
        'remark: x',
        'url: http://a:80/;b=c',
        'list = one',
        '   two',
        '# between',
        '\tthree',
        'empty =',
        'quoted = ""',
        '[ceph]   ; behind',
        'id=a = b',
        'a b : c',
      ].join('\r\n'),
    ),
    [
      ['bmi', 'uid', '5'],
      ['bmi', 'remark', 'x'],
      ['bmi', 'url', 'http://a:80/;b=c'],
      ['bmi', 'list', 'one\ntwo\nthree'],
      ['bmi', 'empty', ''],
      ['bmi', 'quoted', ''],
      ['ceph', 'id', 'a = b'],
      ['ceph', 'a b', 'c'],
    ],
  );
});

test('returns the source locations of keys and values', () => {
  const text = '[iscsi]\nip =  10.0.0.1  ; it\n  10.0.0.2\n';
  const [entry] = readIni(new Source('/a.cfg', text)).entries;
  assert.is(text.slice(entry?.key.start, entry?.key.end), 'ip');
  assert.is(text.slice(entry?.value.start, entry?.value.end), '10.0.0.1  ; it\n  10.0.0.2');
});

test('reports the lines that ConfigParser rejects', () => {
  const errorsOf = (text: string) =>
    readIni(new Source('/a.cfg', text)).errors.map(({ message, start, end }) => [
      text.slice(start, end),
      message.replace(/:.*/, ''),
    ]);
  assert.equal(errorsOf('uid = 5\n[bmi]\n'), [['uid = 5', 'This line is before the first section']]);
  assert.equal(errorsOf('[bmi]\n  uid = 5\nservice\n= 1\n'), [
    ['uid = 5', 'This line is neither a section nor a key with a value'],
    ['service', 'This line is neither a section nor a key with a value'],
    ['= 1', 'This line is neither a section nor a key with a value'],
  ]);
});

test('expands %(name)s, and rejects loops and very long values', () => {
  const values = new Map([
    ['root', '/var/%(name)s'],
    ['name', 'lib'],
    ['again', '%(again)s'],
    ['wide', '%(wide2)s%(wide2)s%(wide2)s%(wide2)s'],
    ['wide2', 'x'.repeat(2000)],
  ]);
  const made = (text: string) => interpolated(text, (key) => values.get(key));
  assert.is(made('%(ROOT)s/tftp'), '/var/lib/tftp');
  assert.is(made('100%%'), '100%');
  assert.is(made('100%'), undefined);
  assert.is(made('%(none)s'), undefined);
  assert.is(made('%(again)s'), undefined);
  assert.is(made('%(wide)s'), undefined);
});

test.run();
