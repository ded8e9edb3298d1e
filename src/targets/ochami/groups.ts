import type { Site } from '../../site/model.ts';
import { placedBmcs, placedNodes } from './places.ts';

/** A group as SMD has it. */
export interface SmdGroup {
  readonly label: string;
  readonly description: string;
  readonly members: { readonly ids: readonly string[] };
}

/** Which groups a component is in, as SMD says it. */
export interface Membership {
  readonly id: string;
  readonly groupLabels: readonly string[];
  /** There are no partitions. */
  readonly partitionName: '';
}

/** Gives the groups of a site as SMD lists them at `/hsm/v2/groups`. */
export function smdGroups(site: Site): SmdGroup[] {
  const members = new Map<string, string[]>(site.groups.map(({ name }) => [name, []]));
  for (const { node, xname } of placedNodes(site))
    for (const { name } of node.groups) members.get(name)?.push(xname);
  return site.groups.map(({ name, description = '' }) => ({
    label: name,
    description,
    members: { ids: members.get(name) ?? [] },
  }));
}

/** Gives the groups of each component as SMD lists them at `/hsm/v2/memberships`. */
export function memberships(site: Site): Membership[] {
  return [
    ...placedNodes(site).map(({ node, xname }) => ({
      id: xname,
      groupLabels: node.groups.map(({ name }) => name),
    })),
    ...placedBmcs(site).map(({ xname }) => ({ id: xname, groupLabels: [] })),
  ].map((one) => ({ ...one, partitionName: '' }));
}
