import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isUnproven, PinError, readChecksums } from './pins.ts';

const checksums = suite('checksum files');

const [A, B] = ['a'.repeat(128), 'b'.repeat(128)];

checksums(
  'reads the formats of sha512sum: text and binary, with a path, in capitals, with any line breaks',
  () => {
    for (const text of [
      `${A}  one\n${B}  two\n`,
      `${A} *one\r\n${B} *./two\r\n`,
      `${A.toUpperCase()}  one\n\n${B}  two\n${B}  two`,
      `${B}  three\n${B}  two\n${A}  one\n`,
    ]) {
      assert.equal(
        [...readChecksums(text, 'LIST', ['one', 'two'])],
        [
          ['one', A],
          ['two', B],
        ],
      );
    }
  },
);

checksums('rejects other files without quoting them', () => {
  for (const [text, message] of [
    ['\n', 'LIST is not a SHA-512 checksum file: it is empty'],
    ['  <!doctype html>', 'LIST is not a SHA-512 checksum file: it is a web page'],
    [`${A}  one\r\n\r\nhunter2\r\n`, 'LIST is not a SHA-512 checksum file: its line 3 has another format'],
    [`# of the release\n${A}  one\n`, 'LIST is not a SHA-512 checksum file: its line 1 has another format'],
    [`${A}x one\n`, 'LIST is not a SHA-512 checksum file: its line 1 has another format'],
    [`${A}  one\n${B}  one\n`, 'LIST has two digests for one: it cannot be trusted'],
    [`${A}  two\n`, 'LIST does not list one: it belongs to another release, or is truncated'],
  ] as const) {
    assert.throws(
      () => readChecksums(text, 'LIST', ['one']),
      (error: Error) => error instanceof PinError && error.message === message,
    );
  }
});

const releases = suite('sources of releases');

releases('only http from another machine is unproven', () => {
  for (const from of [
    'http://mirror',
    'HTTP://10.0.0.7:8080/h',
    'http://localhost.example.org',
    'http://127.example.org',
  ])
    assert.ok(isUnproven(from), from);
  for (const from of [
    'https://mirror',
    'http://localhost:8000/h',
    'http://127.0.0.1:8000',
    'http://[::1]/h',
    '/media/usb',
    'http',
  ])
    assert.not(isUnproven(from), from);
});

checksums.run();
releases.run();
