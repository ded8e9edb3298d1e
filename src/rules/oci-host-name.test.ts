import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociHostName } from './oci-host-name.ts';

const AIR_GAP: [string, string] = ['site: plant\n', 'air_gapped: true\nsite: plant\n'];
const SAID =
  'and no rule of the security list can have a name: the instances do not reach it unless it is in their subnet.';
ruleTest(ociHostName, {
  'a boot server with a name': {
    of: OCI_PLANT,
    silence: ['air-gapped'],
    edits: [AIR_GAP, ['http://10.0.10.5', 'http://boot.plant.example']],
    finds: [{ at: '6:8', message: `The boot server is boot.plant.example, ${SAID}` }],
  },
  "a server of Harvester's files with a name": {
    of: OCI_PLANT,
    silence: ['air-gapped'],
    edits: [AIR_GAP, ['http://10.0.10.5', 'http://10.0.10.5\n  media: http://files.plant.example']],
    finds: [{ at: '7:10', message: `The server of Harvester's files is files.plant.example, ${SAID}` }],
  },
  addresses: {
    of: OCI_PLANT,
    silence: ['air-gapped'],
    edits: [AIR_GAP, ['http://10.0.10.5', 'http://10.0.10.5\n  media: http://10.0.20.7/harvester']],
  },
  'a name, with a way to the internet': {
    of: OCI_PLANT,
    edits: [['http://10.0.10.5', 'http://boot.plant.example']],
  },
});
