import { ruleTest } from '../../test/support/rule-test.ts';
import { vlanUntagged } from './vlan-untagged.ts';

function withVlan(id: number) {
  return ['install:\n', `install:\n      management_interface: { vlan_id: ${id} }\n`] as const;
}

ruleTest(vlanUntagged, {
  'VLAN 1, for all nodes': {
    edits: [withVlan(1)],
    finds: [
      {
        at: '21:40',
        message: 'vlan_id: 1 means untagged: the installed node would not send with the tag of VLAN 1.',
      },
    ],
  },
  'VLAN 2': { edits: [withVlan(2)] },
  'VLAN 0, which says in so many words that there is none': { edits: [withVlan(0)] },
});
