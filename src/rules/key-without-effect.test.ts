import { ruleTest } from '../../test/support/rule-test.ts';
import { keyWithoutEffect } from './key-without-effect.ts';

const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';

function release(version: string): readonly [string, string] {
  return ['version: v1.4.1', `version: ${version}`];
}

ruleTest(keyWithoutEffect, {
  'keys of defaults, once for all nodes': {
    edits: [
      [
        DEVICE,
        `${DEVICE}      automatic: true\n      management_interface: { default_route: true }\n      force_gpt: true\n`,
      ],
    ],
    finds: [
      {
        at: '22:7',
        message:
          'install.automatic has no effect in Harvester v1.4.1. It counts only on the kernel command line, as harvester.install.automatic=true.',
      },
      {
        at: '23:31',
        message:
          'install.management_interface.default_route has no effect in Harvester v1.4.1. No release reads it: the management network always carries the default route.',
      },
      {
        at: '24:7',
        message:
          'install.force_gpt has no effect in Harvester v1.4.1. The installer overwrites it with the opposite of force_mbr.',
      },
    ],
  },
  'a key of one add-on, on the create node': {
    edits: [
      [
        'mode: create',
        'mode: create, config: { install: { addons: { rancher_logging: { enabled: true, values_content: "a: b" } } } }',
      ],
    ],
    finds: [
      {
        at: '23:136',
        message:
          'install.addons.rancher_logging.values_content has no effect in Harvester v1.4.1. The installer reads it, but none of its add-on templates uses it.',
      },
    ],
  },
  'a key that once had one': {
    edits: [release('v1.2.2'), [DEVICE, `${DEVICE}      silent: true\n`]],
    finds: [
      {
        at: '22:7',
        message:
          'install.silent has no effect in Harvester v1.2.2. No automatic installation has looked at it since v1.2.2.',
      },
    ],
  },
  'the last release in which it had one': {
    edits: [release('v1.2.1'), [DEVICE, `${DEVICE}      silent: true\n`]],
  },
  'keys beside them that have an effect': {
    edits: [
      [DEVICE, `${DEVICE}      poweroff: true\n`],
      [
        'mode: create',
        'mode: create, config: { install: { addons: { rancher_logging: { enabled: true } } } }',
      ],
    ],
  },
});
