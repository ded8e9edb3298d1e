import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociVirtualMachine } from './oci-virtual-machine.ts';

const INSTANCE = `oci: { compartment: ocid1.compartment.oc1..aaaacompartment, subnet: ocid1.subnet.oc1.phx.aaaasubnet,
    image: ocid1.image.oc1.phx.aaaaimage, shape: BM.DenseIO.E4.128, availability_domain: "Uocm:PHX-AD-1" }`;

ruleTest(ociVirtualMachine, {
  'a virtual machine that is to be launched, too': {
    of: NESTED,
    edits: [['ip: 192.168.150.43 }', `ip: 192.168.150.43,\n    ${INSTANCE} }`]],
    finds: [
      {
        at: '28:10',
        message: 'harvester-3 is an instance of OCI and a virtual machine of the host at once.',
        related: ['23:7'],
      },
    ],
  },
  'a host with virtual machines alone': { of: NESTED, edits: [] },
});
