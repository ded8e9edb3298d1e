import type { Node, Site } from '../site/model.ts';
import type { Draft } from '../values/draft.ts';

/** What not every site has, and many rules are about. */
export type Need =
  | 'host'
  | 'kubernetes'
  | 'tenants'
  | 'images'
  | 'linux'
  | 'cloudInit'
  | 'iscsi'
  | 'oci'
  | 'domain'
  | 'machineId'
  | 'xname'
  | 'nid'
  | 'bmc'
  | 'vm';

/** Gives what a site has of what rules may need. */
export function hadBy({
  host,
  server,
  tenants = [],
  images = [],
  nodes = [],
}: Draft<Site>): ReadonlySet<Need> {
  const had = new Set<Need>();
  if (host) had.add('host');
  if (server?.kubernetes) had.add('kubernetes');
  if (tenants.length > 0) had.add('tenants');
  if (images.length > 0) had.add('images');
  for (const node of nodes) if (node) addOf(node, had);
  return had;
}

function addOf(node: Draft<Node>, had: Set<Need>): void {
  const { linux, cloudInit, iscsi, oci, domain, uuid, serial, xname, nid, facts } = node;
  if (linux) had.add('linux');
  if (cloudInit) had.add('cloudInit');
  if (iscsi) had.add('iscsi');
  if (oci) had.add('oci');
  if (domain) had.add('domain');
  if (uuid || serial) had.add('machineId');
  if (xname !== undefined) had.add('xname');
  if (nid !== undefined) had.add('nid');
  if (facts?.vm) had.add('vm');
  if (facts?.bmc) had.add('bmc');
}
