import { selfPlace } from '../../../source/origin.ts';
import type { ValueMap } from '../../../source/value.ts';
import { quoteVisibly } from '../../names.ts';
import type { GatheredBoot } from '../gathered.ts';
import type { Reader } from '../reader.ts';

/**
 * Gives what an object BootConfiguration says. One of a profile that is only handed out on request is noted.
 * Source: OpenCHAMI/boot-service, apis/boot.openchami.io/v1/bootconfiguration_types.go.
 */
export function configurationOf(map: ValueMap, reader: Reader): GatheredBoot[] {
  const spec = reader.mapIn(map, 'spec');
  reader.rest(
    map,
    ['apiVersion', 'kind', 'metadata', 'spec', 'schemaVersion'],
    { status: 'a state of the moment, which a site has not' },
    '',
  );
  if (!spec) return [];
  const taken = ['hosts', 'macs', 'nids', 'groups', 'kernel', 'initrd', 'params', 'priority', 'profile'];
  reader.rest(spec, taken, {}, 'spec ');
  const profile = reader.text(spec, 'profile');
  if (profile && profile.value !== 'default')
    reader.notes.add(
      'changed',
      quoteVisibly(profile.value),
      'boot-service handed it out where this profile was asked for, too: a node of a site boots by the profiles that it lists',
      profile.at,
    );
  const hosts = [...reader.texts(spec, 'hosts'), ...reader.texts(spec, 'groups')];
  const macs = reader.macs(spec, 'macs');
  const nids = reader.numbers(spec, 'nids');
  const isForAll = hosts.length + macs.length + nids.length === 0;
  return [
    {
      at: selfPlace(map),
      hosts: isForAll ? [{ value: 'Default', at: selfPlace(map) }] : hosts,
      macs,
      nids,
      kernel: reader.text(spec, 'kernel'),
      initrd: reader.text(spec, 'initrd'),
      params: reader.text(spec, 'params'),
      priority: reader.number(spec, 'priority')?.value,
    },
  ];
}
