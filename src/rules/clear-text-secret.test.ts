import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { edited, PLANT } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { formatText } from '../source/diagnostics/text.ts';
import { clearTextSecret } from './clear-text-secret.ts';

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
