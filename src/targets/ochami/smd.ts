import { SMD_VALUES } from '../../knowledge/tables/smd-values.ts';
import type { Site } from '../../site/model.ts';
import { LazyFile } from '../../tree/lazy-file.ts';
import { WWW } from '../../tree/paths.ts';
import type { Emitted } from '../target.ts';
import { componentEndpoints, redfishEndpoints } from './component-endpoints.ts';
import { components } from './components.ts';
import { ethernetInterfaces } from './ethernet-interfaces.ts';
import { memberships, smdGroups } from './groups.ts';
import { json } from './json.ts';
import { placedNodes } from './places.ts';

/** Below which SMD answers. */
export const SMD = 'hsm/v2';

/** What it says of itself, below that: there wherever a site answers for OpenCHAMI's services. */
export const SMD_READY = 'service/ready';

/** A list of SMD's: where it is asked for, the key that holds it, if one does, and what of. */
interface List {
  readonly path: string;
  readonly key?: string;
  readonly items: readonly { readonly ID: string; readonly Type?: unknown }[];
}

/** Of which a list is asked for alone. */
const TYPES = ['Node', 'NodeBMC'];

/**
 * What SMD answers, as files: each list where it is asked for, for any web server; and what only nginx finds, since a file
 * cannot be a folder: single objects in `by-id`, and lists of one type in `by-type`. Source: OpenCHAMI/smd, cmd/smd/routers.go.
 */
export function* smdFiles(site: Site): Iterable<Emitted> {
  const file = (path: string, value: unknown) => new LazyFile(`${WWW}/${SMD}/${path}`, json, value);
  for (const { path, key, items } of lists(site)) {
    const name = path.split('/').at(-1);
    const whole = (some: readonly unknown[]) => (key ? { [key]: some } : some);
    yield file(path, whole(items));
    for (const item of items) yield file(`by-id/${name}/${item.ID}`, item);
    for (const type of TYPES)
      yield file(`by-type/${type}/${name}`, whole(items.filter(({ Type }) => Type === type)));
  }
  const groups = smdGroups(site);
  yield file('groups', groups);
  for (const group of groups) {
    yield file(`by-id/groups/${group.label}`, group);
    yield file(`by-id/members/${group.label}`, group.members);
  }
  yield file(
    'by-id/group-labels',
    groups.map(({ label }) => label),
  );
  const members = memberships(site);
  yield file('memberships', members);
  for (const one of members) yield file(`by-id/memberships/${one.id}`, one);
  yield file('partitions', []);
  yield file('Defaults/NodeMaps', { NodeMaps: nodeMaps(site) });
  yield file(SMD_READY, { code: 0, message: 'HSM is healthy' });
  yield file('service/values', SMD_VALUES);
  for (const [kind, values] of Object.entries(SMD_VALUES))
    yield file(`by-id/values/${kind.toLowerCase()}`, { [kind]: values });
}

function lists(site: Site): List[] {
  return [
    { path: 'State/Components', key: 'Components', items: components(site) },
    { path: 'Inventory/EthernetInterfaces', items: ethernetInterfaces(site) },
    {
      path: 'Inventory/ComponentEndpoints',
      key: 'ComponentEndpoints',
      items: componentEndpoints(site),
    },
    { path: 'Inventory/RedfishEndpoints', key: 'RedfishEndpoints', items: redfishEndpoints(site) },
  ];
}

function nodeMaps(site: Site): object[] {
  return placedNodes(site).flatMap(({ node: { nid }, xname }) =>
    nid === undefined ? [] : [{ ID: xname, NID: nid }],
  );
}
