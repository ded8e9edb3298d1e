import { basename } from 'node:path';
import { isValueMap } from '../../source/origin.ts';
import { machineFor, scriptCalled } from './file-reader.ts';
import { mapFormat } from './map-reader.ts';

/** The keys that a configuration has beside values of its own, in any spelling that the installer accepts. */
const KEYS = /^(?:scheme_?version|server_?url|install|os)$/i;

/** A configuration file of the Harvester installer, for one node: config-create.yaml and config-join.yaml of ipxe-examples. */
export const harvester = mapFormat({
  name: 'harvester',
  what: 'a configuration of the Harvester installer for one node, as config-create.yaml of harvester/ipxe-examples',
  isLike: ({ text }) => /^["']?(?:scheme_?version|server_?url)["']?[ \t]*:/im.test(text),
  refusal: [
    'The file is not a configuration of the Harvester installer: it has neither install nor os.',
    'use the file at harvester.install.config_url of the installer',
  ],
  add(value, file) {
    if (!isValueMap(value) || !Object.keys(value).some((key) => KEYS.test(key))) return value;
    const at = file.rootLocation(value);
    const name = file.source.file === '-' ? undefined : basename(file.source.file);
    // As in trees of harvgen, the name can be the MAC address.
    const named = scriptCalled((name ?? '').replace(/\.(?:ya?ml|json)$/i, ''));
    const machine = named?.by === 'mac' ? machineFor(named, at) : undefined;
    file.found.machines.push({ ...machine, at, harvester: { config: value, file: name } });
    return undefined;
  },
});
