import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { bigPlant } from './support/big-plant.ts';
import { BIN, harvgenWarm as harvgen, type Run, harvgen as start } from './support/cli.ts';
import { ISCSI_PLANT } from './support/iscsi-plant.ts';
import { edited, PLANT, plantCalled } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('harvgen secrets');

const schema = JSON.parse(
  readFileSync(fileURLToPath(new URL('../schema/secrets.schema.json', import.meta.url)), 'utf8'),
);
const isList = new Ajv2020({ allErrors: true }).compile(schema);

function assertList(document: unknown): void {
  assert.ok(isList(document), JSON.stringify(isList.errors));
}

const HARV_3 = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
/** A password of all nodes, and one of a BMC, which no configuration contains. */
const WITH_PASSWORDS = edited(
  PLANT,
  ['os: {', 'os: { password: "${secret:root_password}",'],
  [HARV_3, HARV_3.replace(' }', ', bmc: { address: 10.0.0.1, password: "${secret:bmc}" } }')],
);

/** Makes a directory with a site `plant` and a secrets file; returns the directory. */
function withSecrets(secrets: string, site = WITH_PASSWORDS): string {
  const home = writeFiles(dirname(makeSite(site)), { 's.yaml': secrets });
  chmodSync(join(home, 's.yaml'), 0o600);
  return home;
}

/** Runs `harvgen secrets` with a text on standard input. */
function piped(input: string, args: readonly string[], cwd: string): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'secrets', ...args], {
    cwd,
    encoding: 'utf8',
    input,
    env: { PATH: process.env.PATH },
  });
  return { code: status, stdout, stderr };
}

const HOW_TO_GIVE = `
Set the values in a YAML file for --secrets FILE, with a line \`name: value\` for each, or in HARVGEN_SECRET_<NAME>.
\`openssl rand -hex 32\` generates a token, \`openssl passwd -6\` a password hash.
`;

test('without values, lists the needed secrets, their uses, and how to set them', () => {
  assert.equal(start(['secrets', 'plant'], withSecrets('')), {
    code: 0,
    stdout: `plant
  bmc: declared only: the output does not need it
    plant/site.yaml:25:93 bmc.password, for harv-3
  cluster_token: needed
    plant/site.yaml:15:10 token, for harv-1, harv-2 and harv-3
  root_password: needed
    plant/site.yaml:18:21 config.os.password, for harv-1, harv-2 and harv-3
${HOW_TO_GIVE}`,
    stderr: '',
  });
});

test('with values, lists the source of each and the missing ones: a file, a pipe, the environment', () => {
  const home = withSecrets('cluster_token: v4lue\nrootpassword: v4lue\nbmc: v4lue\n');
  const incomplete = harvgen(['secrets', '--secrets', 's.yaml', 'plant'], home);
  assert.equal(incomplete, {
    code: 1,
    stdout: `plant
  bmc: from s.yaml:3:1; declared only: the output does not need it
    plant/site.yaml:25:93 bmc.password, for harv-3
  cluster_token: from s.yaml:1:1
    plant/site.yaml:15:10 token, for harv-1, harv-2 and harv-3
  root_password: missing; did you set rootpassword instead?
    plant/site.yaml:18:21 config.os.password, for harv-1, harv-2 and harv-3
  not needed: rootpassword
${HOW_TO_GIVE}`,
    stderr: 'harvgen: s.yaml:2:1: nothing needs a secret with this name: did you mean root_password?\n',
  });
  const complete = harvgen(['secrets', '--secrets=s.yaml', 'plant'], home, {
    HARVGEN_SECRET_ROOT_PASSWORD: 'v4lue',
  });
  assert.is(complete.code, 0);
  assert.match(complete.stdout, 'root_password: from HARVGEN_SECRET_ROOT_PASSWORD\n');
  assert.not.match(complete.stdout, 'openssl');
  const { code, stdout } = piped(
    'plant: { cluster_token: v4lue }\nroot_password: v4lue\n',
    ['--secrets', '-', 'plant'],
    home,
  );
  assert.is(code, 0);
  assert.match(stdout, 'cluster_token: from standard input:1:10\n');
  for (const { stdout } of [incomplete, complete]) assert.not.match(stdout, 'v4lue');
});

