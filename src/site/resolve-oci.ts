import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Draft } from '../values/draft.ts';
import { build, entries, saidOr } from './build.ts';
import type { OciInstance } from './model.ts';

type OciInventory = NonNullable<NonNullable<Draft<SiteInventory>['defaults']>['oci']>;

/** Makes the instance of Oracle Cloud Infrastructure that a node is, with what is not said filled in. */
export function resolveOci(oci: OciInventory): Draft<OciInstance> {
  return build<Draft<OciInstance>>(
    {
      region: oci.region,
      compartment: oci.compartment,
      subnet: oci.subnet,
      image: oci.image,
      shape: oci.shape,
      availabilityDomain: oci.availability_domain,
      faultDomain: oci.fault_domain,
      nsgs: entries(oci.nsgs),
      publicIp: saidOr(oci, 'public_ip', false),
      allow: entries(oci.allow),
      sshPublicKey: oci.ssh_public_key,
      tags: oci.tags,
    },
    oci,
    {
      availabilityDomain: 'availability_domain',
      faultDomain: 'fault_domain',
      publicIp: 'public_ip',
      sshPublicKey: 'ssh_public_key',
    },
  );
}
