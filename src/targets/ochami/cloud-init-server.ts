import { markText } from '../../secrets/mark-config.ts';
import type { Node, Site } from '../../site/model.ts';
import { LazyFile } from '../../tree/lazy-file.ts';
import { OCHAMI_CLOUD_INIT, WWW } from '../../tree/paths.ts';
import { renderYaml } from '../render-yaml.ts';
import type { Emitted } from '../target.ts';
import { groupConfig, memberConfig } from './group-config.ts';
import { ochamiMetaData } from './ochami-meta-data.ts';
import { isOfGroupsAlone } from './of-groups-alone.ts';

/** What that server answers of a group that has nothing to say. */
const NOTHING = '#cloud-config';

/**
 * What OpenCHAMI's cloud-init server answers, as files that nginx finds by the caller's address: the meta-data of each node that
 * boots Linux, the cloud-config of each group, of each member where values of the node are in it, and, for each node that finds nothing but what its groups say, the list of these.
 * Source: OpenCHAMI/cloud-init, cmd/cloud-init-server/vendordata_handlers.go, userdata_handlers.go.
 */
export function* cloudInitFiles(site: Site): Iterable<Emitted> {
  const folder = `${WWW}/${OCHAMI_CLOUD_INIT}`;
  const base = `${site.server.tls?.url ?? site.server.url}/cloud-init`;
  const metaData = (node: Node) => renderYaml(ochamiMetaData(site, node, base), markText);
  for (const node of site.nodes) {
    if (!node.cloudInit) continue;
    yield new LazyFile(`${folder}/meta-data/${node.name}`, metaData, node);
    for (const group of node.groups) {
      const content = memberConfig(site, group, node);
      // The name of a group has no dot.
      if (content !== undefined) yield { path: `${folder}/groups/${group.name}.${node.name}.yaml`, content };
    }
    if (!isOfGroupsAlone(site, node)) continue;
    const list = node.groups.map(({ name }) => `${base}/${name}.yaml\n`);
    yield { path: `${folder}/vendor-data/${node.name}`, content: `#include\n${list.join('')}` };
  }
  for (const group of site.groups) {
    const content = group.userData === undefined ? NOTHING : groupConfig(site, group);
    if (content !== undefined) yield { path: `${folder}/groups/${group.name}.yaml`, content };
  }
}