test('variables for other sites alone do not require values for this site', () => {
  const home = withSecrets('');
  const other = harvgen(['secrets', 'plant'], home, { HARVGEN_SECRET_OTHER: 'v4lue' });
  assert.equal([other.code, /cluster_token: (.*)/.exec(other.stdout)?.[1]], [0, 'needed']);
  const own = harvgen(['secrets', 'plant'], home, { HARVGEN_SECRET_CLUSTER_TOKEN: 'v4lue' });
  assert.equal([own.code, /root_password: (.*)/.exec(own.stdout)?.[1]], [1, 'missing']);
});

test('an unused variable is ignored in any form; errors in a needed one are reported', () => {
  const home = withSecrets('');
  const unused = { HARVGEN_SECRET_OTHER: '', HARVGEN_SECRET_foo: 'v4lue', HARVGEN_SECRET_: 'v4lue' };
  for (const command of ['build', 'check', 'diff', 'secrets']) {
    const { code, stderr } = harvgen([command, 'plant'], home, unused);
    assert.equal([code, stderr.includes('HARVGEN')], [0, false], stderr);
  }
  const own = { ...unused, HARVGEN_SECRET_CLUSTER_TOKEN: '', HARVGEN_SECRET_root_password: 'v4lue' };
  assert.equal(harvgen(['secrets', 'plant'], home, own), {
    code: 1,
    stdout: '',
    stderr: `harvgen: the secrets have 2 errors:
  HARVGEN_SECRET_CLUSTER_TOKEN has no value: set it or remove it
  HARVGEN_SECRET_root_password is not the variable of a secret: write HARVGEN_SECRET_ROOT_PASSWORD
`,
  });
  for (const command of ['build', 'check', 'diff']) {
    const { code, stderr } = harvgen([command, 'plant'], home, own);
    assert.is(code, 1);
    assert.match(
      stderr,
      /^plant\/site.yaml:15:10 error secret-missing\n {2}The secret cluster_token cannot be substituted: HARVGEN_SECRET_CLUSTER_TOKEN has no value\.$/m,
    );
    assert.match(
      stderr,
      'root_password cannot be substituted: HARVGEN_SECRET_root_password is not the variable of a secret.',
    );
    assert.not.match(stderr, 'v4lue');
  }
});

test('lists several sites with their sections; one without secrets is reported as such', () => {
  const home = writeFiles(scratchFolder(), {
    'sites/a/site.yaml': plantCalled('a', 1),
    'sites/b/site.yaml': plantCalled('b', 2),
    'sites/c/site.yaml': plantCalled('c', 3).replace('${secret:cluster_token}', '0123456789abcdef0123456789'),
  });
  const { code, stdout } = piped(
    'cluster_token: 1\nb: { cluster_token: 2 }\n',
    ['--secrets', '-', 'sites/*'],
    home,
  );
  assert.is(code, 0);
  assert.equal(stdout.match(/^(\w.*| {2}\w.*)$/gm), [
    'a',
    '  cluster_token: from standard input:1:1',
    'b',
    '  cluster_token: from standard input:2:6',
    'c has no secrets',
    '  not needed: cluster_token',
  ]);
  assert.not.match(stdout, '0123456789abcdef');
});

