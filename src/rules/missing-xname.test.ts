import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { RACK } from '../../test/support/rack.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { missingXname } from './missing-xname.ts';

const message = "cg02 has no xname, by which OpenCHAMI's services know it (server.compat).";

ruleTest(missingXname, {
  'a node that boots Linux': {
    of: RACK,
    edits: [[' xname: x1000c1s7b1n0,', '']],
    finds: [{ at: '11:3', message }],
  },
  'a node of a group that boots something else': {
    of: RACK,
    edits: [[' xname: x1000c1s7b1n0, nid: 2,', ' groups: [compute], boot: { os: local },']],
    finds: [{ at: '11:3', message }],
  },
  'a node that OpenCHAMI has nothing to do with': {
    of: RACK,
    edits: [[' xname: x1000c1s7b1n0, nid: 2,', ' boot: { os: local },']],
  },
  'nobody asks for it': {
    of: RACK,
    edits: [
      [', compat: [ochami]', ''],
      [' xname: x1000c1s7b1n0,', ''],
    ],
  },
  'a disk by iSCSI': {
    of: ISCSI_PLANT,
    edits: [
      ['  iscsi:\n', '  compat: [ochami]\n  iscsi:\n'],
      ['52:54:00:0b:01:02,', '52:54:00:0b:01:02, nid: 2, xname: x1000c1s7b1n0,'],
      ['52:54:00:0b:01:03,', '52:54:00:0b:01:03, nid: 3, xname: x1000c1s7b2n0,'],
    ],
    finds: [
      { at: '22:3', message: "cn01 has no xname, by which OpenCHAMI's services know it (server.compat)." },
    ],
  },
});
