import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { secretSource } from '../../test/support/secret-source.ts';
import { type Compilation, compile } from '../compile.ts';
import { plainDiagnostic } from '../source/diagnostics/formats.ts';

const test = suite("values of a site's secrets");
const TOKEN = 'n0t-so-easily guessed';

const PASSWORD: Edit = [
  '    os: { ntp_servers',
  '    os: { password: "${secret:node_password}", ntp_servers',
];

function compiled(values: Readonly<Record<string, string>>, isAsked: boolean, ...edits: Edit[]) {
  return compile(makeSite(edited(PLANT, ...edits)), { secrets: secretSource(values, isAsked) });
}

function found({ diagnostics }: Compilation): unknown[] {
  return diagnostics.map((diagnostic) => {
    const { line, column, code, severity, message, help } = plainDiagnostic(diagnostic, '/');
    return [`${line}:${column}`, code, severity, message, help];
  });
}

test('with all values, configurations contain them and nginx includes nothing', async () => {
  const { site, tree, diagnostics } = await compiled({ cluster_token: TOKEN }, true);
  assert.equal(diagnostics, []);
  assert.is(site?.server.secrets, undefined);
  assert.match(
    String(tree?.get('www/config/52-54-00-aa-01-02.yaml')?.content),
    /^token: "n0t-so-easily guessed"$/m,
  );
  assert.not.match(String(tree?.get('nginx/plant.conf')?.content), /secret/);
  assert.is(tree?.get('manifest.json')?.confidential, true);
  assert.not.match(String(tree?.get('www/inventory.json')?.content), /n0t-so/);
});

test('a missing value is reported once, with its use, and nothing is built', async () => {
  const compilation = await compiled({ cluster_token: TOKEN }, true, PASSWORD);
  assert.equal(found(compilation), [
    [
      '18:21',
      'secret-missing',
      'error',
      'The secret node_password has no value, although cluster_token has one: the machine would use its placeholder as the value.',
      'add node_password to the --secrets file, or set HARVGEN_SECRET_NODE_PASSWORD',
    ],
  ]);
  assert.equal([compilation.site, compilation.tree], [undefined, undefined]);
});

test('each missing value is reported, with a similar name that has a value', async () => {
  assert.equal(found(await compiled({ cluster_tokem: TOKEN }, true, PASSWORD)), [
    [
      '15:10',
      'secret-missing',
      'error',
      'The secret cluster_token has no value: the machine would use its placeholder as the value.',
      'make the names agree: cluster_tokem has a value but no use',
    ],
    [
      '18:21',
      'secret-missing',
      'error',
      'The secret node_password has no value: the machine would use its placeholder as the value.',
      'add node_password to the --secrets file, or set HARVGEN_SECRET_NODE_PASSWORD',
    ],
  ]);
});

test('an environment for other sites has no effect', async () => {
  const { tree, diagnostics } = await compiled({ another: TOKEN }, false);
  assert.equal(diagnostics, []);
  assert.match(String(tree?.get('www/config/52-54-00-aa-01-02.yaml')?.content), /@@secret:cluster_token@@/);
  assert.is(tree?.get('manifest.json')?.confidential, undefined);
});

test('an environment that sets one value must set all', async () => {
  const { diagnostics } = await compiled({ cluster_token: TOKEN }, false, PASSWORD);
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['secret-missing'],
  );
});

test('a site without secrets is built without substitution', async () => {
  const clear: Edit = ['${secret:cluster_token}', 'in-the-open-in-the-open'];
  const { site, tree } = await compiled({ cluster_token: TOKEN }, true, clear);
  assert.is(site?.server.secrets, '/etc/nginx/harvgen/plant.secrets.conf');
  assert.is(tree?.get('manifest.json')?.confidential, undefined);
});

test('source locations are kept: an error in a site file has the location of that file', async () => {
  const site = makeSite({ 'site.yaml': PLANT, 'files/www/boot.ipxe': 'mine' });
  const compilation = await compile(site, { secrets: secretSource({ cluster_token: TOKEN }, true) });
  assert.equal(
    compilation.diagnostics.map(({ code, at }) => [code, at.source.file.split('/').at(-1)]),
    [['file-conflict', 'boot.ipxe']],
  );
});

test.run();
