import { objects, objectsAnd } from '../../../test/support/objects.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

ruleTest('cloud-init-object', {
  'a file of Harvester, with contents that are no map': {
    objects: objects(
      ['filename: 95_motd.yaml', 'filename: 99_settings.yaml'],
      [
        `contents: |
    stages: {`,
        `contents: |
    - stages: {`,
      ],
    ),
    finds: [
      {
        at: '96:13',
        message: '99_settings.yaml cannot be the file of a CloudInit: it belongs to Harvester.',
      },
      {
        at: '97:13',
        message: 'The contents are not one valid map in YAML: the node would ignore all files of /oem.',
      },
    ],
  },
  'a name without an extension': {
    objects: objects(['filename: 95_motd.yaml', 'filename: 95_motd']),
    finds: [
      { at: '96:13', message: '95_motd cannot be the file of a CloudInit: its name does not end in .yaml.' },
    ],
  },
  'a secret': {
    objects: objects(['"true" ]', '"echo ${secret:motd}" ]']),
    finds: [
      {
        at: '97:13',
        message: 'The contents of a CloudInit cannot have a secret: every user of the cluster can read them.',
      },
    ],
  },
  'types that stop yip, unknown keys and stages': {
    objects: objects([
      `contents: |
    stages: { initramfs.after: [ { commands: [ "true" ] } ] }
`,
      `contents: |

    # The message of the day.
    stages:
      initramfs.after:
        - commands: sync
          files:
            - { path: /etc/motd, content: "\${site:name}", permissions: "0644" }
            - path: /etc/issue
              permissions: 0644
              content: 5
          comands: [ sync ]
      netwrok:
        - systemctl: { enable: [ { name: multipathd } ] }
      boot: &boot
        - modules: [ nvme ]
      fs: *boot
    stage: {}
`,
    ]),
    finds: [
      {
        at: '102:21',
        message: 'CloudInit contents stages.initramfs.after[0].commands must be a list, not a string.',
        help: 'write [sync]',
      },
      {
        at: '104:13',
        message:
          'CloudInit contents stages.initramfs.after[0].files[0].permissions must be a whole number, not a string.',
        help: 'write it without quotes: 0644',
      },
      {
        at: '108:11',
        message: 'CloudInit contents stages.initramfs.after[0] has no key comands: did you mean commands?',
      },
      {
        at: '109:7',
        message: 'No node runs the stage netwrok: did you mean network?',
        help: 'use rootfs, initramfs, fs, boot, network or reconcile, such as initramfs.after',
      },
      {
        at: '110:34',
        message:
          'CloudInit contents stages.netwrok[0].systemctl.enable[0] must be a string or a number or true or false, not a map.',
      },
      {
        at: '114:5',
        message: 'CloudInit contents has no key stage: did you mean stages?',
      },
    ],
  },
  'contents in quotes, whose lines are not those of the manifest': {
    objects: objects([
      `contents: |
    stages: { initramfs.after: [ { commands: [ "true" ] } ] }
`,
      `contents: "stages:\\n  boot:\\n    - directories: [{ path: /etc/c, permissions: '0755' }]\\n    - comands: [sync]\\n"
`,
    ]),
    finds: [
      {
        at: '97:13',
        message:
          'CloudInit contents stages.boot[0].directories[0].permissions must be a whole number, not a string (line 3 of the contents).',
      },
      {
        at: '97:13',
        message:
          'CloudInit contents stages.boot[1] has no key comands: did you mean commands (line 4 of the contents)?',
      },
    ],
  },
  'an object for each node, with the same error, and a stage that resembles none': {
    objects: objects(
      ['metadata: { name: motd }', 'metadata: { name: "motd-${node:name}" }'],
      ['filename: 95_motd.yaml', 'filename: "95_${node:name}.yaml"'],
      [
        'stages: { initramfs.after: [ { commands: [ "true" ] } ] }',
        'stages: { nightly: [ { hostname: "${node:name}" } ] }',
      ],
    ),
    finds: [{ at: '98:5', message: 'No node runs the stage nightly.' }],
  },
  'another format': {
    objects: objects([
      `contents: |
    stages: { initramfs.after: [ { commands: [ "true" ] } ] }
`,
      `contents: |
    #cloud-config
    users: [ { name: rancher } ]
`,
    ]),
    finds: [
      {
        at: '97:13',
        message:
          'The contents begin with #cloud-config: the node reads them as another format, which harvgen does not check.',
      },
    ],
  },
  'numbers where yip converts them to texts, and octal permissions': {
    objects: objects([
      'stages: { initramfs.after: [ { commands: [ "true" ] } ] }',
      'stages: { initramfs.after: [ { sysctl: { vm.swappiness: 10 }, files: [ { path: /etc/a, permissions: 0644, owner: 0 } ] } ] }',
    ]),
  },
  'a map': {
    objects: objects(),
  },
});

const cloudInit = (name: string, filename: string) => `apiVersion: node.harvesterhci.io/v1beta1
kind: CloudInit
metadata: { name: ${name} }
spec: { matchSelector: { kubernetes.io/hostname: harv-1 }, filename: ${filename}, contents: "stages: {}" }
`;

ruleTest('cloud-init-file-twice', {
  'two CloudInits with one file, and a file that harvgen writes': {
    objects: objectsAnd(
      [cloudInit('other', '95_motd.yaml'), cloudInit('own', '95_harvgen.yaml')].join('---\n'),
    ),
    finds: [
      {
        at: '103:70',
        message:
          'The CloudInits motd and other have the same file 95_motd.yaml: one would replace the other.',
        related: ['96:13'],
      },
      {
        at: '108:70',
        message:
          '95_harvgen.yaml is a file of the CloudInits that harvgen writes: one would replace the other.',
      },
    ],
  },
  'other files, also that of the bootstrap': {
    edits: [['  vip: 192', '  bootstrap: [CloudInit/other]\n  vip: 192']],
    objects: objectsAnd(cloudInit('other', '96_motd.yaml')),
  },
});
