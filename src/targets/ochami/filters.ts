import { SMD_VALUES } from '../../knowledge/known-values.ts';
import type { Site } from '../../site/model.ts';
import { WWW } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { groupedBy } from '../../values/grouped.ts';
import { onceFor } from '../../values/once-for.ts';
import type { Emitted } from '../target.ts';
import { listsOf, placedNodes, SMD } from './smd.ts';

/** Yields the items that filters of SMD's lists select, and the NICs of each component. nginx finds these files. */
export function* filterFiles(site: Site): Iterable<Emitted> {
  const file = (list: string, name: string, items: readonly object[]) =>
    new LazyFile(`${WWW}/${SMD}/by-id/${list}/${name}`, joined, items);
  for (const { list, part, items } of partsOf(site).parts) yield file(list, part, items);
  const { EthernetInterfaces } = listsOf(site);
  for (const [owner, items] of groupedBy(EthernetInterfaces, ({ ComponentID }) => ComponentID))
    yield file('EthernetInterfaces', `of.${owner}`, items);
}

/** Returns the items of a list without its brackets: nginx adds those, and joins the items of several files. */
function joined(items: readonly object[]): string {
  return `${items.map((item) => JSON.stringify(item)).join(',')}\n`;
}

/** The properties of a component by which SMD filters, and the key of the filter. Source: internal/hmsds/hmsds-api-filters.go. */
const PROPERTIES = ['Type', 'State', 'Flag', 'Role', 'SubRole', 'Arch', 'Class'] as const;

/** A part of a list that a filter selects. */
interface Part {
  readonly list: string;
  /** The filter, such as `role=Compute`. */
  readonly filter: string;
  /** The name of the file in `by-id` with the selected items; `.whole` if these are all items, `-` for an empty list. */
  readonly part: string;
}

/**
 * Returns the parts of SMD's lists that one value of a property selects. SMD compares these values without case, except
 * those of groups and networks. Parts with the same items share a file. `parts` contains the files.
 */
const partsOf = onceFor((site: Site) => {
  const lists = listsOf(site);
  const groups = new Map(placedNodes(site).map(({ node, xname }) => [xname, node.groups]));
  const known: Part[] = [];
  const parts = new Map<string, { list: string; part: string; items: readonly object[] }>();
  const add = <T extends object>(
    list: string,
    all: readonly T[],
    filter: string,
    has: (item: T) => boolean,
  ) => {
    const flags = all.map(has);
    const items = all.filter((_, index) => flags[index]);
    const key = `${list} ${flags.map(Number).join('')}`;
    const isPart = items.length > 0 && items.length < all.length;
    if (isPart && !parts.has(key)) parts.set(key, { list, part: filter.replace('=', '.'), items });
    const whole = items.length === 0 ? '-' : '.whole';
    known.push({ list, filter, part: (isPart && parts.get(key)?.part) || whole });
  };
  const byId = new Map(lists.Components.map((component) => [component.ID, component]));
  for (const property of PROPERTIES) {
    const has = (one: object | undefined, value: string) =>
      textAt(one, property).toLowerCase() === value.toLowerCase();
    const own = lists.Components.flatMap((one) => textAt(one, property) || []);
    // A component without a role has an empty one. SMD accepts an empty value of some properties only.
    const empty = property === 'Role' || property === 'SubRole' ? [''] : [];
    const values = groupedBy([...(SMD_VALUES[property] ?? []), ...own, ...empty], (one) => one.toLowerCase());
    for (const [value = ''] of values.values()) {
      const filter = `${property.toLowerCase()}=${value}`;
      add('Components', lists.Components, filter, (one) => has(one, value));
      add('memberships', lists.memberships, filter, ({ id }) => has(byId.get(id), value));
    }
  }
  for (const { name } of site.groups) {
    const has = (id: string) => groups.get(id)?.some((group) => group.name === name) ?? false;
    add('Components', lists.Components, `group=${name}`, ({ ID }) => has(ID));
    add('memberships', lists.memberships, `group=${name}`, ({ id }) => has(id));
  }
  const ungrouped = (id: string) => !groups.get(id)?.length;
  add('Components', lists.Components, 'group=NULL', ({ ID }) => ungrouped(ID));
  add('memberships', lists.memberships, 'group=NULL', ({ id }) => ungrouped(id));
  for (const type of SMD_VALUES.Type ?? [])
    for (const list of ['EthernetInterfaces', 'ComponentEndpoints', 'RedfishEndpoints'] as const)
      add<{ readonly Type: string }>(list, lists[list], `type=${type}`, ({ Type }) => Type === type);
  for (const network of new Set(lists.EthernetInterfaces.map(networkOf)))
    add(
      'EthernetInterfaces',
      lists.EthernetInterfaces,
      `network=${network}`,
      (one) => networkOf(one) === network,
    );
  return { known, parts: [...parts.values()] };
});