test('JSON matches its schema, and contains no value', () => {
  const home = withSecrets('cluster_token: v4lue\nrootpassword: v4lue\n');
  const { code, stdout } = harvgen(['secrets', '--secrets', 's.yaml', '--format', 'json', 'plant'], home);
  assert.is(code, 1);
  assert.not.match(stdout, 'v4lue');
  const document = JSON.parse(stdout);
  assertList(document);
  const [site] = document.sites;
  assert.equal(site.secrets[2], {
    name: 'root_password',
    needed: true,
    missing: true,
    nearest: 'rootpassword',
    uses: [
      {
        key: 'config.os.password',
        file: 'plant/site.yaml',
        line: 18,
        column: 21,
        needed: true,
        nodes: ['harv-1', 'harv-2', 'harv-3'],
      },
    ],
  });
  assert.equal(
    site.secrets.map(({ name, needed, missing, from }: Record<string, unknown>) => [
      name,
      needed,
      missing,
      from,
    ]),
    [
      ['bmc', false, false, undefined],
      ['cluster_token', true, false, 's.yaml:1:1'],
      ['root_password', true, true, undefined],
    ],
  );
  const unasked = harvgen(['secrets', '--format', 'json', 'plant'], home);
  assert.is(unasked.code, 0);
  assertList(JSON.parse(unasked.stdout));
  for (const wrong of [
    { ...document, more: 1 },
    { sites: [{ ...site, secrets: [{ name: 'a' }] }] },
    document.sites,
  ])
    assert.not(isList(wrong));
});

test('every key of the schema has a description, and a valid example', () => {
  const ajv = new Ajv2020({ allErrors: true });
  ajv.addSchema(schema, 'own');
  for (const [name, { properties }] of Object.entries<{ properties: object }>(schema.$defs)) {
    for (const [key, { description, examples, items }] of Object.entries(properties)) {
      assert.match(description, /^[A-Z`].*\.$/s, key);
      if (items?.$ref) continue;
      assert.ok(examples?.length > 0, key);
      for (const example of examples)
        assert.ok(ajv.validate({ $ref: `own#/$defs/${name}/properties/${key}` }, example), key);
    }
  }
});

test('the include for nginx has a line for each placeholder; standard output contains nothing else', () => {
  const home = withSecrets(
    'cluster_token: "v4lue-of-the-token$"\nroot_password: v4lue-of-root"\nbmc: v4lue\n',
  );
  assert.equal(harvgen(['secrets', '--secrets', 's.yaml', '--format', 'nginx', 'plant'], home), {
    code: 0,
    stdout: `# The secrets of plant, for nginx to substitute. Keep them on this machine, readable only by root, and out of git.
sub_filter @@secret:cluster_token@@ "v4lue-of-the-token\\\\x24";
sub_filter @@secret:root_password@@ "v4lue-of-root\\\\\\"";
# The digest of the placeholders above. nginx serves no configuration that needs others.
set $harvgen_plant_fills b015587ed4775cec;
`,
    stderr: '',
  });
});

test('an invalid value is reported before output; if no machine could use it, nothing is printed', () => {
  const nginx = (values: string) =>
    harvgen(['secrets', '--secrets', 's.yaml', '--format', 'nginx', 'plant'], withSecrets(values));
  const weak = nginx('cluster_token: v4lue\nroot_password: v4lue-of-root\n');
  assert.is(weak.code, 0);
  assert.match(weak.stdout, 'sub_filter');
  assert.match(weak.stderr, 'plant/site.yaml:15:10 warning weak-token');
  const wrong = nginx('cluster_token: |\n  v4lue-of-the-token\nroot_password: v4lue-of-root\n');
  assert.equal([wrong.code, wrong.stdout], [1, '']);
  assert.match(wrong.stderr, 'plant/site.yaml:15:10 error secret-blank-ends');
  assert.match(wrong.stderr, /1 error: nothing was printed\n$/);
  for (const { stderr } of [weak, wrong]) assert.not.match(stderr, 'v4lue');
});

test('the include is not printed if a value is missing, or for several sites', () => {
  const home = withSecrets('clustertoken: v4lue\n');
  const nginx = (...args: string[]) => harvgen(['secrets', '--format', 'nginx', ...args], home);
  const give = 'add it with --secrets FILE or HARVGEN_SECRET_<NAME>\n';
  assert.equal(nginx('--secrets', 's.yaml', 'plant'), {
    code: 1,
    stdout: '',
    stderr: `harvgen: s.yaml:1:1: nothing needs a secret with this name: did you mean cluster_token?
harvgen: plant needs a value for cluster_token (is clustertoken meant for it?) and root_password: ${give}`,
  });
  assert.equal(nginx('plant'), {
    code: 1,
    stdout: '',
    stderr: `harvgen: plant needs a value for cluster_token and root_password: ${give}`,
  });
  writeFiles(home, { 'b/site.yaml': plantCalled('b', 2) });
  const { code, stdout, stderr } = nginx('plant', 'b');
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, '--format nginx prints the secrets of one site: name one site');
});

test('the Kubernetes Secret contains the same include, and exists only for a site with pods', () => {
  const site = edited(WITH_PASSWORDS, ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']);
  const values = 'cluster_token: "v4lue-of-the-token$"\nroot_password: v4lue-of-root"\nbmc: v4lue\n';
  const home = withSecrets(values, site);
  const print = (format: string, ...args: string[]) =>
    harvgen(['secrets', '--format', format, ...args, 'plant'], home);
  const { code, stdout, stderr } = print('kubernetes', '--secrets', 's.yaml');
  assert.equal([code, stderr], [0, print('nginx', '--secrets', 's.yaml').stderr]);
  const { data, ...secret } = parse(stdout);
  assert.equal(secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'harvgen-plant-secrets',
      namespace: 'harvgen-plant',
      labels: {
        'app.kubernetes.io/name': 'harvgen',
        'app.kubernetes.io/instance': 'harvgen-plant',
        'app.kubernetes.io/component': 'boot-server',
        'app.kubernetes.io/managed-by': 'harvgen',
      },
    },
    type: 'Opaque',
  });
  assert.equal(Object.keys(data), ['secrets.conf']);
  const include = Buffer.from(data['secrets.conf'], 'base64').toString();
  assert.is(include, print('nginx', '--secrets', 's.yaml').stdout);
  assert.equal([print('kubernetes').code, print('kubernetes').stdout], [1, '']);
  const without = harvgen(
    ['secrets', '--format', 'kubernetes', '--secrets', 's.yaml', 'plant'],
    withSecrets(values),
  );
  assert.equal([without.code, without.stdout], [2, '']);
  assert.match(without.stderr, 'plant has no pods: add `kubernetes: {}` to its server in the inventory');
});

