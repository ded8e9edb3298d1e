import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { PLANT } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociSignedBoot } from './oci-signed-boot.ts';

ruleTest(ociSignedBoot, {
  'signatures that nobody verifies': {
    of: OCI_PLANT,
    edits: [['server:\n', 'server:\n  sign: { signer: boot.plant }\n']],
    finds: [
      {
        at: '5:9',
        message:
          "oci-1, oci-2 and oci-3 start with OCI's own iPXE, which cannot verify what boot.plant signs.",
        related: ['23:5'],
      },
    ],
  },
  'machines with an iPXE of ours': {
    of: PLANT,
    edits: [['server:\n', 'server:\n  sign: { signer: boot.plant }\n']],
  },
});