function textAt(component: object | undefined, property: (typeof PROPERTIES)[number]): string {
  return (component as Partial<Record<string, string>> | undefined)?.[property] ?? '';
}

function networkOf({
  IPAddresses: [first],
}: ReturnType<typeof listsOf>['EthernetInterfaces'][number]): string {
  return first?.Network ?? '';
}

/** Returns the IP addresses of the NICs in SMD, each with the ID of its NIC. */
export function interfaceAddresses(site: Site): { readonly ip: string; readonly id: string }[] {
  return listsOf(site).EthernetInterfaces.map(({ ID: id, IPAddresses: [first] }) => ({
    ip: first?.IPAddress ?? '',
    id,
  }));
}

/** Returns the filters with one value, as expressions of nginx. */
export function filtersOf(site: Site) {
  return partsOf(site).known.map(({ list, filter, part }) => {
    const [key, value] = filter.split('=');
    const isExact = key === 'group' || key === 'network';
    const name = isExact ? `(?i:${key})=${value}` : `(?i:${filter})`;
    // Only nodes have these properties.
    const isOfNodes = /^(?:role|subrole|group)=(?!NULL$)./.test(filter);
    const whole = isOfNodes ? `(?:(?i:type=node)&)?${name}(?:&(?i:type=node))?` : name;
    return { pattern: `^${list}\\?${whole}\\z`, part };
  });
}

/** An xname of a node or BMC without leading zeros, and a MAC, as expressions. */
const XNAME = 'x(?:0|[1-9][0-9]*)c[0-7]s(?:0|[1-9][0-9]*)b(?:0|[1-9][0-9]*)(?:n(?:0|[1-9][0-9]*))?';
const MAC = '[0-9a-f]{2}(?:(?::|%3[Aa])[0-9a-f]{2}){5}';

/** Most values of one filter: nginx nests at most 50 requests. */
const MOST_VALUES = 32;

/**
 * Returns the filters with several values of one key, as expressions of nginx. No item has two of these values, so nginx can join
 * the items of each. MAC addresses and xnames are in lower case only, because no map makes lower case of several.
 */
export function severalOf(site: Site): string[] {
  const known = partsOf(site).known.filter(({ filter }) => !/^group=|=$/.test(filter));
  const byKey = groupedBy(known, ({ list, filter }) => `${list}\\?${filter.replace(/=.*/, '=')}`);
  const ofValues = [...byKey].flatMap(([key, parts]) => {
    const values = parts.map(({ filter }) => filter.replace(/.*=/, ''));
    return parts.some(({ part }) => part === '.whole') ? [] : ([[key, `(?i:${values.join('|')})`]] as const);
  });
  const all = [
    ...ofValues,
    ['(?:Components|ComponentEndpoints|RedfishEndpoints|memberships)\\?id=', XNAME],
    ['EthernetInterfaces\\?id=', '[0-9a-f]{12}'],
    ['EthernetInterfaces\\?macaddress=', MAC],
    ['EthernetInterfaces\\?componentid=', XNAME],
    ['groups\\?group=', '[0-9a-z._:-]+'],
  ] as const;
  return all.map(([start, value]) => {
    const [list, key] = start.split('\\?');
    const name = `(?i:${key})`;
    return `^${list}\\?${name}(?:${value})(?:&${name}(?:${value})){1,${MOST_VALUES - 1}}\\z`;
  });
}
