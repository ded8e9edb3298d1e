import { chmodSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgen } from './support/cli.ts';
import { PLANT, plantCalled } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('check --secrets');

const GOOD = 'q7Jw0ZbT2mXe9RkV4sPd';

/** Returns a directory with the common site and a secrets file. */
function home(secrets: string): string {
  const folder = dirname(makeSite(PLANT));
  writeFiles(folder, { 'secrets.yaml': secrets });
  chmodSync(join(folder, 'secrets.yaml'), 0o600);
  return folder;
}

test('reports no errors for good values, and writes nothing', () => {
  const folder = home(`cluster_token: ${GOOD}\n`);
  assert.equal(harvgen(['check', '--secrets', 'secrets.yaml', 'plant'], folder), {
    code: 0,
    stdout: '',
    stderr: 'no errors or warnings in plant\n',
  });
  assert.not(existsSync(join(folder, 'out')));
});

test('reports an invalid value at the line that refers to it', () => {
  const { code, stdout, stderr } = harvgen(
    ['check', '--secrets', 'secrets.yaml', 'plant'],
    home('cluster_token: |\n  Zwetschge\n'),
  );
  assert.equal([code, stdout], [1, '']);
  assert.is(
    stderr,
    `plant/site.yaml:15:10 error secret-blank-ends
  The token of the cluster plant (the secret cluster_token) ends with a line break: the installer rejects it.
  14 |   vip: 192.168.178.40
  15 |   token: \${secret:cluster_token}
     |          ^^^^^^^^^^^^^^^^^^^^^^^
  help: remove it: use |- instead of | in the secrets file, or printf instead of echo

1 error
`,
  );
});

test('a build with an invalid value writes nothing; with a weak one it warns', () => {
  const broken = home('cluster_token: "Zwetschgenknödel"\n');
  const refused = harvgen(['build', '--secrets', 'secrets.yaml', 'plant'], broken);
  assert.is(refused.code, 1);
  assert.match(refused.stderr, 'plant/site.yaml:15:10 error token-not-ascii');
  assert.not(existsSync(join(broken, 'out')));
  const weak = home('cluster_token: Zwetschge\n');
  const warned = harvgen(['build', '--secrets', 'secrets.yaml', 'plant'], weak);
  assert.is(warned.code, 0, warned.stderr);
  assert.match(warned.stderr, 'plant/site.yaml:15:10 warning weak-token');
  assert.ok(existsSync(join(weak, 'out/plant/www')));
});

test('a missing value is an error, and so is an unreadable file', () => {
  const folder = home('other_token: Zwetschge\n');
  const missing = harvgen(['check', '--secrets', 'secrets.yaml', 'plant'], folder);
  assert.is(missing.code, 1);
  assert.match(missing.stderr, 'plant/site.yaml:15:10 error secret-missing');
  const gone = harvgen(['check', '--secrets', 'gone.yaml', '--format', 'json', 'plant'], folder);
  assert.equal([gone.code, gone.stdout], [1, '']);
  assert.match(gone.stderr, /^harvgen: gone\.yaml cannot be read/);
});

test('warns of one token for two sites; with a section for each, they have separate tokens', () => {
  const sites = { 'a/site.yaml': plantCalled('a', 1), 'b/site.yaml': plantCalled('b', 2) };
  const check = (secrets: string) => {
    const folder = writeFiles(scratchFolder(), { ...sites, 'secrets.yaml': secrets });
    chmodSync(join(folder, 'secrets.yaml'), 0o600);
    return harvgen(['check', '--secrets', 'secrets.yaml', 'a', 'b'], folder);
  };
  const shared = check(`cluster_token: ${GOOD}\n`);
  assert.is(shared.code, 0);
  assert.match(shared.stderr, 'b/site.yaml:15:10 warning token-in-two-sites');
  assert.not.match(shared.stderr, GOOD);
  const own = check(`a: { cluster_token: ${GOOD} }\nb: { cluster_token: ${GOOD}2 }\n`);
  assert.equal(own, { code: 0, stdout: '', stderr: 'no errors or warnings in 2 sites\n' });
});

test.run();
