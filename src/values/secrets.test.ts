import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSecretKey, sshKeyError } from './secrets.ts';

const testSecretKey = suite('keys of secrets');

const SECRET =
  'token Tokn Pasword K3S_TOKEN API_KEY x-api-key apiKey client_secret AWS_SECRET_ACCESS_KEY Authorization PGPASSWORD MYSQL_PWD registry.credentials bootstrapPassword private-key auth ldap_default_authtok activation-key activationkey PresharedKey presharedkey';
const NONE =
  'mode monkey keyboard tokenizer accessKeyId AWS_ACCESS_KEY_ID PASSWORD_FILE ssh_public_key token_ttl PWD secrets author basicAuth key ldap_default_authtok_type';

testSecretKey('are recognized by their words', () => {
  for (const key of SECRET.split(' ')) assert.is(isSecretKey(key), true, key);
  for (const key of NONE.split(' ')) assert.is(isSecretKey(key), false, key);
});

testSecretKey.run();

const testSshKey = suite('SSH keys');

const ED25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIEj8hXUDqTEcIXpVZ2bkQwRjpwt1WLTeA84VhOCGiXQA';
const ECDSA =
  'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBO9vyATK1MmRlR5D9aM3DvkCAJ68NSGpS8kP98CrxtkUfIrKD6g95FGrU26ut9SgGJCSMHnr9e+JmOoU4CjBV5w=';
const RSA =
  'AAAAB3NzaC1yc2EAAAADAQABAAAAgQDH5+HUZXOmfUnAdIuNlJmytMHi5o6emrvCUtVoWUgAQIU7sLxzFlEgGmN4AYapgE91QpuThcDpdnycZ16DbuDxG1ck65KhFQ618j74VsrWJLItpQ6U1C86tOH8aHdyawTghxpsxrSndBNafkSJvRfrwB+lEWFVGgxcfctS9afxzw==';

testSshKey('accepts keys with and without a comment', () => {
  assert.is(sshKeyError(`ssh-ed25519 ${ED25519}`), undefined);
  assert.is(sshKeyError(`ssh-ed25519\t${ED25519}  admin at the plant`), undefined);
  assert.is(sshKeyError(`ecdsa-sha2-nistp256 ${ECDSA} plant`), undefined);
  assert.is(sshKeyError(`ssh-rsa ${RSA} plant`), undefined);
});

testSshKey('accepts options before the key', () => {
  assert.is(sshKeyError(`from="10.0.0.0/8",no-pty ssh-ed25519 ${ED25519} plant`), undefined);
  assert.is(sshKeyError(`command="echo \\"hello you\\"" ssh-ed25519 ${ED25519}`), undefined);
});

testSshKey('reports a word that is not a key type', () => {
  assert.is(sshKeyError(`ssh-ed2551 ${ED25519} plant`), 'ssh-ed2551 is not a key type');
  assert.is(sshKeyError(ED25519), 'AAAAC3NzaC1lZDI1NTE5AAAA… is not a key type');
  assert.is(sshKeyError(`from="10.0.0.0/8 ssh-ed25519 ${ED25519}`), 'from="10.0.0.0/8 is not a key type');
});

testSshKey('checks the contents of the key', () => {
  const incomplete = 'its base64 is incomplete';
  assert.is(sshKeyError('ssh-ed25519'), 'nothing follows ssh-ed25519');
  assert.is(sshKeyError('ssh-ed25519 plant@example.org'), 'what follows ssh-ed25519 is not base64');
  assert.is(sshKeyError('ssh-ed25519 AAAA'), incomplete);
  assert.is(sshKeyError(`ssh-ed25519 ${ED25519.slice(0, -1)}`), incomplete);
  assert.is(sshKeyError(`ssh-ed25519 ${ED25519.slice(0, -4)}`), incomplete);
  assert.is(sshKeyError(`ssh-ed25519 ${ED25519}AAAA`), incomplete);
  assert.is(sshKeyError(`ssh-ed25519 ${RSA}`), 'its base64 is not of type ssh-ed25519');
});

testSshKey.run();
