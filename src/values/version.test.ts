import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isAtLeast, isBuild, parseVersion, type Version } from './version.ts';

const test = suite('releases');

test('a release has three numbers', () => {
  assert.equal(parseVersion('v1.4.1'), { text: 'v1.4.1', major: 1, minor: 4, patch: 1, pre: '' });
  assert.equal(parseVersion('v10.20.300'), { text: 'v10.20.300', major: 10, minor: 20, patch: 300, pre: '' });
});

test('a candidate has a suffix', () => {
  assert.is(parseVersion('v1.9.0-rc6')?.pre, 'rc6');
  assert.is(parseVersion('v1.4.0-dev.20241017')?.pre, 'dev.20241017');
});

test('a build of a branch is newer than its releases', () => {
  const branch = parseVersion('v1.8-head') as Version;
  assert.ok(isBuild(branch));
  assert.ok(isAtLeast(branch, 'v1.8.99'));
  assert.not(isAtLeast(branch, 'v1.9.0'));
  const master = parseVersion('master') as Version;
  assert.ok(isBuild(master));
  assert.ok(isAtLeast(master, 'v99.0.0'));
  assert.ok(isAtLeast(master, 'master'));
  assert.not(isBuild(parseVersion('v1.9.0-rc6') as Version));
});

for (const text of [
  '',
  '1.4.1',
  'V1.4.1',
  'v1.4',
  'v1.4.1.2',
  'v1.4.x',
  'v1.4.1-',
  'v1.4.1-RC1',
  'v1.4.1+build',
  ' v1.4.1',
  'v1.4.1\n',
  'latest',
]) {
  test(`${JSON.stringify(text)} is not a release`, () => {
    assert.is(parseVersion(text), undefined);
  });
}

test('releases compare numerically, from the left', () => {
  const isNewer = (text: string, than: string) => isAtLeast(parseVersion(text) as Version, than);
  assert.ok(isNewer('v1.4.1', 'v1.4.1'));
  assert.ok(isNewer('v1.4.2', 'v1.4.1'));
  assert.ok(isNewer('v1.10.0', 'v1.9.3'));
  assert.ok(isNewer('v1.4.10', 'v1.4.9'));
  assert.ok(isNewer('v2.0.0', 'v1.99.99'));
  assert.not(isNewer('v1.4.0', 'v1.4.1'));
  assert.not(isNewer('v1.9.9', 'v1.10.0'));
  assert.not(isNewer('v0.99.99', 'v1.0.0'));
});

test('a release candidate compares as its release', () => {
  assert.ok(isAtLeast(parseVersion('v1.6.0-rc1') as Version, 'v1.6.0'));
  assert.not(isAtLeast(parseVersion('v1.5.9-rc1') as Version, 'v1.6.0'));
});

test('throws if the second argument is not a release', () => {
  assert.throws(() => isAtLeast(parseVersion('v1.4.1') as Version, '1.4'), 'not a release: 1.4');
});

test.run();
