import { isValueMap, keyLocationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { keysRead } from './keys.ts';
import { isNothing, type MapReader, readingMaps } from './map-reader.ts';

/** Boot parameters of OpenCHAMI's BSS in JSON, or in YAML as for `ochami bss`. */
export const bss: JoinedFormat = {
  name: 'bss',
  what: "boot parameters of OpenCHAMI's BSS: kernel, initrd and params for hosts, macs and nids",
  isLike: ({ text }) =>
    /(^|[\s{,])"?(params|kernel)"?\s*:/.test(text) &&
    !/(^|[\s{,])"?(apiVersion|Components|nodes|site|maclist)"?\s*:/.test(text),
  read: readingMaps((value, reader) => {
    const maps = reader.maps(value, 'The answer of BSS');
    const other = maps.find((map) => !keysRead('bss').some((key) => Object.hasOwn(map, key)));
    if (other)
      reader.refuse(
        'The file does not contain boot parameters of BSS: these have hosts, macs or nids, and kernel, initrd or params.',
        'use the answer of BSS at /boot/v1/bootparameters',
        { at: selfLocation(other) },
      );
    for (const map of maps) addBoot(map, reader);
  }, 'cloud-init'),
};

/** Adds one entry. Source: OpenCHAMI/bss, pkg/bssTypes/types.go (BootParams). */
function addBoot(map: ValueMap, reader: MapReader): void {
  const { 'cloud-init': data } = map;
  const why =
    'meta-data and user-data, which BSS served only at its own URLs: set them as cloud_init of the nodes or of a group';
  if (isValueMap(data) && Object.keys(data).some((key) => key !== 'phone-home' && !isNothing(data[key])))
    reader.left('cloud-init', why, keyLocationOf(map, 'cloud-init'));
  reader.rest(map, 'bss');
  reader.found.boots.push({
    at: selfLocation(map),
    hosts: reader.texts(map, 'hosts'),
    macs: reader.macs(map, 'macs'),
    nids: reader.numbers(map, 'nids'),
    ...reader.kernel(map),
  });
}
