import { ruleTest } from '../../test/support/rule-test.ts';
import { duplicateMachineId } from './duplicate-machine-id.ts';

/** Gives two nodes something that their firmware says. */
function said(two: string, three: string) {
  return [
    ['ip: 192.168.178.42 }', `ip: 192.168.178.42, ${two} }`],
    ['ip: 192.168.178.43 }', `ip: 192.168.178.43, ${three} }`],
  ] as const;
}

ruleTest(duplicateMachineId, {
  'one UUID in two spellings': {
    edits: said('uuid: 4C4C4544-0042-3510-8057-B7C04F4D3332', 'uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332'),
    finds: [
      {
        at: '25:63',
        message:
          "The UUID 4c4c4544-0042-3510-8057-b7c04f4d3332 of harv-3 is also that of harv-2: one of them would get the other's script.",
        related: ['24:63'],
      },
    ],
  },
  'one serial number, but for its case': {
    edits: said('serial: B5W7M32', 'serial: b5w7m32'),
    finds: [
      {
        at: '25:65',
        message:
          "The serial number b5w7m32 of harv-3 is also that of harv-2: one of them would get the other's script.",
        related: ['24:65'],
      },
    ],
  },
  'serial numbers that differ in one letter': { edits: said('serial: B5W7M32', 'serial: B5W7M33') },
  "a serial number that is another node's UUID": {
    edits: said('uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332', 'serial: 4c4c4544-0042-3510-8057-b7c04f4d3332'),
  },
});