test('--format iscsi prints only the values of targets, or an error if there are none', () => {
  const values =
    'iscsi_suffix: a0b1\nchap_cn01: password-of-1\nchap_cn02: password-of-2\nchap_cn03: password-of-3\nbmc: v4lue\n';
  const print = (secrets: string, site?: string) =>
    harvgen(['secrets', '--format', 'iscsi', '--secrets', 's.yaml', 'plant'], withSecrets(secrets, site));
  assert.equal(print(values, ISCSI_PLANT), {
    code: 0,
    stdout: 'chap_cn01 password-of-1\nchap_cn02 password-of-2\nchap_cn03 password-of-3\niscsi_suffix a0b1\n',
    stderr: '',
  });
  const wrong = print(values.replace('password-of-2', 'v4lue of 2'), ISCSI_PLANT);
  assert.equal([wrong.code, wrong.stdout], [1, '']);
  assert.match(wrong.stderr, 'error iscsi-characters');
  assert.not.match(wrong.stderr, 'v4lue');
  const none = print('cluster_token: v4lue\nroot_password: v4lue-of-root\n');
  assert.equal([none.code, none.stdout], [2, '']);
  assert.match(none.stderr, 'no iSCSI target of plant has a secret: its server needs no values');
});

test('rejects more placeholders than nginx can substitute, but not one less', () => {
  const names = Array.from({ length: 255 }, (_, index) => `s${index}`);
  const secrets = ['cluster_token', ...names].map((name) => `${name}: v4lue\n`).join('');
  const siteWith = (some: readonly string[]) => {
    const environment = some.map((name) => `        ${name}: "\${secret:${name}}"\n`).join('');
    return edited(
      PLANT,
      ['    install:\n', `      environment:\n${environment}    install:\n`],
      [
        'os: { ntp_servers: [0.suse.pool.ntp.org],\n      ssh_authorized_keys: ["github:your_username"] }',
        'os:\n      ntp_servers: [0.suse.pool.ntp.org]\n      ssh_authorized_keys: ["github:your_username"]',
      ],
    );
  };
  const run = (site: string) =>
    harvgen(['secrets', '--secrets', 's.yaml', '--format', 'nginx', 'plant'], withSecrets(secrets, site));
  assert.equal(run(siteWith(names)), {
    code: 1,
    stdout: '',
    stderr:
      'harvgen: nginx substitutes at most 255 different placeholders, but plant has 256: serve a tree with ' +
      'values, `harvgen build --secrets FILE --out DIR plant`\n',
  });
  assert.is(run(siteWith(names.slice(1))).stdout.match(/^sub_filter /gm)?.length, 255);
});

