import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOUD_INIT_PLANT, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { edited, PLANT } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { plainDiagnostic } from '../source/diagnostics/formats.ts';
import { formatText } from '../source/diagnostics/text.ts';
import {
  clearTextSecret,
  publicSecret,
  secretInEncodedFile,
  secretInYamlFile,
  tooManySecrets,
} from './secrets.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const TOKEN = ['token: ${secret:cluster_token}', 'token: gkB2vT-7wQz_4xR9mN1c'] as const;
const WEBHOOK = 'event: STARTED, method: POST, url: "http://192.168.178.7"';

function message(path: string): string {
  return `${path} is in clear text: git keeps it, and whoever reads the repository or the tree has it.`;
}

ruleTest(clearTextSecret, {
  'the token of the cluster': { edits: [TOKEN], finds: [{ at: '15:10', message: message('token') }] },
  'a password in defaults, once for all nodes': {
    edits: [[KEYS, `${KEYS}, password: "Pa55 word"`]],
    finds: [{ at: '19:64', message: message('os.password') }],
  },
  'a password of one node': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, config: { os: { password: $ecret } }']],
    finds: [{ at: '24:83', message: message('os.password') }],
  },
  'secrets of a webhook and of system settings': {
    edits: [
      [
        DEVICE,
        `${DEVICE}      webhooks: [{ ${WEBHOOK}, basicAuth: { user: plant, password: $6$mlT0 } }]
    system_settings:
      ssl-certificates: { ca: "", publicCertificate: "", privateKey: here }
`,
      ],
    ],
    finds: [
      { at: '22:115', message: message('install.webhooks[0].basicAuth.password') },
      { at: '24:70', message: message('system_settings.ssl-certificates.privateKey') },
    ],
  },
  'the password of a management controller': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, bmc: { address: 192.168.179.42, password: calvin }']],
    finds: [{ at: '24:99', message: message('bmc.password') }],
  },
  'a machine that boots its own disk has one, too': {
    edits: [
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43 }\n  press: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, boot: { os: local }, bmc: { password: calvin } }',
      ],
    ],
    finds: [{ at: '26:94', message: message('bmc.password') }],
  },
  'a setting that is written as JSON, and a private key in a file': {
    edits: [
      [
        KEYS,
        `${KEYS},\n      write_files: [{ path: /etc/k, content: "-----BEGIN RSA PRIVATE KEY-----\\nMIIE" }]`,
      ],
      [
        DEVICE,
        `${DEVICE}    system_settings:
      backup-target: '{"type": "s3", "secretAccessKey": "wJalrXUtnFEMI"}'
      ssl-certificates: '{"ca": "", "publicCertificate": "", "privateKey": ""}'
`,
      ],
    ],
    finds: [
      { at: '20:46', message: message('os.write_files[0].content') },
      { at: '24:22', message: message('system_settings.backup-target') },
    ],
  },
  'secrets by the names of variables and headers, and logins of URLs': {
    edits: [
      [
        KEYS,
        `${KEYS},
      environment: { AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMI, HTTP_PROXY: "http://ghp_abc@10.0.0.1" },
      after_install_chroot_commands: ["curl https://u:p@10.0.0.1/a"]`,
      ],
      [DEVICE, `${DEVICE}      webhooks: [{ ${WEBHOOK}, headers: { Authorization: [Bearer abc] } }]\n`],
    ],
    finds: [
      { at: '20:45', message: message('os.environment.AWS_SECRET_ACCESS_KEY') },
      { at: '20:72', message: message('os.environment.HTTP_PROXY') },
      { at: '21:39', message: message('os.after_install_chroot_commands[0]') },
      { at: '24:106', message: message('install.webhooks[0].headers.Authorization[0]') },
    ],
  },
  'what is called as a secret is, and is none': {
    edits: [
      [
        KEYS,
        `${KEYS},
      environment: { PASSWORD_FILE: /etc/acme, API_KEY: /etc/acme/key, TOKEN: "\${secret:x}", MY_SECRET: "", USE_TOKEN: "true", PIN_TOKEN: "12", SSH_PUBLIC_KEY: ssh-ed25519 AAAA, A: "https://u:\${PASSWORD}@10.0.0.1" }`,
      ],
    ],
  },
  'references to secrets': {
    edits: [
      [KEYS, `${KEYS}, password: "\${secret:node_password}"`],
      [
        DEVICE,
        `${DEVICE}      webhooks: [{ ${WEBHOOK}, basicAuth: { user: plant, password: "\${secret:webhook}" } }]\n`,
      ],
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, bmc: { address: 192.168.179.42, password: "${secret:bmc}" }',
      ],
    ],
  },
  'a hash of a password': {
    edits: [
      [
        KEYS,
        `${KEYS}, password: "$6$Qm3vT9xKpL2w$TidkZKpFh06q6N3wQZ7Gjx4IUijSUOM1WTmUZBPR4GwX79FsSW0l7OsQ3T60Y5TSu3OMhf64.s276N.5IqQnG1"`,
      ],
    ],
  },
});

