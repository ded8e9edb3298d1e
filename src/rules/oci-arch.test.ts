import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociArch } from './oci-arch.ts';

ruleTest(ociArch, {
  'Ampere, in a cluster of amd64': {
    of: OCI_PLANT,
    silence: ['oci-shape'],
    edits: [['ip: 10.0.10.13 }', 'ip: 10.0.10.13, oci: { shape: BM.Standard.A1.160 } }']],
    finds: [
      {
        at: '30:42',
        message:
          'oci-3 has the shape BM.Standard.A1.160, which is arm64, and is to run what is made for amd64.',
        related: ['12:1'],
      },
    ],
  },
  'a GPU whose name has an A, too': {
    of: OCI_PLANT,
    edits: [['BM.DenseIO.E4.128', 'BM.GPU.A100-v2.8']],
  },
});
