import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociIncomplete } from './oci-incomplete.ts';

const SHAPE = '    shape: BM.DenseIO.E4.128\n';

ruleTest(ociIncomplete, {
  'defaults without a shape and an image, which is said once': {
    of: OCI_PLANT,
    edits: [
      [SHAPE, ''],
      ['    image: ocid1.image.oc1.phx.aaaaimage\n', ''],
    ],
    finds: [
      {
        at: '22:5',
        message:
          'oci-1, oci-2 and oci-3 are instances of OCI and have no image and shape: they could not be launched.',
      },
    ],
  },
  'a node that alone lacks what the others say': {
    of: OCI_PLANT,
    edits: [
      [SHAPE, ''],
      ['ip: 10.0.10.11,', 'ip: 10.0.10.11, oci: { shape: BM.DenseIO.E4.128 },'],
      ['ip: 10.0.10.12 ', 'ip: 10.0.10.12, oci: { shape: BM.DenseIO.E5.128 } '],
    ],
    finds: [
      {
        at: '22:5',
        message: 'oci-3 is an instance of OCI and has no shape: it could not be launched.',
      },
    ],
  },
  'keys from several layers': {
    of: OCI_PLANT,
    edits: [
      [SHAPE, ''],
      [
        'nodes:\n',
        '  profiles: [dense]\nprofiles:\n  dense: { oci: { shape: BM.DenseIO.E4.128 } }\nnodes:\n',
      ],
    ],
  },
});
