import { ruleTest } from '../../test/support/rule-test.ts';
import { secretInYamlFile } from './secret-in-yaml-file.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';

function file(path: string, ...lines: readonly string[]) {
  const content = lines.map((line) => `          ${line}\n`).join('');
  return [
    [
      'os: { ntp_servers: [0.suse.pool.ntp.org],\n      ssh_authorized_keys: ["github:your_username"] }\n',
      `os:\n      ntp_servers: [0.suse.pool.ntp.org]\n      ${KEYS}\n      write_files:\n      - path: ${path}\n        content: |\n${content}`,
    ],
  ] as const;
}

const message =
  'The content of /etc/a.yaml refers to a secret in a comment or a key: what is filled in there would be read as YAML.';

ruleTest(secretInYamlFile, {
  'in a comment and in a key': {
    edits: file('/etc/a.yaml', 'a: ${secret:x} # ${secret:x}', '${secret:y}: b'),
    finds: [
      { at: '24:28', message },
      { at: '25:11', message },
    ],
  },
  'in values': { edits: file('/etc/a.yaml', '# secrets', 'a: ${secret:x}', 'b: |', '  ${secret:y}') },
  'in a file of another kind': { edits: file('/etc/a.conf', '# ${secret:x}') },
});
