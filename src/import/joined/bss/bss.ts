import { keyPlaceOf, selfPlace } from '../../../source/origin.ts';
import { isValueMap, type ValueMap } from '../../../source/value.ts';
import { Notes } from '../../notes.ts';
import { concealKey } from '../conceal-key.ts';
import type { GatheredBoot } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { Reader, readValue, rootPlace } from '../reader.ts';

/** Boot parameters as BSS of OpenCHAMI answers or takes them, in JSON or, as `ochami bss` takes them, in YAML. */
export const bss: JoinedKind = {
  name: 'bss',
  what: 'boot parameters of BSS of OpenCHAMI: what hosts, macs and nids boot, by kernel, initrd and params',
  isLike: ({ text }) =>
    /(^|[\s{,])"?(params|kernel)"?\s*:/.test(text) &&
    !/(^|[\s{,])"?(apiVersion|Components|nodes|site|maclist)"?\s*:/.test(text),
  read(source, report) {
    // It may hold secrets anywhere.
    concealKey(source, 'cloud-init');
    const value = readValue(source, report);
    if (value === undefined) return undefined;
    const reader = new Reader(new Notes(), report);
    const maps = reader.maps(value, 'What BSS answers', rootPlace(value, source));
    const stranger = maps.find((map) => !isEntry(map));
    if (stranger)
      report.error({
        code: 'import-kind',
        message:
          'These are no boot parameters of BSS: they have hosts, macs or nids, and kernel, initrd or params.',
        at: selfPlace(stranger),
        help: 'give what BSS answers at /boot/v1/bootparameters',
      });
    const boots = maps.map((map) => bootOf(map, reader));
    return report.failed ? undefined : { machines: [], boots, notes: reader.notes.sorted() };
  },
};

const KEYS = ['hosts', 'macs', 'nids', 'params', 'kernel', 'initrd'];

function isEntry(map: ValueMap): boolean {
  return [...KEYS, 'cloud-init'].some((key) => Object.hasOwn(map, key));
}

/** Gives one entry. Source: OpenCHAMI/bss, pkg/bssTypes/types.go (BootParams). */
function bootOf(map: ValueMap, reader: Reader): GatheredBoot {
  const cloudInit = map['cloud-init'];
  if (
    isValueMap(cloudInit) &&
    Object.entries(cloudInit).some(([key, held]) => key !== 'phone-home' && !isEmpty(held))
  )
    reader.notes.add(
      'left',
      'cloud-init',
      'meta-data and user-data of BSS: write them as cloud_init of the nodes, or of a group; BSS itself handed them out at its own URLs alone',
      keyPlaceOf(map, 'cloud-init'),
    );
  reader.rest(map, [...KEYS, 'cloud-init'], {}, '');
  return {
    at: selfPlace(map),
    hosts: reader.texts(map, 'hosts'),
    macs: reader.macs(map, 'macs'),
    nids: reader.numbers(map, 'nids'),
    kernel: reader.text(map, 'kernel'),
    initrd: reader.text(map, 'initrd'),
    params: reader.text(map, 'params'),
  };
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}
