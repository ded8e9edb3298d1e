import { compile } from '../compile.ts';
import type { ImportedSite } from '../import/model/import-format.ts';
import { newProfiles } from '../inspect/discover/new-nodes.ts';
import { expandRanges } from '../inventory/expand-ranges.ts';
import { parseYaml } from '../inventory/parse.ts';
import type { Node, Site } from '../site/model.ts';
import { Report } from '../source/diagnostics/report.ts';
import { isValueMap, type Value, type ValueMap } from '../source/origin.ts';
import { Source } from '../source/source.ts';
import { parseMac } from '../values/identifiers.ts';
import { UserError } from '../values/user-error.ts';
import { printMessage } from './console.ts';
import { editing } from './edit-errors.ts';
import { type SavedValue, saveValues } from './save-values.ts';

/** What a machine is; a site that exists decides itself what its nodes run. */
const OF_MACHINES = [
  'mac',
  'ip',
  'nics',
  'uuid',
  'serial',
  'xname',
  'nid',
  'subrole',
  'firmware',
  'bmc',
  'vm',
];

/**
 * Adds the machines of an import to a site that exists, with its profiles as `discover` does. Leaves the nodes of the site as they
 * are: says which machines they are, and which keys are not added. Returns the exit code. Throws UserError.
 */
export async function addMachines(
  folder: string,
  { text }: ImportedSite,
  named: readonly string[],
): Promise<number> {
  const report = new Report();
  const content = parseYaml(new Source('import', text), report);
  const { nodes } = expandRanges(content ?? {}, report);
  const machines = isValueMap(nodes) ? nodes : {};
  return await editing(folder, async () => {
    const profiles = newProfiles([await compile(folder)], named);
    const valuesFor = (site: Site) =>
      Object.entries(machines).flatMap(([name, keys]) => newNode(site, name, keys as ValueMap, profiles));
    return await saveValues(folder, valuesFor, 'the files have no machine that is not in the site');
  });
}

/** Returns a machine as a node to save, or nothing if it is one of the site. Throws UserError if only its name is. */
function newNode(
  { name: site, nodes }: Site,
  name: string,
  keys: ValueMap,
  profiles: readonly string[],
): SavedValue[] {
  const identities = [keys, ...(Array.isArray(keys.nics) ? keys.nics : [])].flatMap((one) =>
    isValueMap(one)
      ? [parseMac(String(one.mac)), keys.nics || keys.mac !== undefined ? undefined : one.ip]
      : [],
  );
  const isSame = (node: Node) =>
    node.nics.some(({ mac, ip }) => identities.some((id) => id && (id === mac || id === ip)));
  const existing = nodes.find(isSame);
  if (existing) {
    printMessage(`${name}: it is the node ${existing.name} of ${site}, which stays as it is`);
    return [];
  }
  if (nodes.some((node) => node.name === name))
    throw new UserError(
      `${site} has another node ${name}, with another MAC address: rename one of them; nothing was saved`,
    );
  const isAdded = (key: string, value: Value) =>
    OF_MACHINES.includes(key) && !JSON.stringify(value).includes('…');
  const entries = Object.entries(keys).filter(([key, value]) => isAdded(key, value));
  const others = Object.keys(keys).filter((key) => !entries.some(([added]) => added === key));
  if (others.length > 0)
    printMessage(`${name}: not added, because the site decides it or it is open: ${others.join(', ')}`);
  const value = {
    ...Object.fromEntries(entries),
    ...(profiles.length > 0 ? { profiles: [...profiles] } : {}),
  };
  return [{ path: ['nodes', name], value, text: `${name}: ${Object.keys(value).join(', ')}` }];
}
