import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { containerPorts } from '../../plan/kubernetes.ts';
import { readinessPort } from './pod.ts';

const test = suite('containerPorts');

test('maps privileged ports to unprivileged ones, and keeps the others', () => {
  assert.equal(
    [...containerPorts([80, 443, 10000, 80])],
    [
      [80, 8080],
      [443, 8443],
      [10000, 10000],
    ],
  );
});

test('returns each port once', () => {
  assert.equal(
    [...containerPorts([80, 8080, 9104])],
    [
      [80, 10128],
      [8080, 8080],
      [9104, 9104],
    ],
  );
});

test('chooses another port for the readiness probe', () => {
  assert.is(readinessPort([8080]), 8081);
  assert.is(readinessPort([8082, 8081]), 8083);
});

test.run();
