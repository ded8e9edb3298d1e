import { basename } from 'node:path';
import { isValueMap } from '../../source/origin.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { machineFor, scriptCalled } from './file-reader.ts';
import { readingMaps } from './map-reader.ts';

/** The keys that a configuration has beside values of its own, in any spelling that the installer accepts. */
const KEYS = /^(?:scheme_?version|server_?url|install|os)$/i;

/** A configuration file of the Harvester installer, for one node: config-create.yaml and config-join.yaml of ipxe-examples. */
export const harvester: JoinedFormat = {
  name: 'harvester',
  what: 'a configuration of the Harvester installer for one node, as config-create.yaml of harvester/ipxe-examples',
  isLike: ({ text }) => /^["']?(?:scheme_?version|server_?url)["']?[ \t]*:/im.test(text),
  read: readingMaps((value, reader) => {
    const { source } = reader;
    const at = reader.rootLocation(value);
    if (value === null) return;
    if (!isValueMap(value) || !Object.keys(value).some((key) => KEYS.test(key)))
      reader.refuse(
        'The file is not a configuration of the Harvester installer: it has neither install nor os.',
        'use the file at harvester.install.config_url of the installer',
        { at },
      );
    else {
      const file = source.file === '-' ? undefined : basename(source.file);
      // As in trees of harvgen, the name can be the MAC address.
      const named = scriptCalled((file ?? '').replace(/\.(?:ya?ml|json)$/i, ''));
      const machine = named?.by === 'mac' ? machineFor(named, at) : undefined;
      reader.found.machines.push({ ...machine, at, harvester: { config: value, file } });
    }
  }),
};