test('check, build and secrets report typos in the file, but not entries for other sites', () => {
  const home = writeFiles(scratchFolder(), {
    'sites/mill_a/site.yaml': plantCalled('mill_a', 1),
    'sites/mill_b/site.yaml': plantCalled('mill_b', 2),
    'sites/_shared/x.yaml': '{}',
  });
  const token = 'l0ng-enough-and-guessed-by-nobody';
  /** Returns the standard error of commands with these sites and secrets; it must be the same for all. */
  const logs = (secrets: string, ...sites: string[]) => {
    writeFiles(home, { 's.yaml': secrets });
    chmodSync(join(home, 's.yaml'), 0o600);
    const [first = '', ...others] = [
      ['check'],
      ['build', '--out', 'o'],
      ['secrets'],
      ['diff', '--out', 'o'],
    ].map(([command = '', ...args]) => {
      const { stdout, stderr } = harvgen([command, ...args, '--secrets', 's.yaml', ...sites], home);
      assert.not.match(stdout + stderr, 'guessed');
      return stderr.replace('no errors or warnings in sites/mill_a\n', '');
    });
    for (const other of others) assert.is(other, first);
    return first;
  };
  const shared = `cluster_token: ${token}\n`;
  assert.is(
    logs(`${shared}mil_a:\n  cluster_token: ${token}2\n`, 'sites/mill_a'),
    'harvgen: s.yaml:2:1: there is no site with this name: did you mean mill_a?\n',
  );
  const checked = harvgen(['check', '--secrets', 's.yaml', 'sites/mill_a'], home);
  assert.not.match(checked.stderr, 'no errors or warnings');
  assert.is(
    logs(`${shared}mill_a:\n  cluster_tokn: ${token}2\n`, 'sites/mill_a'),
    'harvgen: s.yaml:3:3: nothing needs a secret with this name: did you mean cluster_token?\n',
  );
  assert.is(
    logs(`${shared}mill_a: ${token}2\n`, 'sites/mill_a'),
    'harvgen: s.yaml:2:1: this has the name of the site mill_a, but a text as its value: indent its secrets below it, one per line\n',
  );
  // Entries for the other site, or for neither.
  assert.is(logs(`${shared}cluster_token_2: x\nwifi: x\nmill_b: { cluster_token: x }\n`, 'sites/mill_a'), '');
  const elsewhere = `${shared}quarry: { cluster_token: x }\n`;
  assert.is(logs(elsewhere, 'sites/mill_a'), '');
  assert.match(
    harvgen(['secrets', '--secrets', 's.yaml', 'sites/*'], home).stderr,
    's.yaml:2:1: there is no site with this name: this section has no effect\n',
  );
});

test('a value in another section is reported by location, and unused values by name', () => {
  const list = (secrets: string) =>
    harvgen(['secrets', '--secrets', 's.yaml', 'plant'], withSecrets(secrets, PLANT));
  const wrong = list('plan: { cluster_token: v4lue }\nunused: v4lue\n');
  assert.match(
    wrong.stdout,
    '  cluster_token: missing; s.yaml:1:9: this is in the section of another site, not of plant\n',
  );
  assert.match(wrong.stdout, '\n  not needed: unused\n');
  const scalar = withSecrets('plant: v4lue\n', PLANT);
  const text =
    's.yaml:1:1: this has the name of the site plant, but a text as its value: indent its secrets below it';
  for (const args of [['secrets', '--format', 'nginx'], ['secrets'], ['check']]) {
    const { code, stdout, stderr } = harvgen([...args, '--secrets', 's.yaml', 'plant'], scalar);
    assert.is(code, 1);
    assert.match(stdout + stderr, text);
    assert.not.match(stdout + stderr, 'v4lue');
  }
  const json = harvgen(['secrets', '--format', 'json', '--secrets', 's.yaml', 'plant'], scalar).stdout;
  const document = JSON.parse(json);
  assertList(document);
  assert.match(document.sites[0].secrets[0].elsewhere, text);
  assert.equal(document.sites[0].not_needed, ['plant']);
});

