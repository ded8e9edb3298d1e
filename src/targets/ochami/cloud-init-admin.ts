import { cloudInitBase, metaDataOf } from '../../plan/meta-data.ts';
import type { Group, Site } from '../../site/model.ts';
import { replaceReferences } from '../../source/placeholders.ts';
import { GENERATOR } from '../../values/package.ts';
import { renderYaml } from '../render-yaml.ts';
import type { Emitted } from '../target.ts';

/** The keys of a cluster's defaults, in the server's order and spelling, each with the key of meta-data. */
const DEFAULTS = {
  cloud_provider: 'cloud-provider',
  region: 'region',
  'availability-zone': 'availability-zone',
  'cluster-name': 'cluster-name',
  'public-keys': 'public-keys',
} as const;

/** The answers that nginx serves, by their paths; the rest of the server's API changes data. */
const PATHS: Readonly<Record<string, string>> = {
  '/meta-data': 'Meta-data of the requesting node',
  '/user-data': 'User-data of the requesting node',
  '/vendor-data': 'Vendor-data of the requesting node',
  '/{group}.yaml': 'User-data of a group, for its members',
  '/phone-home/{id}': 'Reports that a node has booted',
  '/admin/cluster-defaults': 'Default meta-data of the cluster',
  '/admin/groups': 'Data of all groups',
  '/admin/groups/{id}': 'Data of a group',
  '/admin/impersonation/{id}/meta-data': 'Meta-data of a node',
  '/admin/impersonation/{id}/user-data': 'User-data of a node',
  '/admin/impersonation/{id}/vendor-data': 'Vendor-data of a node',
  '/admin/impersonation/{id}/{group}.yaml': 'User-data of a group, for a node',
  '/version': 'Version of the server',
  '/openapi.json': 'This document',
};

/**
 * Yields the answers of OpenCHAMI's cloud-init server to administrators, below a directory. Secrets in them are `***`.
 * Source: OpenCHAMI/cloud-init, cmd/cloud-init-server/group_handlers.go, handlers.go, version.go, pkg/cistore/models.go.
 */
export function* adminFiles(site: Site, folder: string): Iterable<Emitted> {
  const file = (name: string, value: unknown, indent?: string): Emitted => ({
    path: `${folder}/${name}`,
    content: replaceReferences(JSON.stringify(value, null, indent), () => '***'),
  });
  const groups = site.groups.map((group) => [group.name, ofGroup(group)] as const);
  yield file('groups', Object.fromEntries(groups), '\t');
  for (const [name, data] of groups) yield file(`group/${name}`, data);
  yield file('cluster-defaults', defaultsOf(site));
  yield file('version', { process_name: 'harvgen', build_info: `Version: ${GENERATOR}` });
  yield file('openapi', openApi());
}

function ofGroup({ name, description, metaData, userData }: Group): object {
  const content = typeof userData === 'object' ? `#cloud-config\n${renderYaml(userData)}` : (userData ?? '');
  return {
    name,
    description: description || undefined,
    'meta-data': metaData && Object.keys(metaData).length > 0 ? metaData : undefined,
    file: { content, filename: '', encoding: content ? 'plain' : undefined },
  };
}

/**
 * Returns the values that all nodes with cloud-init data have, because layers are merged into nodes. Without such a node, that
 * is the name of the cluster.
 */
function defaultsOf(site: Site): object {
  const ofSite: Readonly<Record<string, unknown>> = { 'cluster-name': site.name };
  const own = site.nodes.flatMap((node) =>
    node.cloudInit ? [{ ...ofSite, ...metaDataOf(site, node, node.cloudInit) }] : [],
  );
  const all = own.length > 0 ? own : [ofSite];
  const common = Object.entries(DEFAULTS).map(([name, key]) => [
    name,
    all.map((one) => one[key]).reduce(both),
  ]);
  return { ...Object.fromEntries(common), 'base-url': cloudInitBase(site) };
}

/** Returns the common part of two values: of lists, the items of both, because a node has the keys of its cluster and its own. */
function both(one: unknown, other: unknown): unknown {
  if (!Array.isArray(one) || !Array.isArray(other))
    return JSON.stringify(one) === JSON.stringify(other) ? one : undefined;
  const items = one.filter((item) => other.includes(item));
  return items.length > 0 ? items : undefined;
}

function openApi(): object {
  const paths = Object.entries(PATHS).map(([path, summary]) => {
    const method = path.startsWith('/phone-home') ? 'post' : 'get';
    const parameters = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => {
      return { name, in: 'path', required: true, type: 'string' };
    });
    return [path, { [method]: { summary, parameters, responses: { 200: { description: 'OK' } } } }];
  });
  const info = { title: 'OpenCHAMI Cloud-Init Server API', version: '1.0.0' };
  return { swagger: '2.0', info, paths: Object.fromEntries(paths) };
}
