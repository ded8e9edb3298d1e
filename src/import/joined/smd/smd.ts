import { selfPlace } from '../../../source/origin.ts';
import type { Value, ValueMap } from '../../../source/value.ts';
import { isValueMap } from '../../../source/value.ts';
import { Notes } from '../../notes.ts';
import type { Gathered, GatheredBmc, GatheredGroup, GatheredMachine } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { Reader, readValue, rootPlace } from '../reader.ts';
import { componentOf, nodeIdOf } from './component.ts';
import { endpointOf } from './endpoint.ts';
import { interfaceOf } from './interface.ts';
import { redfishEndpointOf } from './redfish-endpoint.ts';

/** What SMD, the state manager of OpenCHAMI, answers: any of its lists, one of their objects, or BSS's file of them. */
export const smd: JoinedKind = {
  name: 'smd',
  what: 'what SMD of OpenCHAMI answers: components, Ethernet interfaces, endpoints, groups, memberships or NID maps',
  isLike: ({ text }) =>
    (/"(Components|ComponentEndpoints|RedfishEndpoints|NodeMaps|ComponentID|ComponentEndpointType|groupLabels|RediscoverOnUpdate)"\s*:/.test(
      text,
    ) &&
      !/"Systems"\s*:/.test(text)) ||
    /"label"\s*:[\s\S]*"ids"\s*:/.test(text),
  read(source, report) {
    const value = readValue(source, report);
    if (value === undefined) return undefined;
    const reader = new SmdReader(new Reader(new Notes(), report));
    if (!reader.readRoot(value)) {
      report.error({
        code: 'import-kind',
        message: 'This is nothing that SMD answers.',
        at: rootPlace(value, source),
        help: 'give what it answers below /hsm/v2, such as State/Components or Inventory/EthernetInterfaces',
      });
      return undefined;
    }
    return report.failed ? undefined : reader.gathered;
  },
};

/** The lists that stand below a key of their own, and who reads what is in them. */
const LISTS = ['Components', 'ComponentEndpoints', 'RedfishEndpoints', 'NodeMaps', 'IPAddresses'] as const;

class SmdReader {
  readonly #reader: Reader;
  readonly #machines: GatheredMachine[] = [];
  readonly #bmcs: GatheredBmc[] = [];
  readonly #groups: GatheredGroup[] = [];

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  get gathered(): Gathered {
    return {
      machines: this.#machines,
      bmcs: this.#bmcs,
      groups: this.#groups,
      notes: this.#reader.notes.sorted(),
    };
  }

  /** Takes all that a file holds; says whether it was SMD's. */
  readRoot(value: Value): boolean {
    if (value === null) return true;
    if (Array.isArray(value)) {
      const maps = this.#reader.maps(value, 'the list', selfPlace(value));
      return maps.map((map) => this.#object(map)).every(Boolean);
    }
    if (!isValueMap(value)) return false;
    const lists = LISTS.filter((key) => Object.hasOwn(value, key) && !Object.hasOwn(value, 'MACAddress'));
    if (lists.length === 0) return this.#object(value);
    for (const key of lists) {
      // BSS's own file has the interfaces by their addresses. Source: OpenCHAMI/bss, cmd/boot-script-service/sm.go (SMData).
      const held = value[key];
      const isByAddress = key === 'IPAddresses' && isValueMap(held);
      const maps = isByAddress
        ? Object.keys(held).map((ip) => this.#reader.mapIn(held, ip))
        : this.#reader.mapsIn(value, key);
      for (const map of maps) if (map) this.#entry(key, map);
    }
    this.#reader.rest(value, lists, {}, '');
    return true;
  }

  #entry(key: (typeof LISTS)[number], map: ValueMap): void {
    if (key === 'Components') this.#add(componentOf(map, this.#reader));
    else if (key === 'ComponentEndpoints') this.#add(endpointOf(map, this.#reader));
    else if (key === 'RedfishEndpoints') this.#bmcs.push(...redfishEndpointOf(map, this.#reader));
    else if (key === 'IPAddresses') this.#add(interfaceOf(map, this.#reader));
    else this.#nodeMap(map);
  }

  /** One object, by the keys that its kind alone has. */
  #object(map: ValueMap): boolean {
    const has = (key: string) => Object.hasOwn(map, key);
    if (has('label')) this.#groups.push(...this.#group(map));
    else if (has('groupLabels')) this.#membership(map);
    else if (has('MACAddress') || has('ComponentID')) this.#add(interfaceOf(map, this.#reader));
    else if (has('ComponentEndpointType') || has('RedfishEndpointID') || has('RedfishType'))
      this.#add(endpointOf(map, this.#reader));
    else if (has('RediscoverOnUpdate') || has('MACRequired') || has('DiscoveryInfo'))
      this.#bmcs.push(...redfishEndpointOf(map, this.#reader));
    else if (has('ID') && (has('Type') || has('NID') || has('Role')))
      this.#add(componentOf(map, this.#reader));
    else return false;
    return true;
  }

  #add(said: { readonly machine?: GatheredMachine; readonly bmc?: GatheredBmc } | undefined): void {
    if (said?.machine) this.#machines.push(said.machine);
    if (said?.bmc) this.#bmcs.push(said.bmc);
  }

  #nodeMap(map: ValueMap): void {
    const xname = this.#reader.xname(map, 'ID');
    this.#reader.rest(map, ['ID', 'NID', 'Role', 'SubRole'], {}, 'NodeMaps ');
    if (xname)
      this.#machines.push({
        at: selfPlace(map),
        ...nodeIdOf(xname, this.#reader),
        nid: this.#reader.number(map, 'NID'),
        role: this.#reader.text(map, 'Role'),
      });
  }

  #group(map: ValueMap): GatheredGroup[] {
    const name = this.#reader.text(map, 'label');
    const members = this.#reader.mapIn(map, 'members');
    this.#reader.rest(
      map,
      ['label', 'description', 'members'],
      { exclusiveGroup: 'a node of a site can be in any groups', tags: 'a group of a site has none' },
      'groups ',
    );
    if (!name) return [];
    return [
      {
        at: selfPlace(map),
        name,
        description: this.#reader.text(map, 'description'),
        members: members ? this.#reader.texts(members, 'ids') : [],
      },
    ];
  }

  #membership(map: ValueMap): void {
    const xname = this.#reader.xname(map, 'id');
    this.#reader.rest(
      map,
      ['id', 'groupLabels'],
      { partitionName: 'a site has no partitions' },
      'memberships ',
    );
    if (xname)
      this.#machines.push({
        at: selfPlace(map),
        ...nodeIdOf(xname, this.#reader),
        groups: this.#reader.texts(map, 'groupLabels'),
      });
  }
}
