import { ruleTest } from '../../test/support/rule-test.ts';
import { createNodeRole } from './create-node-role.ts';

ruleTest(createNodeRole, {
  'a worker': {
    edits: [['mode: create', 'mode: create, role: worker']],
    finds: [
      {
        at: '23:77',
        message:
          'harv-1 creates the cluster plant, and cannot be a worker: it holds the control plane all the same, and the role would say what is not so.',
        related: ['23:63'],
      },
    ],
  },
  'a witness': {
    edits: [['mode: create', 'mode: create, role: witness']],
    finds: [
      {
        at: '23:77',
        message:
          'harv-1 creates the cluster plant, and cannot be a witness: its taint would drive off all that Harvester runs on, and the cluster would not come up.',
        related: ['23:63'],
      },
    ],
  },
  'a worker by defaults, which the others take back': {
    edits: [
      ['  config:\n', '  role: worker\n  config:\n'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, role: management'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: default'],
    ],
    finds: [
      {
        at: '17:9',
        message:
          'harv-1 creates the cluster plant, and cannot be a worker: it holds the control plane all the same, and the role would say what is not so.',
        related: ['24:63'],
      },
    ],
  },
  'a worker by its configuration': {
    edits: [['mode: create', 'mode: create, config: { install: { role: worker } }']],
    finds: [
      {
        at: '23:98',
        message:
          'harv-1 creates the cluster plant, and cannot be a worker: it holds the control plane all the same, and the role would say what is not so.',
        related: ['23:63'],
      },
    ],
  },
  management: { edits: [['mode: create', 'mode: create, role: management']] },
  default: { edits: [['mode: create', 'mode: create, role: default']] },
  'a witness that joins': { edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness']] },
});
