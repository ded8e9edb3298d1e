import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT, plantCalled, RUNNING } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Site } from '../../site/model.ts';
import { formatGithub, formatJson, formatSarif, plainDiagnostic } from '../../source/diagnostics/formats.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { formatText } from '../../source/diagnostics/text.ts';
import { checkMultiSite } from '../across/index.ts';
import { diagnosticKind } from '../index.ts';
import { checkValues, valueRules } from './secret-values.ts';

const test = suite('value rules');

const GOOD = 'q7Jw0ZbT2mXe9RkV4sPd';
const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const PASSWORD: Edit = [KEYS, `${KEYS}, password: "\${secret:login}"`];
const TWO_CLUSTERS: Edit[] = [
  [
    'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
    'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
  ],
  ['  config:\n', '  cluster: east\n  config:\n'],
  [
    'ip: 192.168.178.43 }\n',
    'ip: 192.168.178.43 }\n  w-1: { mac: 52:54:00:aa:02:01, ip: 192.168.178.44, cluster: west, mode: create }\n',
  ],
];
const TOKEN = 'The token of the cluster plant (the secret cluster_token)';
const LOGIN = 'os.password (the secret login)';

interface Case {
  readonly edits?: readonly Edit[];
  readonly values: Readonly<Record<string, string>>;
  /** Each as `line:column code message`. */
  readonly finds?: readonly string[];
}

function token(value: string, ...finds: string[]): Case {
  return { values: { cluster_token: value }, finds: finds.map((one) => `15:10 ${one}`) };
}

function login(value: string, ...finds: string[]): Case {
  return {
    edits: [PASSWORD],
    values: { cluster_token: GOOD, login: value },
    finds: finds.map((one) => `19:64 ${one}`),
  };
}

const DISK =
  "disk: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, boot: { os: iscsi, image: golden, chap: { password: '${secret:chap}', target_password: '${secret:back}' } } }";

/** Returns a case of a node with a disk on the site's own iSCSI server, with these values. */
function disk(values: Readonly<Record<string, string>>, ...finds: string[]): Case {
  return {
    edits: [
      ['server:\n', "server:\n  iscsi: { suffix: '${secret:suffix}' }\n"],
      ['nodes:\n', 'images:\n  golden: {}\nnodes:\n'],
      ['  harv-3:', `  ${DISK}\n  harv-3:`],
    ],
    values: { chap: 'a0B.c1D_e2F-', back: 'otherotherother1', suffix: 'a0-b.1', ...values },
    finds,
  };
}

/** Returns the same case with a target of an external iSCSI server. */
function foreign(values: Readonly<Record<string, string>>, ...finds: string[]): Case {
  const { edits = [], ...rest } = disk(values, ...finds);
  const target = "target: 'iqn.2015-02.oracle.boot:${secret:suffix}'";
  return {
    ...rest,
    edits: [...edits.slice(2).map(([from, to]): Edit => [from, to.replace('image: golden', target)])],
  };
}

const SUFFIX = 'server.iscsi.suffix (the secret suffix)';
const BLANK = 'secret-blank-ends';
const BEGINS_BLANK =
  'makes the text begin with a blank or an empty line: the installer writes files with it that nothing can parse';
