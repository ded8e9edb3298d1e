import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder } from '../../test/support/scratch.ts';
import { readSecrets, refuseWithinSites } from './read-secrets.ts';
import { SecretsError } from './source.ts';

const test = suite('reading the values of secrets');

function fileOf(content: string | Uint8Array, mode = 0o600): string {
  const file = join(scratchFolder(), 's.yaml');
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

const read = (content: string | Uint8Array, env: Record<string, string> = {}) =>
  readSecrets(fileOf(content), env, () => {});

/** Returns the errors of a file, without its directory. */
async function errorsOf(content: string | Uint8Array, env: Record<string, string> = {}): Promise<string[]> {
  try {
    await read(content, env);
  } catch (error) {
    assert.instance(error, SecretsError);
    const lines = (error as Error).message.replaceAll(/\/\S*\/s\.yaml/g, 's.yaml').split('\n');
    return lines.length === 1 ? lines : lines.slice(1).map((line) => line.trim());
  }
  return [];
}

/** Asserts the errors of a file. `S3cret` must not be in them. */
async function faulty(content: string | Uint8Array, ...wanted: readonly (string | RegExp)[]): Promise<void> {
  const errors = await errorsOf(content);
  assert.is(errors.length, wanted.length, errors.join('\n'));
  for (const [index, want] of wanted.entries()) assert.match(errors[index] ?? '', want);
  assert.not.match(errors.join('\n'), 'S3cret');
}

test('values are the literal text', async () => {
  const source = await read(
    [
      'a: 123456',
      'b: 0123',
      'c: 1e3',
      'd: true',
      "e: '~'",
      'f: "x\\ty \\u00e9"',
      "g: 'it''s'",
      'h: |\n  two\n   lines',
      'i: &i 2001-01-01',
      'j: *i',
      'k: ${x} $1 #y',
      'l: 0x10 # a comment',
    ].join('\n'),
  );
  const values = source?.names('any').map((name) => source.find('any', name));
  assert.equal(values, [
    ...['123456', '0123', '1e3', 'true', '~', 'x\ty é', "it's", 'two\n lines\n', '2001-01-01', '2001-01-01'],
    ...['${x} $1', '0x10'],
  ]);
  assert.is(source?.isAsked, true);
});

test('reads JSON as YAML, and ignores a byte order mark and CRLF', async () => {
  assert.is((await read('\ufeff{"a": "b\\n\\ud83d\\ude42"}\r\n'))?.find('x', 'a'), 'b\n🙂');
  const source = await read('a: one\r\nb: |\r\n  two\r\n  three\r\n');
  assert.equal([source?.find('x', 'a'), source?.find('x', 'b')], ['one', 'two\nthree\n']);
});

test("a site's section takes precedence over values for all sites, also in locations", async () => {
  const source = await read('token: all\nonly_all: 1\nplant-2:\n  token: two\n  own: 2\n');
  assert.equal(source?.names('plant-2'), ['only_all', 'own', 'token']);
  assert.equal(source?.names('plant'), ['only_all', 'token']);
  assert.equal(
    ['plant', 'plant-2'].map((site) => [source?.find(site, 'token'), source?.find(site, 'own')]),
    [
      ['all', undefined],
      ['two', '2'],
    ],
  );
  assert.match(source?.locationOf('plant-2', 'token') ?? '', /s\.yaml:4:3$/);
  assert.match(source?.locationOf('plant', 'token') ?? '', /s\.yaml:1:1$/);
  assert.is(source?.locationOf('plant', 'own'), undefined);
});

test('the environment sets values, alone or with a file; alone it does not require all values', async () => {
  assert.is(await readSecrets(undefined, { HARVGEN: 'x', HARVGEN_SECRETS: 'x' }), undefined);
  const alone = await readSecrets(undefined, { HARVGEN_SECRET_TOKEN_2: 'é"$' });
  assert.equal([alone?.find('x', 'token_2'), alone?.isAsked], ['é"$', false]);
  assert.is(alone?.locationOf('x', 'token_2'), 'HARVGEN_SECRET_TOKEN_2');
  const both = await read('a: same\n', { HARVGEN_SECRET_A: 'same', HARVGEN_SECRET_B: 'b' });
  assert.equal(both?.names('x'), ['a', 'b']);
  assert.match(both?.locationOf('x', 'a') ?? '', /s\.yaml:1:1$/);
});

test('two different values are ambiguous', async () => {
  assert.equal(
    await errorsOf('a: S3cret\nplant:\n  b: S3cret\n  a: env\n', {
      HARVGEN_SECRET_A: 'env',
      HARVGEN_SECRET_B: 'S3cret2',
    }),
    [
      's.yaml:1:1: the secret a has another value in HARVGEN_SECRET_A: remove one of them',
      's.yaml:3:3: the secret b has another value in HARVGEN_SECRET_B: remove one of them',
    ],
  );
});

test('misnamed, empty and non-UTF-8 variables are errors only of their secret', async () => {
  const source = await readSecrets(undefined, {
    HARVGEN_SECRET_: 'S3cret',
    HARVGEN_SECRET_1A: 'S3cret',
    HARVGEN_SECRET_Token: 'S3cret',
    HARVGEN_SECRET_A: '',
    HARVGEN_SECRET_B: 'S3cret\ufffd',
    HARVGEN_SECRET_C: 'right',
    HARVGEN_SECRET_c: 'S3cret',
  });
  assert.equal(
    ['token', 'a', 'b', 'c', '1a'].map((name) => [source?.find('x', name), source?.problemOf(name)]),
    [
      [
        undefined,
        { what: 'HARVGEN_SECRET_Token is not the variable of a secret', help: 'write HARVGEN_SECRET_TOKEN' },
      ],
      [undefined, { what: 'HARVGEN_SECRET_A has no value', help: 'set it or remove it' }],
      [
        undefined,
        {
          what: 'the bytes of HARVGEN_SECRET_B are not UTF-8, which would change the secret',
          help: 'set it with --secrets',
        },
      ],
      ['right', undefined],
      [undefined, undefined],
    ],
  );
  assert.equal(source?.names('x'), ['c']);
  assert.is(await readSecrets(undefined, { HARVGEN_SECRET_: 'S3cret', HARVGEN_SECRET_1A: '' }), undefined);
});

test('all errors of a file are reported at once, each with its location, none with a value', async () => {
  await faulty(
    [
      'Cluster-Token: S3cret',
      '1: S3cret',
      'ok: S3cret',
      'empty:',
      'quoted: ""',
      'list: [S3cret]',
      'ok: S3cret2',
      '? [S3cret]\n: x',
      'half: "S3cret\\ud800"',
      'plant: { a: { b: S3cret }, c: S3cret, c: x }',
      'Plant: { a: S3cret }',
      '"S3cret!x": y',
      '"S3cret!x": z',
      '<<: S3cret',
    ].join('\n'),
    's.yaml:1:1: this is not the name of a secret: names are lower-case letters, digits and _, and begin with a letter',
    's.yaml:2:1: this is not the name of a secret',
    's.yaml:4:1: the secret here has no value: set a value or remove the line',
    's.yaml:5:1: the secret here has no value',
    's.yaml:6:1: the secret here is a list: write its text, quoted if it contains YAML syntax',
    's.yaml:7:1: this name is a duplicate of line 3, column 1: only one can apply',
    's.yaml:8:3: this is not the name of a secret',
    's.yaml:10:1: the secret here contains a lone surrogate, half of a character: no file can contain it',
    's.yaml:11:10: the secret here is a map',
    's.yaml:11:39: this name is a duplicate of line 11, column 28',
    's.yaml:12:1: a map is the section of a site, but this is not a site name',
    's.yaml:13:1: this is not the name of a secret',
    's.yaml:14:1: this name is a duplicate of line 13, column 1',
    's.yaml:15:1: this is not the name of a secret',
  );
});

test('text that a comma or comment removes from a value is reported by location, not printed', async () => {
  const comma = 'between { } a comma ends a value: quote a value that contains one';
  await faulty(
    'plant: {a: x,S3cret}\nb: {c: x,s3cret}\n',
    `s.yaml:1:14: this is not the name of a secret: names are lower-case letters, digits and _, and begin with a letter; ${comma}`,
    `s.yaml:2:10: the secret here has no value: set a value or remove the line; ${comma}`,
  );
  assert.not.match((await errorsOf('b: {c: x,s3cret}\n')).join(), 's3cret');
  const file = fileOf("a: long #1pass\nb: '#x' # y\nc: {d: e # f\n  }\ng: | # h\n  x # y\ni: x#y\n");
  const warnings: string[] = [];
  const source = await readSecrets(file, {}, (message) => warnings.push(message));
  const why =
    'a comment begins here and is not part of the value: quote the value to include it, or move the comment to its own line';
  assert.equal(warnings, [`${file}:1:9: ${why}`, `${file}:3:10: ${why}`]);
  assert.equal(
    ['a', 'b', 'g', 'i'].map((name) => source?.find('x', name)),
    ['long', '#x', 'x # y\n', 'x#y'],
  );
});

test('null means a missing value, except in quotes', async () => {
  const wrong = 'the secret here has the value null: set a value, or quote it if intended';
  await faulty(
    'a: ~\nb: null\nc: NULL',
    `s.yaml:1:1: ${wrong}`,
    `s.yaml:2:1: ${wrong}`,
    `s.yaml:3:1: ${wrong}`,
  );
  const source = await read('a: "~"\nb: \'null\'\nc: nUll\n');
  assert.equal(
    ['a', 'b', 'c'].map((name) => source?.find('x', name)),
    ['~', 'null', 'nUll'],
  );
});

test('a section for a site that needs no values cannot contradict a variable', async () => {
  const file = fileOf('other: { a: x }\nplant: { a: y }\n');
  const reading = (...sites: string[]) => readSecrets(file, { HARVGEN_SECRET_A: 'y' }, () => {}, sites);
  assert.is((await reading('plant'))?.find('plant', 'a'), 'y');
  const why = await reading('plant', 'other').catch(({ message }) => message);
  assert.is(why, `${file}:1:10: the secret a has another value in HARVGEN_SECRET_A: remove one of them`);
});

test('contents other than a map of texts', async () => {
  for (const nothing of ['', '# S3cret\n', '---\n']) {
    await faulty(
      nothing,
      's.yaml:1:1: the file is empty: write `name: value`, one secret per line; or, for a pipe, check whether its first command failed',
    );
  }
  assert.equal(await errorsOf('{}\n'), []);
  await faulty('S3cret\n', 's.yaml:1:1: this is not a map: write `name: value`, one secret per line');
  await faulty('\n- S3cret\n', 's.yaml:2:1: this is not a map');
  await faulty(
    'a: S3cret\n---\nb: S3cret\n',
    /^s\.yaml:[23]:\d+: a second YAML document begins here: use a single document$/,
  );
});

test("invalid YAML: without the parser's message, which quotes the text", async () => {
  await faulty(
    'a: "S3cret\\q"\n',
    's.yaml:1:11: this is not YAML: double the backslash between double quotes',
  );
  await faulty(
    'a: @S3cret\n',
    's.yaml:1:4: this is not YAML: write values in single quotes, with each quote in them doubled',
  );
  await faulty('a: `S3cret\n', /^s\.yaml:1:4: this is not YAML/);
  await faulty('a: %S3cret\n', /^s\.yaml:1:4: this is not YAML/);
  await faulty(
    'a: *S3cret\n',
    's.yaml:1:1: the secret here is an alias without an anchor: write its text, quoted if it contains YAML syntax',
  );
  await faulty(
    'a: * S3cret\n',
    /^s\.yaml:1:\d: this is not YAML: a value that begins with \* must be in single quotes$/,
  );
  await faulty(
    'a: !S3cret x\n',
    /^s\.yaml:1:4: this is not YAML: a value that begins with ! must be in single quotes$/,
  );
  const open = 'this is not YAML: the quote that opens here is not closed';
  await faulty("a: 1\nb: 'S3cret\nc: d\n", `s.yaml:2:4: ${open}`);
  await faulty('a: "S3cret\nb: "S3cret"\n', `s.yaml:1:4: ${open}`);
  await faulty('a: S3cret: x\n', /^s\.yaml:1:\d+: this is not YAML/);
  await faulty('a: 1\n\tb: S3cret\n', /^s\.yaml:\d:\d+: this is not YAML/);
  await faulty(`a: ${'['.repeat(20_000)}S3cret`, /^s\.yaml:\d+:\d+: this is not YAML/);
  await faulty(`a: ${'['.repeat(200_000)}S3cret`, 's.yaml:1:103: this is not YAML: it is nested too deeply');
  await faulty(
    `a:\n- b: ${'S3cret: '.repeat(5000)}\nc: d\n`,
    's.yaml:2:782: this is not YAML: it is nested too deeply',
  );
});

test('contents that are not UTF-8', async () => {
  await faulty(Buffer.from('a: S3cret\xe9', 'latin1'), 's.yaml: the file is not UTF-8: save it as UTF-8');
  await faulty(Buffer.from('a: S3cret', 'utf16le'), /^s\.yaml/);
});

test('the error for an encrypted file contains the command that decrypts it', async () => {
  const message = (program: string, command: string) =>
    new RegExp(
      `this is still encrypted by ${program}: run \`${command} \\S*s.yaml \\| harvgen … --secrets -\`$`,
    );
  const sops = 'a: ENC[AES256_GCM,data:S3cret,iv:x,tag:y,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:x]\n';
  await faulty(sops, message('sops', 'sops -d'));
  assert.match((await errorsOf(sops))[0] ?? '', 's.yaml:1:4: ');
  await faulty('a: S3cret\nsops:\n  version: 3.9.0\n', message('sops', 'sops -d'));
  await faulty('{"a": "ENC[AES256_GCM,data:S3cret]"}', message('sops', 'sops -d'));
  await faulty('$ANSIBLE_VAULT;1.1;AES256\n6162S3cret\n', message('ansible-vault', 'ansible-vault view'));
  await faulty(
    'a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n',
    /^s\.yaml:2:3: this value is still encrypted by ansible-vault: encrypt the whole file/,
  );
  await faulty('age-encryption.org/v1\n-> X25519 S3cret\n', message('age', 'age -d'));
  await faulty(
    Buffer.from('age-encryption.org/v1\n-> X25519 S3cret\n--- \xff\xfe', 'latin1'),
    message('age', 'age -d'),
  );
  await faulty('-----BEGIN AGE ENCRYPTED FILE-----\nS3cret\n', message('age', 'age -d'));
  await faulty('-----BEGIN PGP MESSAGE-----\n\nS3cret\n', message('GnuPG', 'gpg -d'));
});

test('a missing file, and a directory', async () => {
  const folder = scratchFolder();
  const why = (path: string) => readSecrets(path, {}).catch(({ message }) => message);
  assert.is(await why(join(folder, 'x')), `${folder}/x cannot be read: there is no such file (ENOENT)`);
  assert.is(await why(folder), `${folder} cannot be read: it is a directory (EISDIR)`);
});

test('warns of a file that all users can read, and reads it', async () => {
  const file = fileOf('a: b\n', 0o604);
  const warnings: string[] = [];
  const source = await readSecrets(file, {}, (message) => warnings.push(message));
  assert.equal(warnings, [`all users of this machine can read ${file}: run \`chmod 600 ${file}\``]);
  assert.is(source?.find('x', 'a'), 'b');
  assert.is(
    (await readSecrets(fileOf('a: b\n', 0o640), {}, () => assert.unreachable()))?.find('x', 'a'),
    'b',
  );
});

test('warns of a file that git tracks or would add, but not without git or if git ignores it', async () => {
  const file = realpathSync(fileOf('a: b\n'));
  const folder = dirname(file);
  const git = (...args: string[]) => assert.is(spawnSync('git', ['-C', folder, ...args]).status, 0);
  const warnings = async (path = file, env: Record<string, string> = {}) => {
    const printed: string[] = [];
    const { PATH } = process.env;
    Object.assign(process.env, env);
    const source = await readSecrets(path, {}, (message) => printed.push(message));
    process.env.PATH = PATH;
    assert.is(source?.find('x', 'a'), 'b');
    return printed;
  };
  const expected = (path = file) => [
    `${path} contains clear-text secrets, and git does not ignore it in ${folder}: add it to .gitignore (if tracked, also run \`git rm --cached\`), or encrypt it and pipe it to --secrets -`,
  ];
  assert.equal(await warnings(), []);
  git('init', '-q');
  assert.equal(await warnings(), expected());
  assert.equal(await warnings(file, { PATH: '/nonexistent' }), []);
  const link = join(scratchFolder(), 'link.yaml');
  symlinkSync(file, link);
  assert.equal(await warnings(link), expected(link));
  writeFileSync(join(folder, '.gitignore'), 's.yaml\n');
  assert.equal([await warnings(), await warnings(link)], [[], []]);
  git('add', '-f', 's.yaml');
  assert.equal(await warnings(), expected(), 'tracked');
  writeFileSync(file, 'a: ENC[AES256_GCM,data:x]\n');
  const why = await readSecrets(file, {}, () => assert.unreachable()).catch(({ message }) => message);
  assert.match(why, 'still encrypted by sops');
});

test('standard input, and a pipe by its path', () => {
  const program = `import { readSecrets } from './src/secrets/read-secrets.ts';
    const source = await readSecrets(process.argv[1], {});
    process.stdout.write(source.find('x', 'a') + ' ' + source.locationOf('x', 'a'));`;
  const run = (shell: string) =>
    spawnSync('bash', ['-c', shell], { encoding: 'utf8', env: { ...process.env, PROGRAM: program } });
  const node = 'node --import tsx --input-type=module -e "$PROGRAM" --';
  assert.is(run(`printf 'a: b' | ${node} -`).stdout, 'b standard input:1:1');
  assert.match(run(`${node} <(printf 'a: b')`).stdout, /^b \/dev\/fd\/\d+:1:1$/);
});

test('rejects a file within a site, also through a symbolic link', () => {
  const home = scratchFolder();
  mkdirSync(join(home, 'plant/sub'), { recursive: true });
  writeFileSync(join(home, 'plant/sub/s.yaml'), '');
  writeFileSync(join(home, 'plant-s.yaml'), '');
  symlinkSync(join(home, 'plant'), join(home, 'link'));
  const within = (file: string, ...sites: string[]) =>
    refuseWithinSites(
      join(home, file),
      sites.map((site) => join(home, site)),
    );
  assert.throws(
    () => within('plant/sub/s.yaml', 'other', 'plant'),
    `${home}/plant/sub/s.yaml is within the site ${home}/plant, whose files are read as inventory and committed to git: move it outside`,
  );
  assert.throws(() => within('link/sub/s.yaml', 'plant'), 'is within the site');
  assert.throws(() => within('plant/sub/s.yaml', 'link'), 'is within the site');
  assert.throws(() => within('plant/not-there.yaml', 'plant'), 'is within the site');
  within('plant-s.yaml', 'plant');
  refuseWithinSites(undefined, ['.']);
  refuseWithinSites('-', ['.']);
});

test.run();