const test = suite('clear-text-secret, as it is shown');

test('shows no secret, not even beside another', async () => {
  const site = edited(PLANT, TOKEN, [
    'ip: 192.168.178.42',
    'ip: 192.168.178.42, bmc: { password: calvin },\n    config: { os: { password: hobbes } }',
  ]);
  const { diagnostics } = await compile(makeSite(site));
  const text = formatText(diagnostics, { color: false, folder: '/' });
  assert.is(diagnostics.length, 3);
  assert.match(text, 'token: ********************\n');
  for (const secret of ['gkB2', 'calvin', 'hobbes']) assert.not.match(text, secret);
});

test('says what to do by what the secret opens', async () => {
  const helpOf = async (...edits: Parameters<typeof edited>[1][]) => {
    const { diagnostics } = await compile(makeSite(edited(PLANT, ...edits)));
    return diagnostics.map(({ help = '' }) => help);
  };
  assert.match((await helpOf(TOKEN))[0] ?? '', /^write \$\{secret:.*openssl rand -hex 32$/);
  const [password = ''] = await helpOf([KEYS, `${KEYS}, password: "Pa55 word"`]);
  assert.match(password, 'openssl passwd -6');
  assert.match(password, 'whoever has a hash can try passwords against it');
  const [bmc = ''] = await helpOf(['ip: 192.168.178.42', 'ip: 192.168.178.42, bmc: { password: calvin }']);
  assert.match(bmc, 'change it in the management controller');
});

test('a password on the kernel line, and in the URL of images', async () => {
  const linux = (...edits: Parameters<typeof edited>[1][]) =>
    compile(makeSite(edited(LINUX_PLANT, ...edits)));
  for (const [arg, path] of [
    ['rd.iscsi.password=hobbes', 'boot.args rd.iscsi.password'],
    ['root=live:http://me:hobbes@10.1.0.9/root.squashfs', 'boot.args root'],
  ]) {
    const { diagnostics } = await linux(['[ip=dhcp,', `["${arg}",`]);
    assert.equal(
      diagnostics.flatMap(({ code, message }) => (code === 'clear-text-secret' ? message : [])),
      [`${path} is in clear text: git keeps it, and whoever reads the repository or the tree has it.`],
    );
    assert.not.match(formatText(diagnostics, { color: false, folder: '/' }), 'hobbes');
  }
});

test('what other programs take for a reference is none', async () => {
  for (const text of [
    '$secret:cluster_token',
    '${CLUSTER_TOKEN}',
    '$CLUSTER_TOKEN',
    '"{{ cluster_token }}"',
  ]) {
    const { diagnostics } = await compile(makeSite(edited(PLANT, ['${secret:cluster_token}', text])));
    assert.equal(
      diagnostics.flatMap(({ code, help }) => (code === 'clear-text-secret' ? help : [])),
      ['this is no reference, and is taken as it stands: write ${secret:cluster_token}'],
    );
  }
});

test.run();

const publicSecretTest = suite(publicSecret.code);

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

publicSecretTest('private keys, htpasswd and files of passwords that everybody may fetch', async () => {
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

publicSecretTest('what is not public, encrypted, or no secret', async () => {
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

publicSecretTest.run();

const BEFORE = 'ssh_authorized_keys: ["github:your_username"]';

function file(content: string, encoding: string): [string, string] {
  return [
    BEFORE,
    `${BEFORE},\n      write_files: [{ path: /etc/x, encoding: "${encoding}", content: "${content}" }]`,
  ];
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

ruleTest(secretInEncodedFile, {
  'a reference within base64': {
    edits: [file(base64('key: ${secret:key}\n'), 'b64')],
    finds: [
      {
        at: '20:63',
        message:
          'The content of /etc/x refers to a secret once it is decoded, and nothing fills it in there.',
      },
    ],
  },
  'a mark within base64': {
    edits: [file(base64('key: @@secret:key@@\n'), 'base64')],
    finds: [
      {
        at: '20:66',
        message:
          'The content of /etc/x refers to a secret once it is decoded, and nothing fills it in there.',
      },
    ],
  },
  'a file that cloud-init writes': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [
        OWN_USER_DATA,
        `user_data: { write_files: [{ path: /etc/x, encoding: b64, content: "${base64('key: ${secret:key}\n')}" }] }`,
      ],
    ],
    finds: [
      {
        at: '20:74',
        message:
          'The content of /etc/x refers to a secret once it is decoded, and nothing fills it in there.',
      },
    ],
  },
  'a secret that is a part of it': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [
        OWN_USER_DATA,
        'user_data: { write_files: [{ path: /etc/x, encoding: B64, content: "AAAA${secret:munge_key}" }] }',
      ],
    ],
    finds: [
      {
        at: '20:74',
        message:
          'A part of the content of /etc/x is a secret, and the content is encoded: the two would not fit together.',
      },
    ],
  },
  'a part of what is no more than text': { edits: [file('a ${secret:key}', '')] },
  'a content that is a secret, base64 and all': { edits: [file('${secret:key}', 'b64')] },
  'a content without one': { edits: [file(base64('key: none\n'), 'b64')] },
});

function fileOfSecretInYamlFile(path: string, ...lines: readonly string[]) {
  const content = lines.map((line) => `          ${line}\n`).join('');
  return [
    [
      'os: { ntp_servers: [0.suse.pool.ntp.org],\n      ssh_authorized_keys: ["github:your_username"] }\n',
      `os:\n      ntp_servers: [0.suse.pool.ntp.org]\n      ${KEYS}\n      write_files:\n      - path: ${path}\n        content: |\n${content}`,
    ],
  ] as const;
}

const messageOfSecretInYamlFile =
  'The content of /etc/a.yaml refers to a secret in a comment or a key: what is filled in there would be read as YAML.';

ruleTest(secretInYamlFile, {
  'in a comment and in a key': {
    edits: fileOfSecretInYamlFile('/etc/a.yaml', 'a: ${secret:x} # ${secret:x}', '${secret:y}: b'),
    finds: [
      { at: '24:28', message: messageOfSecretInYamlFile },
      { at: '25:11', message: messageOfSecretInYamlFile },
    ],
  },
  'in values': {
    edits: fileOfSecretInYamlFile('/etc/a.yaml', '# secrets', 'a: ${secret:x}', 'b: |', '  ${secret:y}'),
  },
  'in a file of another kind': { edits: fileOfSecretInYamlFile('/etc/a.conf', '# ${secret:x}') },
});

/** So many secrets in one text of the configuration, beside the token. */
function withSecrets(count: number) {
  const text = Array.from({ length: count }, (_, index) => `\${secret:s${index}}`).join(' ');
  return ['    os: {', `    os: { environment: { A: "${text}" },`] as const;
}

ruleTest(tooManySecrets, {
  'one more than nginx fills in': {
    edits: [withSecrets(255)],
    finds: [
      {
        at: '23:3',
        message:
          'The scripts and configurations hold 256 secrets, and nginx fills in 255 at most: it would not start with the include of this site.',
      },
    ],
  },
  'as many as nginx fills in': { edits: [withSecrets(254)] },
});
