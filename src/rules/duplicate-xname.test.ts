import { RACK } from '../../test/support/rack.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { duplicateXname } from './duplicate-xname.ts';

ruleTest(duplicateXname, {
  'one xname for two nodes': {
    of: RACK,
    edits: [['x1000c1s7b1n0', 'x1000c1s7b0n0']],
    finds: [
      {
        at: '11:59',
        message:
          "The xname x1000c1s7b0n0 of cg02 is also that of cg01: one of them would get the other's script.",
        related: ['10:59'],
      },
    ],
  },
  'one in two spellings, whether or not anything asks for it': {
    of: RACK,
    edits: [
      [', compat: [ochami]', ''],
      ['x1000c1s7b0n0', 'x100c1s7b0n0'],
      ['x1000c1s7b1n0', 'x0100c1s7b0n0'],
    ],
    finds: [
      {
        at: '11:59',
        message:
          "The xname x100c1s7b0n0 of cg02 is also that of cg01: one of them would get the other's script.",
        related: ['10:59'],
      },
    ],
  },
  'two management controllers of one place': {
    of: RACK,
    edits: [['x1000c1s7b1n0', 'x1000c1s7b0n1']],
    finds: [
      {
        at: '11:87',
        message:
          'The management controllers of cg02 and cg01 are both x1000c1s7b0 by the xnames of these: one of them would not be in the lists.',
        related: ['10:87'],
      },
    ],
  },
  'two nodes behind one management controller, which one of them declares': {
    of: RACK,
    edits: [
      ['x1000c1s7b1n0', 'x1000c1s7b0n1'],
      [', bmc: { address: 10.1.0.102 }', ''],
    ],
  },
  'two nodes behind one management controller, which both declare': {
    of: RACK,
    edits: [
      ['x1000c1s7b1n0', 'x1000c1s7b0n1'],
      ['10.1.0.102', '10.1.0.101'],
    ],
  },
});