const CASES: Readonly<Record<string, Case>> = {
  'a line break within a line': {
    edits: [
      [
        KEYS,
        `${KEYS}, write_files: [{ path: /etc/a, content: "a=\${secret:x}" }, { path: /etc/b.yaml, content: "a: \${secret:x}" }, { path: /etc/c, content: "a\\n\${secret:x}" }]`,
      ],
    ],
    values: { cluster_token: GOOD, x: 'one\ntwo' },
    finds: [
      '19:93 secret-breaks-lines os.write_files[0].content (the secret x) inserts a line break within a line: the rest begins at the left margin of the next line.',
    ],
  },
  'a line break at the beginning of a text of several lines': {
    edits: [
      [
        KEYS,
        `${KEYS}, write_files: [{ path: /etc/a, content: "\${secret:x}" }, { path: /etc/b.yaml, content: "\${secret:x}" }, { path: /etc/c, content: "\\t\${secret:x}" }, { path: /etc/d, content: "a\\n\${secret:x}" }]`,
      ],
    ],
    values: { cluster_token: GOOD, x: '\nPlant 2' },
    finds: [
      `19:93 secret-begins-blank os.write_files[0].content (the secret x) ${BEGINS_BLANK}.`,
      `19:182 secret-begins-blank os.write_files[2].content (the secret x) ${BEGINS_BLANK}.`,
      '19:182 secret-breaks-lines os.write_files[2].content (the secret x) inserts a line break within a line: the rest begins at the left margin of the next line.',
    ],
  },
  'a line break at the beginning of a text in a release that writes it correctly': {
    edits: [
      ['version: v1.4.1', 'version: v1.2.1'],
      [KEYS, `${KEYS}, write_files: [{ path: /etc/a, content: "\${secret:x}" }]`],
    ],
    values: { cluster_token: GOOD, x: '\nPlant 2' },
  },
  'a good token': token(GOOD),
  'a token with blanks': token('correct horse battery staple'),
  'no value': { values: {} },
  'an empty token': token('', `token-not-ascii ${TOKEN} is empty: the installer rejects it.`),
  'a token of blanks': token('   \n', `token-not-ascii ${TOKEN} is empty: the installer rejects it.`),
  'an umlaut': token(
    `${GOOD}ü`,
    `token-not-ascii ${TOKEN} contains characters that are not printable ASCII: the installer rejects it.`,
  ),
  'a tab within': token(
    `${GOOD}\t${GOOD}`,
    `token-not-ascii ${TOKEN} contains characters that are not printable ASCII: the installer rejects it.`,
  ),
  'a line break at the end': token(
    `${GOOD}\n`,
    `${BLANK} ${TOKEN} ends with a line break: the installer rejects it.`,
  ),
  'a blank at the end': token(`${GOOD} `, `${BLANK} ${TOKEN} ends with a blank: the installer rejects it.`),
  'a blank at the beginning': token(
    ` ${GOOD}`,
    `${BLANK} ${TOKEN} begins with a blank: the installer rejects it.`,
  ),
  'fifteen characters': token(
    'q7Jw0ZbT2mXe9Rk',
    `weak-token ${TOKEN} has fewer than 16 characters: it can be guessed.`,
  ),
  'fifteen characters, of a running cluster': {
    edits: RUNNING,
    values: { cluster_token: 'q7Jw0ZbT2mXe9Rk' },
  },
  'sixteen characters': token('q7Jw0ZbT2mXe9RkV'),
  'one repeated character': token(
    'z'.repeat(40),
    `weak-token ${TOKEN} has very few different characters: it can be guessed.`,
  ),
  'a token of an example': token(
    'SecretToken.123',
    `weak-token ${TOKEN} is in public examples: it is publicly known.`,
  ),
  'a reference': token(
    '${secret:other}',
    'secret-unresolved The value of the secret cluster_token is itself a reference to a secret: the machine would use it unchanged.',
  ),
  'a placeholder': token(
    '@@secret:other:json@@',
    'secret-unresolved The value of the secret cluster_token is the placeholder of a secret: the machine would use it unchanged.',
  ),
  ...Object.fromEntries(
    ['{{ cluster_token }}', '${CLUSTER_TOKEN}', '<your cluster token>', 'REPLACE_ME_WITH_A_LONG_TOKEN'].map(
      (value) => [
        `a placeholder of another program, ${value}`,
        token(
          value,
          'secret-unresolved The value of the secret cluster_token is the placeholder of another program: the machine would use it unchanged.',
        ),
      ],
    ),
  ),
  'a value that begins with a dollar sign': token('$ZWETSCHGENKNOEDEL_9'),
  'a value that contains a placeholder and a reference': token(
    'Zwetschgen@@secret:other@@knödel${secret:x}'.replace('ö', 'oe'),
  ),
  'a value that is encrypted with sops': token(
    'ENC[AES256_GCM,data:x,type:str]',
    'secret-unresolved The value of the secret cluster_token is still encrypted with sops: the machine would use it unchanged.',
  ),
  'a value that is encrypted with ansible-vault': login(
    '$ANSIBLE_VAULT;1.1;AES256\n6238\n',
    'secret-unresolved The value of the secret login is still encrypted with ansible-vault: the machine would use it unchanged.',
  ),
  'a good password': login('Zwetschgenknödel und Tee'),
  'a SHA-512 hash': login(
    '$6$Qm3vT9xKpL2w$TidkZKpFh06q6N3wQZ7Gjx4IUijSUOM1WTmUZBPR4GwX79' +
      'FsSW0l7OsQ3T60Y5TSu3OMhf64.s276N.5IqQnG1',
  ),
  'an incomplete hash': login(
    '$6$Qm3vT9xKpL2w$TidkZKpFh06q6N3wQZ7Gjx4IUijSUOM1WTmUZBPR4GwX79',
    `secret-password-hash ${LOGIN} begins like a crypt hash but is incomplete: no user can log in with a password.`,
  ),
  'a repeated word': token(
    'passwordpassword',
    `weak-token ${TOKEN} consists of well-known words or character sequences: it can be guessed.`,
  ),
  'rows of the keyboard': token(
    'Qwertyuiopasdfghjkl!',
    `weak-token ${TOKEN} consists of well-known words or character sequences: it can be guessed.`,
  ),
  'the alphabet backwards, and digits': login(
    'zyxwvuts1234',
    `weak-password ${LOGIN} consists of well-known words or character sequences: it can be guessed.`,
  ),
  'a sentence with a well-known word': login('the rancher waters 12 horses'),
  'a token of the documentation': token(
    '9b1de1a3f0e94f1bb0c2a7de5d0b3c44',
    `weak-token ${TOKEN} is in public examples: it is publicly known.`,
  ),
  'a line break after a whole text': {
    edits: [[KEYS, `${KEYS}, environment: { KEY: "\${secret:login}" }`]],
    values: { login: 'Pflaumenmus\n' },
    finds: [
      '19:74 secret-line-end os.environment.KEY (the secret login) ends with a line break: a key or password with it is wrong.',
    ],
  },
  'line breaks after several lines': {
    edits: [[KEYS, `${KEYS}, environment: { KEY: "\${secret:login}" }`]],
    values: { login: 'one line\ntwo\n' },
  },
  'a line break within a longer text': {
    edits: [[KEYS, `${KEYS}, environment: { KEY: "x \${secret:login}" }`]],
    values: { login: 'Pflaumenmus\n' },
    finds: [
      '19:74 secret-breaks-lines os.environment.KEY (the secret login) inserts a line break within a line: the rest begins at the left margin of the next line.',
    ],
  },
  'a line break within JSON': {
    edits: [
      [
        '    install:\n',
        `    system_settings: { backup-target: '{"type":"s3","accessKeyId":"a","bucketName":"b","bucketRegion":"c","secretAccessKey":"\${secret:login}"}' }\n    install:\n`,
      ],
    ],
    values: { login: 'Pflaumenmus\n' },
    finds: [
      '20:39 secret-line-end system_settings.backup-target (the secret login) ends with a line break: a key or password with it is wrong.',
    ],
  },
  'an MD5 hash': login(
    '$1$Qm3vT9xK$TidkZKpFh06q6N3wQZ7Gj0',
    `weak-password-hash ${LOGIN} is an MD5 hash: brute force breaks it.`,
  ),
  'a short password': login(
    'kY7#q',
    `weak-password ${LOGIN} has fewer than 8 characters: it can be guessed.`,
  ),
  'a password of an example': login(
    'P@ssword',
    `weak-password ${LOGIN} is in public examples: it is publicly known.`,
  ),
  'a password with a line break': login(
    'Zwetschgenknödel\n',
    `${BLANK} ${LOGIN} ends with a line break: the machine uses it as a part of the secret.`,
  ),
  'a password that is the token': login(
    GOOD,
    `secret-reused ${LOGIN} has the same value as the token of the cluster plant: one leaked secret opens both.`,
  ),
  'a template in a password': login(
    'Zwetschgen{{knödel',
    `template-in-secret ${LOGIN} inserts {{: the installed system treats it as a template and replaces the text after it.`,
  ),
  'a template of two parts': {
    edits: [[KEYS, `${KEYS}, password: "Zwetsche{\${secret:login}"`]],
    values: { login: '{tea' },
    finds: [
      `19:64 template-in-secret ${LOGIN} inserts {{: the installed system treats it as a template and replaces the text after it.`,
    ],
  },
  'a value with braces in a webhook': {
    edits: [
      [
        '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n',
        '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n      webhooks: [{ event: STARTED, method: POST, url: "http://192.168.178.7/${secret:hook}" }]\n',
      ],
    ],
    values: { hook: '{{' },
  },
  'two clusters with one value': {
    edits: TWO_CLUSTERS,
    values: { east: GOOD, west: GOOD },
    finds: [
      '15:39 secret-reused The token of the cluster west (the secret west) has the same value as the token of the cluster east: one leaked secret opens both.',
    ],
  },
  'two clusters with two values': { edits: TWO_CLUSTERS, values: { east: GOOD, west: `${GOOD}2` } },
  'silenced for the site': {
    edits: [['site: plant\n', 'site: plant\nsilence: { weak-token: a lab }\n']],
    values: { cluster_token: 'q7Jw0ZbT' },
  },
  'valid iSCSI values': disk({}),
  'invalid characters in a suffix': disk(
    { suffix: 'A_b' },
    `5:20 iscsi-characters ${SUFFIX} does not consist only of at most 40 lower-case ASCII letters and digits, . and -.`,
  ),
  'a suffix of 41 characters': disk(
    { suffix: 'a'.repeat(41) },
    `5:20 iscsi-characters ${SUFFIX} does not consist only of at most 40 lower-case ASCII letters and digits, . and -.`,
  ),
  'CHAP passwords with invalid characters and of invalid length': disk(
    { chap: 'v4lue of chap', back: 'v4lue-of-chap-of-the-target' },
    '28:107 iscsi-characters boot.chap.password (the secret chap) does not consist only of ASCII letters and digits, ., _ and -.',
    '28:142 chap-length boot.chap.target_password (the secret back) has fewer than 12 characters, or more than 16.',
  ),
  'the same password both ways': disk(
    { chap: 'v4lue-of-chap', back: 'v4lue-of-chap' },
    '28:142 chap-both-ways boot.chap.target_password (the secret back) is also the password of the node, boot.chap.password (chap): initiators and targets reject the login.',
  ),
  'an external target, which may accept any length': foreign({ chap: 'v4lue' }),
  'invalid characters for an external target': foreign(
    { chap: 'v4lue $', suffix: 'UEFI;1' },
    '25:82 iscsi-characters boot.target (the secret suffix) does not consist only of ASCII letters and digits, ., _, : and -.',
    '25:144 iscsi-characters boot.chap.password (the secret chap) does not consist only of ASCII letters and digits, ., _ and -.',
  ),
  'silenced for a node': {
    edits: [
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, silence: { weak-password: a lab }, config: { os: { password: "${secret:login}" } }',
      ],
    ],
    values: { login: 'kY7#q' },
  },
};

