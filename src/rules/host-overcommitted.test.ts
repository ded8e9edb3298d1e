import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { hostOvercommitted } from './host-overcommitted.ts';

const threads = (count: number): readonly [string, string] => ['threads: 32', `threads: ${count}`];

ruleTest(hostOvercommitted, {
  'more CPUs together than the host has threads': {
    edits: [threads(23)],
    of: NESTED,
    finds: [
      {
        at: '6:12',
        message:
          'The 3 machines have 24 CPUs together, and the host has 23 threads: each waits for a thread where all of them work at once.',
      },
    ],
  },
  'a thread for each CPU': { edits: [threads(24)], of: NESTED },
  'a host whose threads are not known': { edits: [['  threads: 32\n', '']], of: NESTED },
});
