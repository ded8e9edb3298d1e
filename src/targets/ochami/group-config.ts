import { markPart } from '../../secrets/mark-cloud-init.ts';
import { fillNodeValues, holdsNodeValue } from '../../site/fill-node-values.ts';
import type { Group, Node, Site } from '../../site/model.ts';
import { NodeValues } from '../../site/node-values.ts';
import { Report } from '../../source/diagnostics/report.ts';
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

/**
 * Gives what one member of a group finds, where the group says it with values of the node; undefined for any other group, and where
 * a secret in it is one that nodes override.
 */
export function memberConfig(site: Site, group: Group, node: Node): string | undefined {
  if (!holdsNodeValue(group.userData)) return undefined;
  // What a node does not have was reported when its own data was made of the same.
  return textOf(site, fillNodeValues(group, new NodeValues(node, site.server, new Report())));
}

function render(site: Site, group: Group): string | undefined {
  return holdsNodeValue(group.userData) ? undefined : textOf(site, group);
}

function textOf(site: Site, { userData }: Group): string | undefined {
  if (userData === undefined) return undefined;
  const isText = typeof userData === 'string' && markPart(userData) === userData;
  const text = isText ? userData : renderData([userData]);
  return isFilled(site, text) ? text : undefined;
}
