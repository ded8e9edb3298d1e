import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';

function release(version: string): readonly [string, string] {
  return ['version: v1.4.1', `version: ${version}`];
}

/** Returns an edit that adds keys to `os` of defaults, on line 20. */
function os(text: string): readonly [string, string] {
  return [KEYS, `${KEYS},\n      ${text}`];
}

function payload(text: string): readonly [string, string] {
  const webhook = `{ event: STARTED, method: POST, url: "http://192.168.178.7/", payload: ${text} }`;
  return [DEVICE, `${DEVICE}      webhooks: [${webhook}]\n`];
}

function begins(path: string, version = 'v1.4.1'): string {
  return `${path} begins with a blank or an empty line: ${version} writes files with it that nothing can parse, and the installed node does not work.`;
}

const COMMAND = 'after_install_chroot_commands: ["true", "\\ntouch /etc/a\\n"]';
const COMMANDS = 'os.after_install_chroot_commands[1]';

ruleTest('text-begins-blank', {
  'the payload of a webhook, in defaults': {
    edits: [payload('"\\nPlant 2\\n"')],
    finds: [{ at: '22:89', message: begins('install.webhooks[0].payload') }],
  },
  'a command': { edits: [os(COMMAND)], finds: [{ at: '20:47', message: begins(COMMANDS) }] },
  'a command in the last release that does not trim it': {
    edits: [release('v1.7.2'), os(COMMAND)],
    finds: [{ at: '20:47', message: begins(COMMANDS, 'v1.7.2') }],
  },
  'a key with a tab, in the oldest such release': {
    edits: [release('v1.1.3'), ['"github:your_username"', '"\\tssh-ed25519 AAAA\\n\\n"']],
    silence: ['malformed-ssh-key'],
    finds: [{ at: '19:29', message: begins('os.ssh_authorized_keys[0]', 'v1.1.3') }],
  },
  'a file with a secret, and one in base64': {
    edits: [
      os(
        'write_files: [{ path: /a, content: "\\n${secret:a}\\n" }, { path: /b, content: "\\nYQ==\\n", encoding: b64 }]',
      ),
    ],
    finds: [
      { at: '20:42', message: begins('os.write_files[0].content') },
      { at: '20:84', message: begins('os.write_files[1].content') },
    ],
  },
  'a command in releases that write it correctly': { edits: [release('v1.2.1'), os(COMMAND)] },
  'a command in releases that trim it': {
    edits: [release('v1.8.0'), os(COMMAND)],
    silence: ['text-trimmed'],
  },
  'a plain file, and texts that begin with text': {
    edits: [
      os(
        'write_files: [{ path: /a, content: "\\n  Plant 2\\n" }], after_install_chroot_commands: ["a\\n b"]',
      ),
      payload('" {{.Hostname}}"'),
    ],
  },
});

const TRIMMED = 'begins or ends with blanks or empty lines: the installer removes them.';

ruleTest('text-trimmed', {
  'values of maps': {
    edits: [
      os('environment: { A: " a", B: "b" }, sysctls: { vm.swappiness: "10\\n\\n" }'),
      [DEVICE, `${DEVICE}    system_settings: { log-level: "debug " }\n`],
    ],
    finds: [
      { at: '20:25', message: `os.environment.A ${TRIMMED}` },
      { at: '20:67', message: `os.sysctls.vm.swappiness ${TRIMMED}` },
      { at: '23:35', message: `system_settings.log-level ${TRIMMED}` },
    ],
  },
  'an item of a list, from v1.8.0': {
    edits: [release('v1.8.0'), os('modules: [" kvm"]')],
    finds: [{ at: '20:17', message: `os.modules[0] ${TRIMMED}` }],
  },
  'an item of a list, before v1.8.0': { edits: [release('v1.7.2'), os('modules: [" kvm"]')] },
  'a block, a map of a setting, and a file': {
    edits: [
      os('environment: { A: "a\\n" }, write_files: [{ path: /a, content: "a \\n" }]'),
      [
        DEVICE,
        `${DEVICE}    system_settings: { overcommit-config: "{ \\"cpu\\": 200, \\"memory\\": 200, \\"storage\\": 200 }\\n", http-proxy: { noProxy: "192.168.178.0/24 " } }\n`,
      ],
    ],
  },
});

/** Returns edits that rename the second node in a release. */
function named(name: string, version = 'v1.6.0'): (readonly [string, string])[] {
  return [release(version), ['  harv-2:', `  ${name}:`]];
}

function host(name: string, type: string): string {
  return `The host name ${name} is ${type} in YAML: v1.6.0 and newer write it without quotes, and the node does not get this name.`;
}

ruleTest('hostname-not-text', {
  'a number': {
    edits: named('1e3'),
    finds: [
      { at: '24:3', message: host('1e3', 'a number'), help: 'rename the node, for example to node-1e3' },
    ],
  },
  'a hexadecimal number in the newest release': {
    edits: named('0x10', 'v1.9.0'),
    finds: [{ at: '24:3', message: host('0x10', 'a number') }],
  },
  'a boolean': { edits: named('"no"'), finds: [{ at: '24:3', message: host('no', 'a boolean') }] },
  null: { edits: named('"null"'), finds: [{ at: '24:3', message: host('null', 'null') }] },
  'two nodes whose names are one number': {
    edits: [...named('1e3'), ['  harv-3:', '  1e03:']],
    finds: [
      { at: '24:3', message: host('1e3', 'a number') },
      { at: '25:3', message: host('1e03', 'a number') },
    ],
  },
  'before v1.6.0': { edits: named('1e3', 'v1.5.1') },
  'text that begins like a number': { edits: named('1e3a') },
});

function sans(text: string): (readonly [string, string])[] {
  return [release('v1.6.0'), [DEVICE, `${DEVICE}    sans: ${text}\n`]];
}

const NO_SAN = 'v1.6.0 and newer write it without quotes, and the certificate does not get this name.';

fixableRuleTest('san-not-text', {
  'numbers, a boolean and a map': {
    edits: sans('["1e3", harvester.example.org, "Yes", "2001:db8::"]'),
    finds: [
      { at: '22:12', message: `sans[0] (1e3) is a number in YAML: ${NO_SAN}` },
      { at: '22:42', message: `sans[2] (Yes) is a boolean in YAML: ${NO_SAN}` },
      { at: '22:49', message: `sans[3] (2001:db8::) is a map in YAML: ${NO_SAN}`, help: 'write 2001:db8::0' },
    ],
  },
  'names and addresses': { edits: sans('[a.example.org, 192.168.178.39, "2001:db8::0", "::1"]') },
});

// The installer runs `modprobe` with each entry (pkg/config/cos.go of v1.8.1): a second name is a parameter of the first.
const modules = suite('os.modules');
modules('has one module in each entry, which may have parameters or be options', async () => {
  const of = (list: string) => makeSite(edited(PLANT, ['os: { ntp', `os: { modules: ${list}, ntp`]));
  const { diagnostics } = await compile(of('["nvme_tcp vfio_pci", "a,b"]'));
  assert.equal(
    diagnostics.map(({ code, message }) => [code, message]),
    ['nvme_tcp vfio_pci', 'a,b'].map((entry) => [
      'bad-value',
      `\`${entry}\` is not one kernel module (a second one is an item of its own).`,
    ]),
  );
  const right = await compile(
    of('[nvme_tcp, "kvm_intel nested=1", "nbd max_part=8 nbds_max=4", "-a vfio vfio_pci"]'),
  );
  assert.equal(right.diagnostics, []);
});
modules.run();