for (const [name, { edits = [], values, finds = [] }] of Object.entries(CASES)) {
  test(name, async () => {
    const { site, diagnostics: before } = await compile(makeSite(edited(PLANT, ...edits)));
    assert.equal(before, []);
    const report = new Report();
    checkValues(site as Site, new Map(Object.entries(values)), report);
    const diagnostics = report.sorted();
    assert.equal(
      diagnostics
        .map((one) => plainDiagnostic(one, '/'))
        .map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`),
      finds,
    );
    for (const { code, severity, help } of diagnostics) {
      assert.is(severity, diagnosticKind(code)?.severity);
      assert.ok(help);
    }
    const shown = [
      formatText(diagnostics, { color: false, folder: '/' }),
      formatJson(diagnostics, '/'),
      formatGithub(diagnostics, '/'),
      formatSarif(diagnostics, '/', '1.0.0', diagnosticKind),
    ].join('');
    // No message may contain a value. The shortest values also occur as English words.
    for (const value of Object.values(values).filter(({ length }) => length > 4))
      assert.not.ok(shown.includes(value.trim()), 'a value is shown');
  });
}

test('reports a silence of a rule that cannot be silenced', async () => {
  const text = edited(PLANT, [
    'site: plant\n',
    'site: plant\nsilence: { token-not-ascii: x, weak-token: x }\n',
  ]);
  const { diagnostics } = await compile(makeSite(text));
  assert.equal(
    diagnostics.map(({ code, message }) => [code, message]),
    [
      [
        'unsilenceable-rule',
        'The rule token-not-ascii cannot be silenced: harvgen can write nothing while it is broken.',
      ],
    ],
  );
});

test('every rule has a case', () => {
  const found = Object.values(CASES).flatMap(({ finds = [] }) => finds.map((one) => one.split(' ')[1]));
  for (const { code } of valueRules) assert.ok(found.includes(code), code);
});

test('a running cluster keeps its token', async () => {
  const { site } = await compile(makeSite(edited(PLANT, ...RUNNING)));
  for (const value of ['Zwetschge', 'Zwetschgenknödel']) {
    const report = new Report();
    checkValues(site as Site, new Map([['cluster_token', value]]), report);
    assert.equal(
      report.sorted().map(({ help }) => help),
      // A weak token, which the site cannot change, is not reported.
      value === 'Zwetschge' ? [] : ['set the secret to the token of the running cluster plant'],
    );
  }
  for (const [a, b, of] of [
    [[], [], 'one of them'],
    [RUNNING, [], 'b'],
    [[], RUNNING, 'a'],
    [RUNNING, RUNNING],
  ] as const) {
    const [found] = await across([GOOD, GOOD], [], [a, b]);
    const help = `set another token for ${of}: openssl rand -hex 32`;
    const leave =
      'set the token of each running cluster; or, if both have this one, add silence: {token-in-two-sites: "the reason"}';
    assert.is(found?.help, of ? help : leave);
  }
});

/** Returns the findings of the multi-site rules for two sites with these tokens, values and other edits. */
async function across(
  tokens: readonly [string, string],
  values: Readonly<Record<string, string>>[] = [],
  edits: readonly (readonly Edit[])[] = [],
) {
  const sites = await Promise.all(
    tokens.map(async (one, index) => {
      const name = ['a', 'b'][index] as string;
      const token: Edit = ['token: ${secret:cluster_token}', `token: ${one}`];
      const text = edited(plantCalled(name, index + 1), token, ...(edits[index] ?? []));
      return (await compile(makeSite(text, name))).site as Site;
    }),
  );
  const report = new Report();
  checkMultiSite(sites, report, (site) => {
    const own = values[sites.indexOf(site)];
    return own && new Map(Object.entries(own));
  });
  return report.sorted();
}

test('reports one token for the clusters of two sites if its value is known', async () => {
  const same = { cluster_token: GOOD };
  const message = 'The cluster b of b has the same token as a of a: any machine with it can join both.';
  const cases: [Parameters<typeof across>, boolean][] = [
    [[['${secret:cluster_token}', '${secret:cluster_token}']], false],
    [
      [
        ['${secret:cluster_token}', '${secret:cluster_token}'],
        [same, same],
      ],
      true,
    ],
    [
      [
        ['${secret:cluster_token}', '${secret:other}'],
        [same, { other: GOOD }],
      ],
      true,
    ],
    [
      [
        ['${secret:cluster_token}', '${secret:cluster_token}'],
        [same, { cluster_token: `${GOOD}2` }],
      ],
      false,
    ],
    [[['${secret:cluster_token}', '${secret:cluster_token}'], [same]], false],
    [[[GOOD, GOOD]], true],
    [[[GOOD, `${GOOD}2`]], false],
    [
      [
        [GOOD, '${secret:cluster_token}'],
        [{}, same],
      ],
      true,
    ],
  ];
  for (const [args, isFound] of cases) {
    const found = await across(...args);
    assert.equal(
      found.map(({ code, severity, message: text }) => [code, severity, text]),
      isFound ? [['token-in-two-sites', 'warning', message]] : [],
      JSON.stringify(args),
    );
  }
});

test.run();
