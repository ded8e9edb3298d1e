import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { linuxUnsigned } from './linux-unsigned.ts';

ruleTest(linuxUnsigned, {
  'a site whose boots are signed': {
    of: LINUX_PLANT,
    edits: [['  url: http://10.1.0.1\n', '  url: http://10.1.0.1\n  sign: { signer: boot.example.org }\n']],
    finds: [
      {
        at: '17:11',
        message:
          'cg01 boots Linux, and the boots of this site are signed: its kernel would have no signature.',
        related: ['4:9'],
      },
    ],
  },
  'one whose boots are not': { of: LINUX_PLANT, edits: [] },
});
