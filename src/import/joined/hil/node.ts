import { keyPlaceOf, placeOf, selfPlace } from '../../../source/origin.ts';
import type { ValueMap } from '../../../source/value.ts';
import { quoteVisibly } from '../../names.ts';
import type { GatheredBmc, GatheredMachine, GatheredNic, GatheredVlan, Said } from '../gathered.ts';
import type { Left, Reader } from '../reader.ts';

/** The channel that machines boot on, without a tag. Source: CCI-MOC/ims, ims/common/constants.py (HIL_BMI_CHANNEL). */
const NATIVE = 'vlan/native';

const SWITCH = 'harvgen sets up no switch';
const LEFT: Left = { port: SWITCH, switch: SWITCH };

/** What Linux calls NICs; HIL's labels are what its admin made up. */
const LINUX_NAME = /^(?:eth\d+|em\d+|p\d+p\d+|en[opsx]\w{1,12}|ib\d+)$/;

interface HilNic extends GatheredNic {
  readonly isNative: boolean;
}

/**
 * Gives a node: its project is its tenant, and it boots from the NIC that is on a network without a tag. The VLANs that its
 * NICs tell of go to `vlans`. Source: CCI-MOC/hil, hil/api.py (show_node).
 */
export function nodeOf(map: ValueMap, vlans: GatheredVlan[], reader: Reader): GatheredMachine[] {
  const name = reader.text(map, 'name');
  const tenant = reader.text(map, 'project');
  if (!name) {
    reader.wrong('A node of HIL', 'one with a name', selfPlace(map));
    return [];
  }
  if (!tenant)
    reader.notes.add(
      'changed',
      quoteVisibly(name.value),
      'no project has it: it is a node without a tenant',
      name.at,
    );
  const nics = reader.mapsIn(map, 'nics').map((nic) => nicOf(nic, name.value, vlans, reader));
  const native = nics.filter(({ isNative }) => isNative);
  const [first, second] = native;
  if (first && second)
    reader.notes.add(
      'open',
      quoteVisibly(name.value),
      'several of its NICs are on a network without a tag: unless another file says from which it boots, that is the first of them. BMI was told the NIC with each call: join its pxelinux file, or put the right one first',
      first.network?.at ?? name.at,
    );
  reader.rest(
    map,
    ['name', 'project', 'nics', 'obm'],
    { metadata: 'what people keep of a node: as cloud_init.meta_data cloud-init would find it there' },
    'node ',
  );
  // In the order of a list the first one boots, unless another file says otherwise.
  const inOrder = [...native, ...nics.filter(({ isNative }) => !isNative)];
  return [
    {
      at: selfPlace(map),
      name,
      tenant,
      bmc: bmcOf(map, reader),
      nics: inOrder.map(({ isNative, ...nic }) => (isNative && !second ? { ...nic, boots: true } : nic)),
    },
  ];
}

function nicOf(map: ValueMap, whose: string, vlans: GatheredVlan[], reader: Reader): HilNic {
  const label = reader.text(map, 'label');
  const isName = label !== undefined && LINUX_NAME.test(label.value);
  if (label && !isName)
    reader.notes.add(
      'left',
      quoteVisibly(label.value),
      'what HIL calls the NIC: a site has the name that the installed system gives it, such as eno1',
      label.at,
    );
  reader.rest(map, ['label', 'macaddr', 'networks'], LEFT, 'nics ');
  const attached = networksOf(map, reader);
  for (const { network, vlan } of attached) if (vlan) vlans.push({ network, vlan });
  const native = attached.find(({ vlan }) => !vlan);
  const own = native ?? attached[0];
  for (const other of attached)
    if (other !== own)
      reader.notes.add(
        'left',
        quoteVisibly(other.network.value),
        `a further network of a NIC of ${quoteVisibly(whose)}: a NIC of a site is on one. Set the VLAN up in the installed system`,
        other.network.at,
      );
  return {
    mac: reader.mac(map, 'macaddr'),
    name: isName ? label : undefined,
    network: own?.network,
    isNative: native !== undefined,
  };
}

/** The networks of a NIC, by their channels: `vlan/native` has no tag, `vlan/235` has that one. */
function networksOf(
  map: ValueMap,
  reader: Reader,
): { readonly network: Said<string>; readonly vlan?: Said<number> }[] {
  const networks = reader.mapIn(map, 'networks') ?? {};
  return Object.keys(networks).flatMap((channel) => {
    const network = reader.text(networks, channel);
    if (!network) return [];
    if (channel === NATIVE) return [{ network }];
    const [, id] = /^vlan\/(\d{1,4})$/.exec(channel) ?? [];
    if (id !== undefined)
      return [{ network, vlan: { value: Number(id), at: keyPlaceOf(networks, channel) } }];
    reader.notes.add('left', quoteVisibly(channel), 'no channel of VLANs', keyPlaceOf(networks, channel));
    return [];
  });
}

/** The management controller, which HIL took when a node was registered, and does not answer. */
function bmcOf(map: ValueMap, reader: Reader): GatheredBmc | undefined {
  const obm = reader.mapIn(map, 'obm');
  if (!obm) return undefined;
  if (obm.password !== undefined && obm.password !== null) {
    const at = placeOf(obm, 'password');
    at.source.conceal(at);
    reader.notes.add(
      'left',
      'obm password',
      'a secret: say it as ${secret:name} in bmc.password below defaults',
      at,
    );
  }
  reader.rest(obm, ['type', 'host', 'user', 'password'], {}, 'obm ');
  const type = reader.text(obm, 'type');
  const isIpmi = type !== undefined && /ipmi$/i.test(type.value);
  return {
    at: selfPlace(obm),
    address: reader.text(obm, 'host'),
    user: reader.text(obm, 'user'),
    protocol: isIpmi ? { value: 'ipmi', at: type.at } : undefined,
  };
}
