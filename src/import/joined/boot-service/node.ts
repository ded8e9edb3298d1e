import { keyPlaceOf, selfPlace } from '../../../source/origin.ts';
import type { ValueMap } from '../../../source/value.ts';
import { isNodeXname } from '../../../values/xname.ts';
import { quoteVisibly } from '../../names.ts';
import type { GatheredMachine, GatheredNic, Said } from '../gathered.ts';
import type { Left, Reader } from '../reader.ts';

const LEFT: Left = {
  subrole: 'a site has groups',
  subRole: 'a site has groups',
  state: 'a state of the moment, which a site has not',
  metadata: 'labels of boot-service: as cloud_init.meta_data cloud-init would find them on the node',
};

/** Gives a node of the file of nodes; others are noted. Source: OpenCHAMI/boot-service, examples/nodes.yaml. */
export function listedNode(map: ValueMap, reader: Reader): GatheredMachine | undefined {
  const xname = reader.xname(map, 'xname') ?? reader.xname(map, 'id');
  const type = reader.text(map, 'type');
  if (type && type.value !== 'Node') {
    reader.notes.add(
      'left',
      quoteVisibly(xname?.value ?? type.value),
      `a ${quoteVisibly(type.value)}: a site has nodes`,
      type.at,
    );
    return undefined;
  }
  reader.rest(
    map,
    [
      'id',
      'xname',
      'type',
      'role',
      'enabled',
      'nid',
      'boot_mac',
      'ethernet_interfaces',
      'groups',
      'hostname',
    ],
    LEFT,
    'nodes ',
  );
  if (map.enabled === false)
    reader.notes.add(
      'changed',
      quoteVisibly(xname?.value ?? 'a node'),
      'it is not enabled: it is a node all the same',
      keyPlaceOf(map, 'enabled'),
    );
  const nics = reader.mapsIn(map, 'ethernet_interfaces').map((one): GatheredNic => {
    reader.rest(
      one,
      ['mac_address', 'ip_address', 'network'],
      { description: 'a NIC of a site has none' },
      'ethernet_interfaces ',
    );
    const ip = reader.ip(one, 'ip_address');
    return { mac: reader.mac(one, 'mac_address'), ips: ip ? [ip] : [], network: reader.text(one, 'network') };
  });
  return {
    at: selfPlace(map),
    ...identityOf(xname, reader.text(map, 'hostname'), reader),
    nid: reader.number(map, 'nid'),
    role: reader.text(map, 'role'),
    groups: reader.texts(map, 'groups'),
    nics: withBootNic(nics, reader.mac(map, 'boot_mac')),
  };
}

/** Gives the node of an object Node. Source: OpenCHAMI/boot-service, apis/boot.openchami.io/v1/node_types.go. */
export function nodeObject(map: ValueMap, reader: Reader): GatheredMachine[] {
  const spec = reader.mapIn(map, 'spec');
  reader.rest(
    map,
    ['apiVersion', 'kind', 'metadata', 'spec', 'schemaVersion'],
    { status: LEFT.state ?? '' },
    '',
  );
  if (!spec) return [];
  reader.rest(spec, ['xname', 'nid', 'bootMac', 'role', 'hostname', 'interfaces', 'groups'], LEFT, 'spec ');
  const nics = reader.mapsIn(spec, 'interfaces').map((one): GatheredNic => {
    reader.rest(one, ['mac', 'ip'], { type: 'a NIC of a site has none' }, 'interfaces ');
    const ip = reader.ip(one, 'ip');
    return { mac: reader.mac(one, 'mac'), ips: ip ? [ip] : [] };
  });
  return [
    {
      at: selfPlace(map),
      ...identityOf(reader.xname(spec, 'xname'), reader.text(spec, 'hostname'), reader),
      nid: reader.number(spec, 'nid'),
      role: reader.text(spec, 'role'),
      groups: reader.texts(spec, 'groups'),
      nics: withBootNic(nics, reader.mac(spec, 'bootMac')),
    },
  ];
}

/** What a node is known by: what is no xname of a node is a name. */
function identityOf(
  xname: Said<string> | undefined,
  name: Said<string> | undefined,
  reader: Reader,
): Pick<GatheredMachine, 'name' | 'xname'> {
  if (!xname || isNodeXname(xname.value)) return { xname, name };
  reader.notes.add(
    'changed',
    quoteVisibly(xname.value),
    'no xname of a node, which ends in b<n>n<n>: it is the name of the node',
    xname.at,
  );
  return { name: name ?? xname };
}

/** The NICs, in which the one that the node boots from is marked; it may be listed nowhere else. */
function withBootNic(nics: readonly GatheredNic[], boot: Said<string> | undefined): GatheredNic[] {
  if (!boot) return [...nics];
  const isListed = nics.some(({ mac }) => mac?.value === boot.value);
  const marked = nics.map((nic) => (nic.mac?.value === boot.value ? { ...nic, boots: true } : nic));
  return isListed ? marked : [{ mac: boot, ips: [], boots: true }, ...marked];
}
