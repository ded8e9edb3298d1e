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

/** Gives the faults of a file, with its folder left out. */
async function faultsOf(content: string | Uint8Array, env: Record<string, string> = {}): Promise<string[]> {
  try {
    await read(content, env);
  } catch (error) {
    assert.instance(error, SecretsError);
    const lines = (error as Error).message.replaceAll(/\/\S*\/s\.yaml/g, 's.yaml').split('\n');
    return lines.length === 1 ? lines : lines.slice(1).map((line) => line.trim());
  }
  return [];
}

/** Asserts the faults of a file in which what must not be said is `S3cret`. */
async function faulty(content: string | Uint8Array, ...wanted: readonly (string | RegExp)[]): Promise<void> {
  const faults = await faultsOf(content);
  assert.is(faults.length, wanted.length, faults.join('\n'));
  for (const [index, want] of wanted.entries()) assert.match(faults[index] ?? '', want);
  assert.not.match(faults.join('\n'), 'S3cret');
}

test('values are the text as it is written', async () => {
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

test('JSON is YAML; a byte order mark and CRLF are no matter', async () => {
  assert.is((await read('\ufeff{"a": "b\\n\\ud83d\\ude42"}\r\n'))?.find('x', 'a'), 'b\n🙂');
  const source = await read('a: one\r\nb: |\r\n  two\r\n  three\r\n');
  assert.equal([source?.find('x', 'a'), source?.find('x', 'b')], ['one', 'two\nthree\n']);
});

test('a section is for the site of its name, and wins over what is for all; places tell which', async () => {
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
  assert.match(source?.placeOf('plant-2', 'token') ?? '', /s\.yaml:4:3$/);
  assert.match(source?.placeOf('plant', 'token') ?? '', /s\.yaml:1:1$/);
  assert.is(source?.placeOf('plant', 'own'), undefined);
});

test('the environment gives values, alone or beside a file; alone it does not say that all are wanted', async () => {
  assert.is(await readSecrets(undefined, { HARVGEN: 'x', HARVGEN_SECRETS: 'x' }), undefined);
  const alone = await readSecrets(undefined, { HARVGEN_SECRET_TOKEN_2: 'é"$' });
  assert.equal([alone?.find('x', 'token_2'), alone?.isAsked], ['é"$', false]);
  assert.is(alone?.placeOf('x', 'token_2'), 'HARVGEN_SECRET_TOKEN_2');
  const both = await read('a: same\n', { HARVGEN_SECRET_A: 'same', HARVGEN_SECRET_B: 'b' });
  assert.equal(both?.names('x'), ['a', 'b']);
  assert.match(both?.placeOf('x', 'a') ?? '', /s\.yaml:1:1$/);
});

test('which of two different values counts is not guessed', async () => {
  assert.equal(
    await faultsOf('a: S3cret\nplant:\n  b: S3cret\n  a: env\n', {
      HARVGEN_SECRET_A: 'env',
      HARVGEN_SECRET_B: 'S3cret2',
    }),
    [
      's.yaml:1:1: the secret a has another value in HARVGEN_SECRET_A: take one of them away',
      's.yaml:3:3: the secret b has another value in HARVGEN_SECRET_B: take one of them away',
    ],
  );
});

test('variables that name no secret, are empty or not UTF-8 are a fault of their secret alone', async () => {
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
    ['token', 'a', 'b', 'c', '1a'].map((name) => [source?.find('x', name), source?.faultOf(name)]),
    [
      [undefined, { what: 'HARVGEN_SECRET_Token names no secret', help: 'write HARVGEN_SECRET_TOKEN' }],
      [undefined, { what: 'HARVGEN_SECRET_A has no value', help: 'give it one, or leave it out' }],
      [
        undefined,
        {
          what: 'the bytes of HARVGEN_SECRET_B are not UTF-8, so that the secret would be another one',
          help: 'give it by --secrets',
        },
      ],
      ['right', undefined],
      [undefined, undefined],
    ],
  );
  assert.equal(source?.names('x'), ['c']);
  assert.is(await readSecrets(undefined, { HARVGEN_SECRET_: 'S3cret', HARVGEN_SECRET_1A: '' }), undefined);
});

test('all faults of a file are said at once, each with its place, none with a value', async () => {
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
    's.yaml:1:1: this is no name of a secret: names are lower-case letters, digits and _, and begin with a letter',
    's.yaml:2:1: this is no name of a secret',
    's.yaml:4:1: the secret here has no value: give it one, or leave it out',
    's.yaml:5:1: the secret here has no value',
    's.yaml:6:1: the secret here is a list: write its text, in quotes where it has signs of YAML',
    's.yaml:7:1: this name stands here a second time, after line 3, column 1: only one could count',
    's.yaml:8:3: this is no name of a secret',
    's.yaml:10:1: the secret here holds half of a character, a lone surrogate: nothing could write it',
    's.yaml:11:10: the secret here is a map',
    's.yaml:11:39: this name stands here a second time, after line 11, column 28',
    's.yaml:12:1: a map is the section of a site, and this is no name of one',
    's.yaml:13:1: this is no name of a secret',
    's.yaml:14:1: this name stands here a second time, after line 13, column 1',
    's.yaml:15:1: this is no name of a secret',
  );
});

