import { ruleTest } from '../../test/support/rule-test.ts';
import { sharedMachineId } from './shared-machine-id.ts';

function second(said: string) {
  return [['ip: 192.168.178.42 }', `ip: 192.168.178.42, ${said} }`]] as const;
}

function third(said: string) {
  return [['ip: 192.168.178.43 }', `ip: 192.168.178.43, ${said} }`]] as const;
}

function found(value: string, what: string, column: number) {
  return [
    {
      at: `24:${column}`,
      message: `${value} as the ${what} of harv-2 is what very many machines have whose maker has set none.`,
    },
  ];
}

ruleTest(sharedMachineId, {
  "the UUID of AMI's reference firmware": {
    edits: second('uuid: 03000200-0400-0500-0006-000700080009'),
    finds: found('03000200-0400-0500-0006-000700080009', 'UUID', 63),
  },
  'a UUID of nothing but f': {
    edits: second('uuid: FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'),
    finds: found('ffffffff-ffff-ffff-ffff-ffffffffffff', 'UUID', 63),
  },
  'a serial number that is a word': {
    edits: second('serial: None'),
    finds: found('None', 'serial number', 65),
  },
  'a serial number of digits in their order': {
    edits: second('serial: "0123456789"'),
    finds: found('0123456789', 'serial number', 65),
  },
  'a serial number of noughts': {
    edits: second('serial: "0000000"'),
    finds: found('0000000', 'serial number', 65),
  },
  'a serial number of several words, without their blanks': {
    edits: second('serial: To-Be-Filled-By-O.E.M'),
    finds: found('To-Be-Filled-By-O.E.M', 'serial number', 65),
  },
  'a serial number of one letter, and one of three': {
    edits: [...second('serial: Q'), ...third('serial: ZZZ')],
  },
  'what only looks like a word for nothing': {
    edits: [...second('serial: oem'), ...third('serial: "1234"')],
  },
  'a UUID of Dell, and its service tag': {
    edits: second('uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332, serial: B5W7M32'),
  },
});
