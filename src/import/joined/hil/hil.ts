import { keyPlaceOf, selfPlace } from '../../../source/origin.ts';
import { isValueMap, type Value, type ValueMap } from '../../../source/value.ts';
import { quoteVisibly } from '../../names.ts';
import { Notes } from '../../notes.ts';
import type { GatheredMachine, GatheredVlan } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { Reader, readValue, rootPlace } from '../reader.ts';
import { nodeOf } from './node.ts';

/** What HIL answers of nodes and networks: one, a list of them, or a map of them by name. */
export const hil: JoinedKind = {
  name: 'hil',
  what: 'nodes of HIL, as it answers at /v0/node/NODE, with their project and NICs; its networks, too',
  isLike: ({ text }) =>
    (/"?macaddr"?\s*:/.test(text) && /"?nics"?\s*:/.test(text)) ||
    (/"channels"\s*:/.test(text) && /"vlan\//.test(text)),
  read(source, report) {
    const value = readValue(source, report);
    if (value === undefined) return undefined;
    const reader = new Reader(new Notes(), report);
    const machines: GatheredMachine[] = [];
    const vlans: GatheredVlan[] = [];
    const root = rootPlace(value, source);
    for (const map of objectsOf(value, reader)) {
      if (Object.hasOwn(map, 'nics')) machines.push(...nodeOf(map, vlans, reader));
      else if (Object.hasOwn(map, 'channels')) vlans.push(...networkOf(map, reader));
      else
        report.error({
          code: 'import-kind',
          message: 'This is no node of HIL, which has nics, and no network of it, which has channels.',
          at: selfPlace(map),
          help: 'give what HIL answers at /v0/node/NODE for each node, in a list',
        });
    }
    if (value !== null && !isValueMap(value) && !Array.isArray(value))
      report.error({
        code: 'import-kind',
        message: 'This is nothing that HIL answers.',
        at: root,
        help: 'give what HIL answers at /v0/node/NODE',
      });
    return report.failed ? undefined : { machines, vlans, notes: reader.notes.sorted() };
  },
};

/** The objects of a file; those of a map by name have that name where they say none. */
function objectsOf(value: Value, reader: Reader): ValueMap[] {
  if (Array.isArray(value)) {
    const name = value.find((item) => typeof item === 'string');
    if (name === undefined) return reader.maps(value, 'the list', selfPlace(value));
    reader.wrong(
      `${quoteVisibly(name)}, a name that HIL lists at /v0/nodes`,
      'a node with its NICs, as HIL answers at /v0/node/NODE',
      selfPlace(value),
    );
    return [];
  }
  if (!isValueMap(value)) return [];
  if (Object.hasOwn(value, 'nics') || Object.hasOwn(value, 'channels')) return [value];
  return Object.keys(value).flatMap((key) => {
    const held = value[key];
    if (Array.isArray(held)) return reader.mapsIn(value, key);
    const map = reader.mapIn(value, key);
    if (!map) return [];
    if (Object.hasOwn(map, 'nics') && !Object.hasOwn(map, 'name'))
      reader.notes.add(
        'left',
        quoteVisibly(key),
        'a node of HIL says its name itself',
        keyPlaceOf(value, key),
      );
    return [map];
  });
}

/** A network, of which the channel names the VLAN. Source: CCI-MOC/hil, docs/rest_api.md (show_network). */
function networkOf(map: ValueMap, reader: Reader): GatheredVlan[] {
  const network = reader.text(map, 'name');
  const vlans = reader.texts(map, 'channels').flatMap(({ value, at }) => {
    const [, id] = /^vlan\/(\d{1,4})$/.exec(value) ?? [];
    return id === undefined ? [] : [{ value: Number(id), at }];
  });
  reader.rest(
    map,
    ['name', 'channels'],
    {
      owner: 'whose a network is follows from the tenant that has it',
      access: 'whose a network is follows from the tenant that has it',
      'connected-nodes': 'nodes say it themselves',
    },
    'networks ',
  );
  const [vlan] = vlans;
  return network && vlan ? [{ network, vlan }] : [];
}
