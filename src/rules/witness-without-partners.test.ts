import { ruleTest } from '../../test/support/rule-test.ts';
import { witnessWithoutPartners } from './witness-without-partners.ts';

const HARV_3 = '  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n';
const WITNESS_2: [string, string] = ['ip: 192.168.178.42', 'ip: 192.168.178.42, role: witness'];
const MESSAGE =
  'harv-2 is a witness, and only harv-1 of the cluster plant can hold the control plane: the witness never votes, and without harv-1 the cluster stops.';

ruleTest(witnessWithoutPartners, {
  'beside a create node alone': {
    edits: [WITNESS_2, [HARV_3, '']],
    finds: [{ at: '24:63', message: MESSAGE }],
  },
  'beside a create node and a worker': {
    edits: [WITNESS_2, ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: worker']],
    finds: [{ at: '24:63', message: MESSAGE, related: ['25:63'] }],
  },
  'a witness by its configuration': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, config: { install: { role: witness } }'],
      [HARV_3, ''],
    ],
    finds: [{ at: '24:84', message: MESSAGE }],
  },
  'beside two nodes': { edits: [WITNESS_2] },
  'beside two nodes and a worker': {
    edits: [
      WITNESS_2,
      [HARV_3, `${HARV_3}  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker }\n`],
    ],
  },
});