test('errors of the inventory are reported, and nothing else', () => {
  const home = withSecrets('cluster_token: v4lue\n', edited(WITH_PASSWORDS, ['v1.4.1', '1.4.1']));
  for (const format of ['text', 'json', 'nginx']) {
    const { code, stdout, stderr } = harvgen(
      ['secrets', '--secrets', 's.yaml', '--format', format, 'plant'],
      home,
    );
    assert.equal([code, stdout], [1, '']);
    assert.match(stderr, 'plant/site.yaml:3:12 error');
  }
});

test('errors of the file are reported without a value; the file must be outside of the site', () => {
  const home = withSecrets('A: v4lue\nb: [v4lue]\n');
  assert.equal(harvgen(['secrets', '--secrets', 's.yaml', 'plant'], home), {
    code: 1,
    stdout: '',
    stderr: `harvgen: the secrets have 2 errors:
  s.yaml:1:1: this is not the name of a secret: names are lower-case letters, digits and _, and begin with a letter
  s.yaml:2:1: the secret here is a list: write its text, quoted if it contains YAML syntax
`,
  });
  writeFiles(home, { 'plant/s.yaml': 'cluster_token: v4lue\n' });
  const within = harvgen(['secrets', '--secrets', 'plant/s.yaml', 'plant'], home);
  assert.is(within.code, 1);
  assert.match(
    within.stderr,
    'harvgen: plant/s.yaml is within the site plant, whose files are read as inventory',
  );
  const twice = harvgen(['secrets', '--secrets', 's.yaml', '--secrets', 's.yaml', 'plant'], home);
  assert.is(twice.code, 2);
  assert.match(twice.stderr, '--secrets is given twice');
  for (const args of [
    ['--format', 'toString', 'plant'],
    ['plant', '--secrets'],
  ])
    assert.is(harvgen(['secrets', ...args], home).code, 2);
});

test('values that are invalid for iSCSI are reported first, with a command that generates valid ones', () => {
  const list = (secrets: string) =>
    harvgen(['secrets', '--secrets', 's.yaml', 'plant'], withSecrets(secrets, ISCSI_PLANT));
  const long = list(`iscsi_suffix: a0b1\nchap_cn01: ${'0f'.repeat(32)}\nchap_cn02: password-of-2\n`);
  assert.is(long.code, 1);
  assert.match(long.stderr, 'error chap-length');
  assert.match(long.stderr, 'boot.chap.password (the secret chap_cn01, from s.yaml:2:1) has fewer than 12');
  assert.match(long.stdout, 'For iSCSI, `openssl rand -hex 8` generates a CHAP password');
  const right = list(
    'iscsi_suffix: a0b1\nchap_cn01: password-of-1\nchap_cn02: password-of-2\nchap_cn03: password-of-3\n',
  );
  assert.equal([right.code, right.stderr], [0, '']);
});

test('warns of a file that all users can read', () => {
  const home = withSecrets('cluster_token: v4lue\nroot_password: v4lue\n');
  chmodSync(join(home, 's.yaml'), 0o644);
  const { code, stderr } = harvgen(['secrets', '--secrets', 's.yaml', 'plant'], home);
  assert.equal(
    [code, stderr],
    [0, 'harvgen: all users of this machine can read s.yaml: run `chmod 600 s.yaml`\n'],
  );
});

test('10,000 nodes that share a token are one line', () => {
  const { stdout } = harvgen(['secrets', 'plant'], dirname(makeSite(bigPlant(10_000))));
  assert.match(stdout, 'site.yaml:15:10 token, for node-1, node-2, node-3 and 9997 more\n');
  assert.ok(stdout.length < 1000);
});

test.run();
