import { markPart } from '../../secrets/mark-cloud-init.ts';
import { holdsNodeValue } from '../../site/fill-node-values.ts';
import type { Group, Site } from '../../site/model.ts';
import { renderData } from '../cloud-init/render-data.ts';
import { isFilled } from './is-filled.ts';

/** What was rendered of groups, which never change. */
const rendered = new WeakMap<Group, string | undefined>();

/**
 * Gives what a group's members find, as OpenCHAMI's cloud-init server has it in one file for all of them; undefined where the group
 * says nothing, and where that is not the same for each member: with values of the node, or secrets that nodes override.
 */
export function groupConfig(site: Site, group: Group): string | undefined {
  if (!rendered.has(group)) rendered.set(group, render(site, group));
  return rendered.get(group);
}

function render(site: Site, { userData }: Group): string | undefined {
  if (userData === undefined || holdsNodeValue(userData)) return undefined;
  const isText = typeof userData === 'string' && markPart(userData) === userData;
  const text = isText ? userData : renderData([userData]);
  return isFilled(site, text) ? text : undefined;
}