test('what a comma or a comment cuts off a value is not shown, and said with its place', async () => {
  const comma = 'between { } a comma ends a value: quote a value that holds one';
  await faulty(
    'plant: {a: x,S3cret}\nb: {c: x,s3cret}\n',
    `s.yaml:1:14: this is no name of a secret: names are lower-case letters, digits and _, and begin with a letter; ${comma}`,
    `s.yaml:2:10: the secret here has no value: give it one, or leave it out; ${comma}`,
  );
  assert.not.match((await faultsOf('b: {c: x,s3cret}\n')).join(), 's3cret');
  const file = fileOf("a: long #1pass\nb: '#x' # y\nc: {d: e # f\n  }\ng: | # h\n  x # y\ni: x#y\n");
  const warnings: string[] = [];
  const source = await readSecrets(file, {}, (message) => warnings.push(message));
  const why =
    'a comment begins here, and is no part of the value: quote the value if it is meant to be, else put the comment on a line of its own';
  assert.equal(warnings, [`${file}:1:9: ${why}`, `${file}:3:10: ${why}`]);
  assert.equal(
    ['a', 'b', 'g', 'i'].map((name) => source?.find('x', name)),
    ['long', '#x', 'x # y\n', 'x#y'],
  );
});

test('null is what is written for want of a value; in quotes it is one', async () => {
  const wrong = 'the secret here has null for a value: give it one, in quotes where this is meant';
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

test('the section of a site that nothing is wanted for contradicts no variable', async () => {
  const file = fileOf('other: { a: x }\nplant: { a: y }\n');
  const reading = (...sites: string[]) => readSecrets(file, { HARVGEN_SECRET_A: 'y' }, () => {}, sites);
  assert.is((await reading('plant'))?.find('plant', 'a'), 'y');
  const why = await reading('plant', 'other').catch(({ message }) => message);
  assert.is(why, `${file}:1:10: the secret a has another value in HARVGEN_SECRET_A: take one of them away`);
});

test('what is no map of texts', async () => {
  for (const nothing of ['', '# S3cret\n', '---\n']) {
    await faulty(
      nothing,
      's.yaml:1:1: there is nothing: write `name: value`, a secret a line; where it came through a pipe, the command before it has failed',
    );
  }
  assert.equal(await faultsOf('{}\n'), []);
  await faulty('S3cret\n', 's.yaml:1:1: this is no map: write `name: value`, a secret a line');
  await faulty('\n- S3cret\n', 's.yaml:2:1: this is no map');
  await faulty(
    'a: S3cret\n---\nb: S3cret\n',
    /^s\.yaml:[23]:\d+: a second YAML document begins here: put all into one$/,
  );
});

test("what is no YAML: no word of the parser's, which quotes the text", async () => {
  await faulty(
    'a: "S3cret\\q"\n',
    's.yaml:1:11: this is not YAML: between double quotes a backslash is written twice',
  );
  await faulty(
    'a: @S3cret\n',
    's.yaml:1:4: this is not YAML: write values in single quotes, with each quote in them doubled',
  );
  await faulty('a: `S3cret\n', /^s\.yaml:1:4: this is not YAML/);
  await faulty('a: %S3cret\n', /^s\.yaml:1:4: this is not YAML/);
  await faulty(
    'a: *S3cret\n',
    's.yaml:1:1: the secret here is an alias for nothing: write its text, in quotes where it has signs of YAML',
  );
  await faulty(
    'a: * S3cret\n',
    /^s\.yaml:1:\d: this is not YAML: a value that begins with \* stands in single quotes$/,
  );
  await faulty(
    'a: !S3cret x\n',
    /^s\.yaml:1:4: this is not YAML: a value that begins with ! stands in single quotes$/,
  );
  const open = 'this is not YAML: the quote that opens here is not closed';
  await faulty("a: 1\nb: 'S3cret\nc: d\n", `s.yaml:2:4: ${open}`);
  await faulty('a: "S3cret\nb: "S3cret"\n', `s.yaml:1:4: ${open}`);
  await faulty('a: S3cret: x\n', /^s\.yaml:1:\d+: this is not YAML/);
  await faulty('a: 1\n\tb: S3cret\n', /^s\.yaml:\d:\d+: this is not YAML/);
  await faulty(`a: ${'['.repeat(20_000)}S3cret`, /^s\.yaml:\d+:\d+: this is not YAML/);
  await faulty(`a: ${'['.repeat(200_000)}S3cret`, 's.yaml:1:103: this is not YAML: it is nested too deeply');
});

test('what is not UTF-8', async () => {
  await faulty(Buffer.from('a: S3cret\xe9', 'latin1'), 's.yaml: the file is not UTF-8: save it as UTF-8');
  await faulty(Buffer.from('a: S3cret', 'utf16le'), /^s\.yaml/);
});

test('what is still encrypted says how to decrypt it', async () => {
  const say = (program: string, command: string) =>
    new RegExp(
      `this is still encrypted by ${program}: give it by \`${command} \\S*s.yaml \\| harvgen … --secrets -\`$`,
    );
  const sops = 'a: ENC[AES256_GCM,data:S3cret,iv:x,tag:y,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:x]\n';
  await faulty(sops, say('sops', 'sops -d'));
  assert.match((await faultsOf(sops))[0] ?? '', 's.yaml:1:4: ');
  await faulty('a: S3cret\nsops:\n  version: 3.9.0\n', say('sops', 'sops -d'));
  await faulty('{"a": "ENC[AES256_GCM,data:S3cret]"}', say('sops', 'sops -d'));
  await faulty('$ANSIBLE_VAULT;1.1;AES256\n6162S3cret\n', say('ansible-vault', 'ansible-vault view'));
  await faulty(
    'a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n',
    /^s\.yaml:2:3: this value is still encrypted by ansible-vault: encrypt the file as a whole/,
  );
  await faulty('age-encryption.org/v1\n-> X25519 S3cret\n', say('age', 'age -d'));
  await faulty(
    Buffer.from('age-encryption.org/v1\n-> X25519 S3cret\n--- \xff\xfe', 'latin1'),
    say('age', 'age -d'),
  );
  await faulty('-----BEGIN AGE ENCRYPTED FILE-----\nS3cret\n', say('age', 'age -d'));
  await faulty('-----BEGIN PGP MESSAGE-----\n\nS3cret\n', say('GnuPG', 'gpg -d'));
});

test('a file that is not there, or is none', async () => {
  const folder = scratchFolder();
  const why = (path: string) => readSecrets(path, {}).catch(({ message }) => message);
  assert.is(await why(join(folder, 'x')), `${folder}/x cannot be read: there is no such file (ENOENT)`);
  assert.is(await why(folder), `${folder} cannot be read: it is a directory (EISDIR)`);
});

test('a file that everybody may read is warned of, and read', async () => {
  const file = fileOf('a: b\n', 0o604);
  const warnings: string[] = [];
  const source = await readSecrets(file, {}, (message) => warnings.push(message));
  assert.equal(warnings, [`everybody on this machine may read ${file}: run \`chmod 600 ${file}\``]);
  assert.is(source?.find('x', 'a'), 'b');
  assert.is(
    (await readSecrets(fileOf('a: b\n', 0o640), {}, () => assert.unreachable()))?.find('x', 'a'),
    'b',
  );
});

test('a file that git tracks, or would take up, is warned of; not what it ignores, nor where there is no git', async () => {
  const file = realpathSync(fileOf('a: b\n'));
  const folder = dirname(file);
  const git = (...args: string[]) => assert.is(spawnSync('git', ['-C', folder, ...args]).status, 0);
  const warnings = async (path = file, env: Record<string, string> = {}) => {
    const said: string[] = [];
    const { PATH } = process.env;
    Object.assign(process.env, env);
    const source = await readSecrets(path, {}, (message) => said.push(message));
    process.env.PATH = PATH;
    assert.is(source?.find('x', 'a'), 'b');
    return said;
  };
  const expected = (path = file) => [
    `${path} holds secrets in clear text, and the git repository ${folder} does not ignore it: add it to .gitignore, with \`git rm --cached\` where it is tracked, or encrypt it and give it by a pipe to --secrets -`,
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
    process.stdout.write(source.find('x', 'a') + ' ' + source.placeOf('x', 'a'));`;
  const run = (shell: string) =>
    spawnSync('bash', ['-c', shell], { encoding: 'utf8', env: { ...process.env, PROGRAM: program } });
  const node = 'node --import tsx --input-type=module -e "$PROGRAM" --';
  assert.is(run(`printf 'a: b' | ${node} -`).stdout, 'b standard input:1:1');
  assert.match(run(`${node} <(printf 'a: b')`).stdout, /^b \/dev\/fd\/\d+:1:1$/);
});

test('a file within a site would be read as inventory, by a link too', () => {
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
    `${home}/plant/sub/s.yaml is within the site ${home}/plant, whose files are read as inventory and go into git: keep it outside`,
  );
  assert.throws(() => within('link/sub/s.yaml', 'plant'), 'is within the site');
  assert.throws(() => within('plant/sub/s.yaml', 'link'), 'is within the site');
  assert.throws(() => within('plant/not-there.yaml', 'plant'), 'is within the site');
  within('plant-s.yaml', 'plant');
  refuseWithinSites(undefined, ['.']);
  refuseWithinSites('-', ['.']);
});

test.run();
