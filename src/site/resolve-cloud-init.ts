import type { SiteInventory } from '../inventory/site-inventory.gen.ts';
import { build } from './build.ts';
import type { Draft } from './draft.ts';
import type { CloudInit, Group } from './model.ts';

type CloudInitInventory = NonNullable<NonNullable<Draft<SiteInventory>['defaults']>['cloud_init']>;

/** Makes what cloud-init finds on a node: what its groups say, in their order, and then what it says itself. */
export function resolveCloudInit(
  own: CloudInitInventory | undefined,
  groups: readonly Draft<Group>[],
  self: object,
): Draft<CloudInit> {
  const { user_data: userData, vendor_data: vendorData, meta_data: metaData, network_config } = own ?? {};
  return build<Draft<CloudInit>>(
    {
      userData: [...groups.map((group) => group.userData), userData].flatMap((data) => data ?? []),
      vendorData: vendorData === undefined ? [] : [vendorData],
      metaData: Object.assign(Object.create(null), ...groups.map((group) => group.metaData), metaData),
      networkConfig: network_config,
    } as Draft<CloudInit>,
    own ?? self,
    {
      userData: 'user_data',
      vendorData: 'vendor_data',
      metaData: 'meta_data',
      networkConfig: 'network_config',
    },
  );
}
