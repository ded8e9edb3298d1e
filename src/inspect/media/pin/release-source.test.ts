import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isUnproven } from './release-source.ts';

const test = suite('where releases are read');

test('only what comes by http from another machine is unproven', () => {
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

test.run();
