import { ruleTest } from '../../test/support/rule-test.ts';
import { bondOptionsIncomplete } from './bond-options-incomplete.ts';

function withOptions(options: string) {
  return ['install:\n', `install:\n      management_interface: { bond_options: ${options} }\n`] as const;
}

const V161 = ['version: v1.4.1', 'version: v1.6.1'] as const;
const V170 = ['version: v1.4.1', 'version: v1.7.0'] as const;

ruleTest(bondOptionsIncomplete, {
  'a mode without miimon': {
    edits: [withOptions('{ mode: active-backup }')],
    finds: [
      {
        at: '21:31',
        message:
          "bond_options has no miimon, and replaces the installer's default as a whole: the bond would not notice a dead link.",
      },
    ],
  },
  'miimon without a mode': {
    edits: [withOptions('{ miimon: "100" }'), V170],
    finds: [
      {
        at: '21:31',
        message:
          "bond_options has no mode, and replaces the installer's default as a whole: the bond would send over all NICs in turn (balance-rr).",
      },
    ],
  },
  'neither of them': {
    edits: [withOptions('{ updelay: "200" }'), V161],
    finds: [
      {
        at: '21:31',
        message:
          "bond_options has no mode and no miimon, and replaces the installer's default as a whole: the bond would send over all NICs in turn (balance-rr), and not notice a dead link.",
      },
    ],
  },
  both: { edits: [withOptions('{ mode: active-backup, miimon: "200" }')] },
  'both, one in each layer': {
    edits: [
      withOptions('{ mode: active-backup }'),
      [
        'mode: create',
        'mode: create, config: { install: { management_interface: { bond_options: { miimon: "100" } } } }',
      ],
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, silence: { bond-options-incomplete: this is about harv-1 }',
      ],
      [
        'ip: 192.168.178.43',
        'ip: 192.168.178.43, silence: { bond-options-incomplete: this is about harv-1 }',
      ],
    ],
  },
  'links checked by ARP': {
    edits: [withOptions('{ mode: active-backup, arp_interval: "500", arp_ip_target: 192.168.178.1 }')],
  },
  'a mode without miimon, since NetworkManager makes the bond': {
    edits: [withOptions('{ mode: active-backup }'), V170],
  },
});
