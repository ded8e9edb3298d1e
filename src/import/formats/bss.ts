import { isValueMap } from '../../source/origin.ts';
import { type FileMap, hasKey, isNothing, mapFormat } from './map-reader.ts';

/** Boot parameters of OpenCHAMI's BSS in JSON, or in YAML as for `ochami bss`. */
export const bss = mapFormat({
  name: 'bss',
  what: "boot parameters of OpenCHAMI's BSS: kernel, initrd and params for hosts, macs and nids",
  isLike: ({ text }) =>
    hasKey(text, 'params|kernel') && !hasKey(text, 'apiVersion|Components|nodes|site|maclist'),
  refusal: [
    'The file does not contain boot parameters of BSS: these have hosts, macs or nids, and kernel, initrd or params.',
    'use the answer of BSS at /boot/v1/bootparameters',
  ],
  hides: 'cloud-init',
  types: [
    {
      has: ['hosts', 'macs', 'nids', 'params', 'kernel', 'initrd', 'cloud-init'],
      table: 'bss',
      add: addBoot,
    },
  ],
});

/** Adds one entry. Source: OpenCHAMI/bss, pkg/bssTypes/types.go (BootParams). */
function addBoot(map: FileMap): void {
  const data = map.get('cloud-init');
  const why =
    'meta-data and user-data, which BSS served only at its own URLs: set them as cloud_init of the nodes or of a group';
  if (isValueMap(data) && Object.keys(data).some((key) => key !== 'phone-home' && !isNothing(data[key])))
    map.left('cloud-init', why);
  map.found.boots.push({
    at: map.at,
    hosts: map.texts('hosts'),
    macs: map.macs('macs'),
    nids: map.numbers('nids'),
    ...map.kernel(),
    addsIdentity: true,
  });
}
