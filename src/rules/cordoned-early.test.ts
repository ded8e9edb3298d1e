import { ruleTest } from '../../test/support/rule-test.ts';
import { cordonedEarly } from './cordoned-early.ts';

const NEW: [string, string] = ['version: v1.4.1', 'version: v1.9.0'];
const CORDONED = 'config: { install: { cordoned: true } }';
const CORDONED_3: [string, string] = ['ip: 192.168.178.43', `ip: 192.168.178.43, ${CORDONED}`];
const HARV_4 = '  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44 }\n';

ruleTest(cordonedEarly, {
  'one of three': {
    edits: [NEW, CORDONED_3],
    finds: [
      {
        at: '25:88',
        message:
          'Of the nodes of plant that can hold etcd, only harv-1 and harv-2 are not cordoned: Harvester promotes none before there are three, and without harv-1 the cluster stops.',
      },
    ],
  },
  'all that join, by defaults': {
    edits: [NEW, ['    install:\n', '    install:\n      cordoned: true\n']],
    finds: [
      {
        at: '21:17',
        message:
          'Of the nodes of plant that can hold etcd, only harv-1 is not cordoned: Harvester promotes none before there are three, and without harv-1 the cluster stops.',
      },
    ],
  },
  'two of four': {
    edits: [
      NEW,
      CORDONED_3,
      ['ip: 192.168.178.42', `ip: 192.168.178.42, ${CORDONED}`],
      ['  harv-3:', `${HARV_4}  harv-3:`],
    ],
    finds: [
      {
        at: '24:88',
        message:
          'Of the nodes of plant that can hold etcd, only harv-1 and harv-4 are not cordoned: Harvester promotes none before there are three, and without harv-1 the cluster stops.',
        related: ['26:88'],
      },
    ],
  },
  'one of four, which is not needed': { edits: [NEW, CORDONED_3, ['  harv-3:', `${HARV_4}  harv-3:`]] },
  'a worker beside three others': {
    edits: [
      NEW,
      ['ip: 192.168.178.43', `ip: 192.168.178.43, role: worker, ${CORDONED}`],
      ['  harv-3:', `${HARV_4}  harv-3:`],
    ],
  },
});
