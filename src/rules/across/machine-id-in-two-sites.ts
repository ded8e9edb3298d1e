import { isSharedSerial, isSharedUuid } from '../../knowledge/tables/shared-machine-ids.ts';
import { eachMachineId, type MachineId } from '../../site/each-machine-id.ts';
import type { Site } from '../../site/model.ts';
import type { AcrossRule } from './across-rule.ts';

export const machineIdInTwoSites: AcrossRule = {
  code: 'machine-id-in-two-sites',
  severity: 'warning',
  what: 'No UUID and no serial number of a firmware is in two sites that are compiled together.',
  why: 'It most probably is one machine, which was moved and not taken out of the other site; only serial numbers of two makers can be alike.',
  check(sites, report) {
    const first = new Map<string, { readonly site: Site; readonly one: MachineId }>();
    for (const site of sites) {
      for (const one of eachMachineId(site)) {
        // What is nobody's own is said where it stands.
        if (one.key === 'uuid' ? isSharedUuid(one.value) : isSharedSerial(one.value)) continue;
        const other = first.get(one.id);
        if (!other) first.set(one.id, { site, one });
        else if (other.site !== site && !isToldByMac(one, other.one)) {
          report({
            message: `The ${one.what} ${one.value} of ${one.node.name} is also that of ${other.one.node.name} in the site ${other.site.name}: it most probably is one machine.`,
            at: one.at,
            related: [
              { message: `${other.one.node.name} of ${other.site.name} has it at`, at: other.one.at },
            ],
            help: `take it out of ${other.site.name} or of ${site.name}, or correct one of the two`,
          });
        }
      }
    }
  },
};

/** Whether mac-in-two-sites says of the two nodes that they are one machine. */
function isToldByMac({ node }: MachineId, { node: other }: MachineId): boolean {
  return Boolean(
    node.nics?.some((nic) => nic?.mac && other.nics?.some((another) => another?.mac === nic.mac)),
  );
}
