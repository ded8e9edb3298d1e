import { gzipSync } from 'node:zlib';
import { ruleTest } from '../../test/support/rule-test.ts';
import { templateInValue } from './template-in-value.ts';

const TAKEN = 'the installed system takes it for a template, and replaces what follows.';
const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const FILE = 'config: { os: { write_files: [{ path: /etc/plant, content: ';
const CONTENT = 'rack {{ .Values.rack }}\n';

ruleTest(templateInValue, {
  'a file of one node': {
    edits: [['ip: 192.168.178.42', `ip: 192.168.178.42, ${FILE}"rack {{ .Values.rack }}" }] } }`]],
    finds: [{ at: '24:116', message: `os.write_files[0].content holds {{: ${TAKEN}` }],
  },
  'a file in base64, which is decoded before it is evaluated': {
    edits: [
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, ${FILE}${Buffer.from(CONTENT).toString('base64')}, encoding: b64 }] } }`,
      ],
    ],
    finds: [{ at: '24:116', message: `os.write_files[0].content holds {{ once it is decoded: ${TAKEN}` }],
  },
  'a compressed file': {
    edits: [
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, ${FILE}"${gzipSync(CONTENT).toString('base64')}", encoding: gz+b64 }] } }`,
      ],
    ],
    finds: [{ at: '24:116', message: `os.write_files[0].content holds {{ once it is decoded: ${TAKEN}` }],
  },
  'values, entries of lists and names in defaults, once for all nodes': {
    edits: [
      [
        'os: { ntp_servers: [0.suse.pool.ntp.org],',
        `os: { ntp_servers: [0.suse.pool.ntp.org],
      environment: { RACK: "{{ rack }}", "{{ A }}": b },
      after_install_chroot_commands: ["true", "docker ps --format {{.Names}}"],`,
      ],
    ],
    finds: [
      { at: '19:28', message: `os.environment.RACK holds {{: ${TAKEN}` },
      { at: '19:42', message: `The name os.environment.{{ A }} holds {{: ${TAKEN}` },
      { at: '20:47', message: `os.after_install_chroot_commands[1] holds {{: ${TAKEN}` },
    ],
  },
  'a map of a system setting': {
    edits: [
      [
        DEVICE,
        `${DEVICE}    system_settings: { ssl-certificates: { ca: "", publicCertificate: "{{ cert }}", privateKey: "\${secret:key}" } }\n`,
      ],
    ],
    finds: [
      { at: '22:71', message: `system_settings.ssl-certificates.publicCertificate holds {{: ${TAKEN}` },
    ],
  },
  'JSON, which ends in }}, single braces, and what the template engine turns into two': {
    edits: [
      [DEVICE, `${DEVICE}    system_settings: { overcommit-config: '{"a":{"b":{"cpu":800}}}' }\n`],
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, ${FILE}"{ {{\`{{\`}} .Values.rack }} {{ \`{{\` }}{" }] } }`,
      ],
    ],
  },
  'the templates of a webhook, and a secret': {
    edits: [
      [
        DEVICE,
        `${DEVICE}      webhooks: [{ event: STARTED, method: POST, url: "http://192.168.178.7/{{.Hostname}}", payload: "{{.IPAddrV4}} \${secret:webhook}" }]\n`,
      ],
    ],
  },
  'a key that the release does not have': {
    edits: [
      [
        'mode: create',
        'mode: create, config: { system_settings: { upgrade-config: "{{ name }}" } }, silence: { key-too-new: Waits for v1.8.0. }',
      ],
    ],
  },
});
