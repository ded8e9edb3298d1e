import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOUD_INIT_PLANT, OWN_USER_DATA } from '../../../test/support/cloud-init-plant.ts';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { edited, PLANT, RUNNING } from '../../../test/support/plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { plainDiagnostic } from '../../source/diagnostics/formats.ts';
import { formatText } from '../../source/diagnostics/text.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const TOKEN = ['token: ${secret:cluster_token}', 'token: gkB2vT-7wQz_4xR9mN1c'] as const;
const WEBHOOK = 'event: STARTED, method: POST, url: "http://192.168.178.7"';

function message(path: string): string {
  return `${path} is in clear text: git keeps it, and anyone who reads the repository or the output tree has it.`;
}

ruleTest('clear-text-secret', {
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
    silence: ['setting-refused'],
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
  'the password of a BMC': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, bmc: { address: 192.168.179.42, password: calvin }']],
    finds: [{ at: '24:99', message: message('bmc.password') }],
  },
  'the password of the BMC of a machine that boots its own disk': {
    edits: [
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43 }\n  press: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, boot: { os: local }, bmc: { password: calvin } }',
      ],
    ],
    finds: [{ at: '26:94', message: message('bmc.password') }],
  },
  'a setting in JSON, and a private key in a file': {
    edits: [
      [
        KEYS,
        `${KEYS},\n      write_files: [{ path: /etc/k, content: "-----BEGIN RSA PRIVATE KEY-----\\nMIIE" }]`,
      ],
      [
        DEVICE,
        `${DEVICE}    system_settings:
      backup-target: '{"type": "s3", "accessKeyId": "a", "secretAccessKey": "wJalrXUtnFEMI", "bucketName": "b", "bucketRegion": "c"}'
      ssl-certificates: '{"ca": "", "publicCertificate": "", "privateKey": ""}'
`,
      ],
    ],
    finds: [
      { at: '20:46', message: message('os.write_files[0].content') },
      { at: '24:22', message: message('system_settings.backup-target') },
    ],
  },
  'secrets in variables and headers, by their names, and logins in URLs': {
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
  'other values with names of secrets': {
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

const test = suite('clear-text-secret in output');

test('shows no secret, even next to another one', async () => {
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

test('has a help for the purpose of the secret', async () => {
  const helpOf = async (...edits: Parameters<typeof edited>[1][]) => {
    const { diagnostics } = await compile(makeSite(edited(PLANT, ...edits)));
    return diagnostics.map(({ help = '' }) => help);
  };
  assert.match((await helpOf(TOKEN))[0] ?? '', /^write "\$\{secret:.*openssl rand -hex 32$/);
  assert.equal(await helpOf(TOKEN, ...RUNNING), [
    'write "${secret:cluster_token}", and set the secret to the token of the running cluster plant',
  ]);
  const [password = ''] = await helpOf([KEYS, `${KEYS}, password: "Pa55 word"`]);
  assert.match(password, 'openssl passwd -6');
  assert.match(password, 'anyone with a hash can try passwords against it');
  const [bmc = ''] = await helpOf(['ip: 192.168.178.42', 'ip: 192.168.178.42, bmc: { password: calvin }']);
  assert.match(bmc, 'change it in the BMC');
});

test('reports a password on the kernel command line, and in the URL of images', async () => {
  const linux = (...edits: Parameters<typeof edited>[1][]) =>
    compile(makeSite(edited(LINUX_PLANT, ...edits)));
  for (const [arg, path] of [
    ['rd.iscsi.password=hobbes', 'boot.args rd.iscsi.password'],
    ['root=live:http://me:hobbes@10.1.0.9/root.squashfs', 'boot.args root'],
  ]) {
    const { diagnostics } = await linux(['[ip=dhcp,', `["${arg}",`]);
    assert.equal(
      diagnostics.flatMap(({ code, message }) => (code === 'clear-text-secret' ? message : [])),
      [
        `${path} is in clear text: git keeps it, and anyone who reads the repository or the output tree has it.`,
      ],
    );
    assert.not.match(formatText(diagnostics, { color: false, folder: '/' }), 'hobbes');
  }
});

test('reports secrets in Kubernetes objects, and shows none', async () => {
  const objects = `apiVersion: v1
kind: Secret
metadata: { name: db, labels: { token: web } }
stringData: { password: hobbes, user: web, key: "\${secret:vm}" }
---
apiVersion: harvesterhci.io/v1beta1
kind: Setting
metadata: { name: backup-target }
value: '{"type":"s3","endpoint":"https://s3","accessKeyId":"a","bucketName":"b","bucketRegion":"c","secretAccessKey":"calvin123"}'
---
apiVersion: v1
kind: ConfigMap
metadata: { name: proxy }
data: { url: "http://me:rosalyn@10.0.0.1" }
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: two }
provisioner: driver.longhorn.io
parameters: { csi.storage.k8s.io/node-stage-secret-namespace: longhorn-system }
`;
  const site = { 'site.yaml': PLANT, 'manifests/a.yaml': objects };
  const { diagnostics } = await compile(makeSite(site));
  assert.equal(
    diagnostics.map(({ code, message, at }) => [
      code,
      message.replace(/ is in clear text.*/, ''),
      at.source.text.slice(at.start, at.start + 3),
    ]),
    [
      ['clear-text-secret', 'Secret/db stringData.password', 'hob'],
      ['clear-text-secret', 'Setting/backup-target value', '\'{"'],
      ['clear-text-secret', 'ConfigMap/proxy data.url', '"ht'],
    ],
  );
  const text = formatText(diagnostics, { color: false, folder: '/' });
  for (const secret of ['hobbes', 'calvin', 'rosalyn']) assert.not.match(text, secret);
});

test('reports references of other programs', async () => {
  for (const text of [
    '$secret:cluster_token',
    '${CLUSTER_TOKEN}',
    '$CLUSTER_TOKEN',
    '"{{ cluster_token }}"',
  ]) {
    const { diagnostics } = await compile(makeSite(edited(PLANT, ['${secret:cluster_token}', text])));
    assert.equal(
      diagnostics.flatMap(({ code, help }) => (code === 'secret-unfilled' ? help : [])),
      ['write "${secret:cluster_token}"'],
    );
  }
});

test.run();

const publicSecretTest = suite('public-secret');

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNza\n-----END OPENSSH PRIVATE KEY-----\n';

/** Returns the messages for a site with site files. */
async function messagesFor(files: Readonly<Record<string, string>>, silence = ''): Promise<string[]> {
  const { diagnostics } = await compile(makeSite({ 'site.yaml': PLANT + silence, ...files }));
  return diagnostics.map((one) => {
    const { code, severity, message, file } = plainDiagnostic(one, '/');
    assert.equal([code, severity], ['public-secret', 'warning']);
    assert.match(file, /\/files\/www\//);
    return message;
  });
}

const isPublic = 'but is public: the boot server serves it to every client.';

publicSecretTest('reports public private keys, htpasswd files and files with passwords', async () => {
  const messages = await messagesFor({
    'files/www/a/htpasswd': 'admin:$apr1$x$y\n',
    'files/www/id_rsa': KEY,
    'files/www/s.yaml': 'user: x\nroot_password: calvin and hobbes\n',
    'files/www/t.json': '{"token": "calvin and hobbes"}',
  });
  assert.equal(messages, [
    `www/a/htpasswd contains password hashes ${isPublic}`,
    `www/id_rsa contains a private key ${isPublic}`,
    `www/s.yaml contains a likely password or token ${isPublic}`,
    `www/t.json contains a likely password or token ${isPublic}`,
  ]);
});

publicSecretTest('accepts files that are not public, encrypted values and other text', async () => {
  const files = {
    'files/scripts/id_rsa': KEY,
    'files/www/id_rsa.pub': 'ssh-ed25519 AAAA x\n',
    'files/www/s.yaml': 'root_password: ENC[AES256_GCM,data:x]\nsops:\n  mac: x\n',
    'files/www/t.yaml': 'password:\n  rule: long\ntoken: ~\nsecret: true\n',
    'files/www/u.md': 'token: of thanks\n',
  };
  assert.equal(await messagesFor(files), []);
  assert.equal(
    await messagesFor({ 'files/www/k': KEY }, 'silence: { public-secret: it opens nothing }\n'),
    [],
  );
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

ruleTest('secret-in-encoded-file', {
  'a reference within base64': {
    edits: [file(base64('key: ${secret:key}\n'), 'b64')],
    finds: [
      {
        at: '20:63',
        message:
          'The decoded content of /etc/x refers to a secret: the reference reaches the machine unchanged.',
      },
    ],
  },
  'a placeholder within base64': {
    edits: [file(base64('key: @@secret:key@@\n'), 'base64')],
    finds: [
      {
        at: '20:66',
        message:
          'The decoded content of /etc/x refers to a secret: the reference reaches the machine unchanged.',
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
          'The decoded content of /etc/x refers to a secret: the reference reaches the machine unchanged.',
      },
    ],
  },
  'a secret as a part of encoded content': {
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
          'A part of the content of /etc/x is a secret, but the content is encoded: the value would break the encoding.',
      },
    ],
  },
  'a part of plain text': { edits: [file('a ${secret:key}', '')] },
  'a secret as the whole encoded content': { edits: [file('${secret:key}', 'b64')] },
  'encoded content without a secret': { edits: [file(base64('key: none\n'), 'b64')] },
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
  'The content of /etc/a.yaml refers to a secret in a comment or a key: its value would be read as YAML.';

ruleTest('secret-in-yaml-file', {
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
  'in another type of file': { edits: fileOfSecretInYamlFile('/etc/a.conf', '# ${secret:x}') },
});

/** Returns an edit that adds a number of secrets in one text of the configuration, next to the token. */
function withSecrets(count: number) {
  const text = Array.from({ length: count }, (_, index) => `\${secret:s${index}}`).join(' ');
  return ['    os: {', `    os: { environment: { A: "${text}" },`] as const;
}

ruleTest('too-many-secrets', {
  'one more than the maximum': {
    edits: [withSecrets(255)],
    finds: [
      {
        at: '23:3',
        message:
          'The scripts and configurations have 256 secrets, but nginx substitutes at most 255: it does not start with the include of this site.',
      },
    ],
  },
  'the maximum': { edits: [withSecrets(254)] },
});

/** A site of a machine that boots Linux; its user-data begins in line 9. */
const linux = (userData: string) => `site: plant
server: { url: http://192.168.10.7 }
networks:
  mgmt: { subnet: 192.168.10.0/24, gateway: 192.168.10.1, dns: [192.168.10.1], dhcp: {} }
defaults:
  boot: { os: linux, kernel: u/vmlinuz, initrd: u/initrd, args: [ip=dhcp] }
  cloud_init:
    user_data:
${userData.replace(/^/gm, '      ')}
nodes:
  cp-1: { mac: 52:54:00:aa:0a:01, ip: 192.168.10.41 }
`;

const hashMessage = (path: string) =>
  `cloud_init.user_data.${path} begins like a crypt hash but is incomplete: no user can log in with a password.`;

const found = (at: string, path: string) => ({ at, message: message(`cloud_init.user_data.${path}`) });

ruleTest('clear-text-secret', {
  'join tokens and passwords of commands and files of K3s': {
    of: linux(`write_files:
  - path: /etc/rancher/k3s/config.yaml
    content: |
      token: K10abcdef0123456789abcdef0123456789::server:0123456789abcdef
      server: https://192.168.10.41:6443
  - path: /etc/wireguard/wg0.conf
    content: |
      [Interface]
      PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=
  - path: /root/.ssh/id_ed25519
    content: |
      -----BEGIN OPENSSH PRIVATE KEY-----
      b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
      -----END OPENSSH PRIVATE KEY-----
runcmd:
  - curl -sfL https://get.k3s.io | K3S_TOKEN=hunter2hunter2 K3S_URL=https://192.168.10.41:6443 sh -
  - [sh, -c, "echo root:hunter2 | chpasswd"]`),
    finds: [
      found('11:20', 'write_files[0].content'),
      found('15:20', 'write_files[1].content'),
      found('19:20', 'write_files[2].content'),
      found('24:11', 'runcmd[0]'),
      found('25:20', 'runcmd[1][2]'),
    ],
  },
  'other forms of them': {
    of: linux(`write_files:
  - { path: /etc/rancher/rke2/config.yaml.d/50-join.yaml, content: "agent-token: hunter2hunter2" }
  - { path: /etc/systemd/system/k3s.service.env, content: "K3S_TOKEN='hunter2 hunter2'" }
bootcmd:
  - k3s server --token hunter2hunter2
  - curl -u admin:hunter2 https://registry.example.org/v2/
  - "chpasswd <<< 'root:hunter2'"
  - |
    chpasswd <<EOF
    root:hunter2
    EOF
  - "printf 'root:hunter2\\n' | sudo chpasswd"
  - wget --user=admin --password=hunter2 https://example.org/a
  - [curl, -u, "admin:hunter2", "https://example.org"]
  - "export RKE2_TOKEN=hunter2hunter2"`),
    finds: [
      found('10:74', 'write_files[0].content'),
      found('11:65', 'write_files[1].content'),
      found('13:11', 'bootcmd[0]'),
      found('14:11', 'bootcmd[1]'),
      found('15:11', 'bootcmd[2]'),
      found('16:11', 'bootcmd[3]'),
      found('20:11', 'bootcmd[4]'),
      found('21:11', 'bootcmd[5]'),
      found('22:22', 'bootcmd[6][2]'),
      found('23:11', 'bootcmd[7]'),
    ],
  },
  'references, variables, files, hashes, and texts that only look alike': {
    of: linux(`write_files:
  - { path: /etc/rancher/k3s/config.yaml, content: "token: \${secret:k3s_token}" }
  - { path: /etc/rancher/rke2/config.yaml, content: "token-file: /etc/rancher/token\\n# token: the token of the cluster\\nnode-label: [token=no]" }
  - { path: /etc/motd, content: "token: see the wiki" }
runcmd:
  - K3S_TOKEN=\${secret:k3s_token} sh -
  - K3S_TOKEN=$(cat /root/token) k3s agent --token-file /root/token
  - k3s server --token "$TOKEN" --token \${secret:k3s_token}
  - echo "root:$PASSWORD" | chpasswd
  - echo 'root:$6$abcdefgh$1234567890' | chpasswd -e
  - curl -u "$LOGIN" https://example.org -u admin:$PASSWORD -u \${secret:login}
  - passwd root
  - [kubeadm, token, create]
  - kube-apiserver --authorization-mode=Node,RBAC --service-account-key-file=/a/b --token-ttl 24h
  - 'echo "the token: see the wiki"'
  - echo user:group; chown user:group /srv`),
  },
  'commands and files of Harvester': {
    edits: [
      [
        KEYS,
        `${KEYS},
      after_install_chroot_commands: ["curl -u user:hunter2 https://example.org"],
      write_files: [{ path: /etc/rancher/rke2/rke2.yaml.d/x.yaml, content: "agent-token: hunter2hunter2" }]`,
      ],
      ['version: v1.4.1', 'version: v1.8.2'],
    ],
    finds: [
      { at: '20:39', message: message('os.after_install_chroot_commands[0]') },
      { at: '21:76', message: message('os.write_files[0].content') },
    ],
  },
});

/** Returns a finding of a placeholder as the token, and the one remedy. */
function unfilled(text: string, name = 'cluster_token', at = '15:10', path = 'token') {
  const shown = text.replace('abc', '…');
  const isReference = /^\$|^\{\{|:/.test(text);
  const what = `${path} is ${isReference ? `${shown}, which harvgen does not replace` : 'a placeholder'}`;
  return {
    at,
    message: `${what}: the machine would use this text itself.`,
    help: `write "\${secret:${name}}"`,
  };
}

const token = (value: string) => ['token: ${secret:cluster_token}', `token: '${value}'`] as const;

fixableRuleTest('secret-unfilled', {
  'a reference without `secret:`': {
    edits: [['token: ${secret:cluster_token}', 'token: ${cluster_token}']],
    finds: [unfilled('${cluster_token}')],
  },
  ...Object.fromEntries(
    [
      ['$CLUSTER_TOKEN'],
      ['${TOKEN:-abc}'],
      ['$(cat /root/token)'],
      ['{{ harvester_token }}', 'harvester_token'],
      ['{{ .Values.token }}'],
      ['${{ secrets.JOIN }}'],
      ['$secret:plant_token', 'plant_token'],
      ['secret:plant_token', 'plant_token'],
      ['vault:secret/data/plant#token'],
      ['<TOKEN>'],
      ['@TOKEN@'],
      ['%TOKEN%'],
      ['TOKEN_VALUE'],
      ['your-token-here'],
      ['CHANGE-ME'],
      ['REPLACE_ME_WITH_A_TOKEN'],
      ['xxxxxxxx'],
      ['TODO'],
    ].map(([value = '', name]) => [value, { edits: [token(value)], finds: [unfilled(value, name)] }]),
  ),
  'a password of all nodes, and of a BMC': {
    edits: [
      [KEYS, `${KEYS}, password: '$NODE_PASSWORD'`],
      ['ip: 192.168.178.42', `ip: 192.168.178.42, bmc: { address: 192.168.179.42, password: '{{ bmc }}' }`],
    ],
    finds: [
      unfilled('$NODE_PASSWORD', 'node_password', '19:64', 'os.password'),
      unfilled('{{ bmc }}', 'bmc', '24:99', 'bmc.password'),
    ],
  },
  'passwords of cloud-init, which replaces no variables': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [
        OWN_USER_DATA,
        `user_data: {
        chpasswd: { users: [{ name: root, password: $ROOT_PASSWORD, type: text }] },
        users: [{ name: a, passwd: "{{ hash }}" }, { name: b, plain_text_passwd: CHANGEME }],
        runcmd: ["K3S_TOKEN=$TOKEN sh /root/install"] }`,
      ],
    ],
    finds: [
      unfilled('$ROOT_PASSWORD', 'name', '21:53', 'cloud_init.user_data.chpasswd.users[0].password'),
      unfilled('{{ hash }}', 'hash', '22:36', 'cloud_init.user_data.users[0].passwd'),
      unfilled('CHANGEME', 'name', '22:82', 'cloud_init.user_data.users[1].plain_text_passwd'),
    ],
  },
  'the token of a running cluster': {
    edits: [token('$TOKEN'), ...RUNNING],
    finds: [{ ...unfilled('$TOKEN'), at: '16:10' }],
  },
  'a password with a dollar, a factory password, and a random token with such letters': {
    silence: ['clear-text-secret'],
    edits: [
      token('change.me-x9Lq$TOKEN'),
      [KEYS, `${KEYS}, password: '$ecret'`],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, bmc: { address: 192.168.179.42, password: changeme }'],
    ],
  },
});

ruleTest('password-hash', {
  'of users of cloud-init, and in chpasswd': {
    of: linux(`users:
  - { name: admin, passwd: "$6$x" }
  - { name: two, hashed_passwd: "$6$rounds=4096$saltsalt$short" }
chpasswd: { users: [{ name: admin, password: "$5$salt$short" }] }`),
    finds: [
      { at: '10:34', message: hashMessage('users[0].passwd') },
      { at: '11:39', message: hashMessage('users[1].hashed_passwd') },
      { at: '12:52', message: hashMessage('chpasswd.users[0].password') },
    ],
  },
  'whole hashes, a secret, and a locked account': {
    of: linux(`users:
  - { name: admin, passwd: "\${secret:admin_hash}" }
  - { name: two, passwd: "!" }
  - { name: three, passwd: "$6$saltsalt$${'a'.repeat(86)}" }`),
  },
});
