import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSecretKey } from './secrets.ts';

const test = suite('keys of secrets');

const SECRET =
  'token Tokn Pasword K3S_TOKEN API_KEY x-api-key apiKey client_secret AWS_SECRET_ACCESS_KEY Authorization PGPASSWORD MYSQL_PWD registry.credentials bootstrapPassword private-key auth ldap_default_authtok activation-key activationkey';
const NONE =
  'mode monkey keyboard tokenizer accessKeyId AWS_ACCESS_KEY_ID PASSWORD_FILE ssh_public_key token_ttl PWD secrets author basicAuth key ldap_default_authtok_type';

test('are told by their words', () => {
  for (const key of SECRET.split(' ')) assert.is(isSecretKey(key), true, key);
  for (const key of NONE.split(' ')) assert.is(isSecretKey(key), false, key);
});

test.run();
