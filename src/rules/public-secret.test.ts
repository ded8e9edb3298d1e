import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { plainDiagnostic } from '../source/diagnostics/json.ts';
import { publicSecret } from './public-secret.ts';

const test = suite(publicSecret.code);

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNza\n-----END OPENSSH PRIVATE KEY-----\n';

/** Gives the messages for a site with files of its own. */
async function said(files: Readonly<Record<string, string>>, silence = ''): Promise<string[]> {
  const { diagnostics } = await compile(makeSite({ 'site.yaml': PLANT + silence, ...files }));
  return diagnostics.map((one) => {
    const { code, severity, message, file } = plainDiagnostic(one, '/');
    assert.equal([code, severity], [publicSecret.code, publicSecret.severity]);
    assert.match(file, /\/files\/www\//);
    return message;
  });
}

const isPublic = 'and is public: the boot server hands it to every machine that asks.';

test('private keys, htpasswd and files of passwords that everybody may fetch', async () => {
  const messages = await said({
    'files/www/a/htpasswd': 'admin:$apr1$x$y\n',
    'files/www/id_rsa': KEY,
    'files/www/s.yaml': 'user: x\nroot_password: calvin and hobbes\n',
    'files/www/t.json': '{"token": "calvin and hobbes"}',
  });
  assert.equal(messages, [
    `www/a/htpasswd holds the hashes of passwords, ${isPublic}`,
    `www/id_rsa holds a private key, ${isPublic}`,
    `www/s.yaml holds what looks like a password or token, ${isPublic}`,
    `www/t.json holds what looks like a password or token, ${isPublic}`,
  ]);
});

test('what is not public, encrypted, or no secret', async () => {
  const files = {
    'files/scripts/id_rsa': KEY,
    'files/www/id_rsa.pub': 'ssh-ed25519 AAAA x\n',
    'files/www/s.yaml': 'root_password: ENC[AES256_GCM,data:x]\nsops:\n  mac: x\n',
    'files/www/t.yaml': 'password:\n  rule: long\ntoken: ~\nsecret: true\n',
    'files/www/u.md': 'token: of thanks\n',
  };
  assert.equal(await said(files), []);
  assert.equal(await said({ 'files/www/k': KEY }, 'silence: { public-secret: it opens nothing }\n'), []);
});

test.run();
