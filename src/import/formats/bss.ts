import { isValueMap, keyLocationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import type { JoinedKind } from './file-reader.ts';
import { isNothing, type MapReader, readingMaps } from './map-reader.ts';

/** Boot parameters as BSS of OpenCHAMI answers or takes them, in JSON or, as `ochami bss` takes them, in YAML. */
export const bss: JoinedKind = {
  name: 'bss',
  what: 'boot parameters of BSS of OpenCHAMI: what hosts, macs and nids boot, by kernel, initrd and params',
  isLike: ({ text }) =>
    /(^|[\s{,])"?(params|kernel)"?\s*:/.test(text) &&
    !/(^|[\s{,])"?(apiVersion|Components|nodes|site|maclist)"?\s*:/.test(text),
  read: readingMaps((value, reader) => {
    const maps = reader.maps(value, 'What BSS answers');
    const stranger = maps.find((map) => !KEYS.split(' ').some((key) => Object.hasOwn(map, key)));
    if (stranger)
      reader.refuse(
        'These are no boot parameters of BSS: they have hosts, macs or nids, and kernel, initrd or params.',
        'give what BSS answers at /boot/v1/bootparameters',
        { at: selfLocation(stranger) },
      );
    for (const map of maps) addBoot(map, reader);
  }, 'cloud-init'),
};

const KEYS = 'hosts macs nids params kernel initrd cloud-init';

/** Adds one entry. Source: OpenCHAMI/bss, pkg/bssTypes/types.go (BootParams). */
function addBoot(map: ValueMap, reader: MapReader): void {
  const { 'cloud-init': data } = map;
  const why =
    'meta-data and user-data of BSS: write them as cloud_init of the nodes, or of a group; BSS itself handed them out at its own URLs alone';
  if (isValueMap(data) && Object.keys(data).some((key) => key !== 'phone-home' && !isNothing(data[key])))
    reader.left('cloud-init', why, keyLocationOf(map, 'cloud-init'));
  reader.rest(map, KEYS);
  reader.found.boots.push({
    at: selfLocation(map),
    hosts: reader.texts(map, 'hosts'),
    macs: reader.macs(map, 'macs'),
    nids: reader.numbers(map, 'nids'),
    ...reader.kernel(map),
  });
}
