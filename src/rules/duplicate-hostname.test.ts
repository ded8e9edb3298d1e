import { ruleTest } from '../../test/support/rule-test.ts';
import { duplicateHostname } from './duplicate-hostname.ts';

ruleTest(duplicateHostname, {
  'a name with its domain beside the same without': {
    edits: [
      ['version: v1.4.1', 'version: v1.6.0'],
      ['  harv-2:', '  harv-1.plant.example:'],
    ],
    finds: [
      {
        at: '24:3',
        message:
          'harv-1.plant.example and harv-1 have the same host name, harv-1: the cluster would refuse the second.',
        related: ['23:3'],
      },
    ],
  },
  'three of one name: each names the first': {
    edits: [
      ['version: v1.4.1', 'version: v1.6.0'],
      ['  harv-2:', '  harv-1.a:'],
      ['  harv-3:', '  harv-1.b:'],
    ],
    finds: [
      {
        at: '24:3',
        message: 'harv-1.a and harv-1 have the same host name, harv-1: the cluster would refuse the second.',
        related: ['23:3'],
      },
      {
        at: '25:3',
        message: 'harv-1.b and harv-1 have the same host name, harv-1: the cluster would refuse the second.',
        related: ['23:3'],
      },
    ],
  },
  'names that differ before the first dot alone': {
    edits: [
      ['version: v1.4.1', 'version: v1.6.0'],
      ['  harv-1:', '  harv-1.plant.example:'],
      ['  harv-2:', '  harv-2.plant.example:'],
    ],
  },
  'a name that begins like another': { edits: [['  harv-2:', '  harv-11:']] },
});
