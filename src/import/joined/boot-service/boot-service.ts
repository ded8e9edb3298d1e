import { selfPlace } from '../../../source/origin.ts';
import { isValueMap, type Value, type ValueMap } from '../../../source/value.ts';
import { quoteVisibly } from '../../names.ts';
import { Notes } from '../../notes.ts';
import type { GatheredBoot, GatheredMachine } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { Reader, readValue, rootPlace } from '../reader.ts';
import { configurationOf } from './configuration.ts';
import { listedNode, nodeObject } from './node.ts';

/** What boot-service of OpenCHAMI, which comes after BSS, reads and answers: its file of nodes, nodes, and what they boot. */
export const bootService: JoinedKind = {
  name: 'boot-service',
  what: "the file of nodes of OpenCHAMI's boot-service, or its objects Node and BootConfiguration",
  isLike: ({ text }) =>
    /(^|[\s{,])"?(boot_mac|ethernet_interfaces)"?\s*:/.test(text) && /(^|[\s{,])"?nodes"?\s*:/.test(text)
      ? true
      : /(^|[\s{,])"?apiVersion"?\s*:\s*"?boot\.openchami\.io\//.test(text) ||
        /(^|[\s{,])"?kind"?\s*:\s*"?BootConfiguration\b/.test(text),
  read(source, report) {
    const value = readValue(source, report);
    if (value === undefined) return undefined;
    const reader = new Reader(new Notes(), report);
    const machines: GatheredMachine[] = [];
    const boots: GatheredBoot[] = [];
    for (const map of reader.maps(value, 'The file', rootPlace(value, source))) {
      const kind = kindOf(map);
      if (kind === 'nodes') {
        reader.rest(map, ['nodes', 'version'], {}, '');
        machines.push(...reader.mapsIn(map, 'nodes').flatMap((node) => listedNode(node, reader) ?? []));
      } else if (kind === 'Node') machines.push(...nodeObject(map, reader));
      else if (kind === 'BootConfiguration') boots.push(...configurationOf(map, reader));
      else
        report.error({
          code: 'import-kind',
          message: `The file is none of boot-service: ${typeof map.kind === 'string' ? `${quoteVisibly(map.kind)} is no kind that is imported` : 'it has neither nodes nor a kind'}.`,
          at: selfPlace(map),
          help: 'give its file of nodes, or objects of the kinds Node and BootConfiguration',
        });
    }
    return report.failed ? undefined : { machines, boots, notes: reader.notes.sorted() };
  },
};

/** What an object is: as it says, else by what only such a one has. */
function kindOf(map: ValueMap): 'nodes' | 'Node' | 'BootConfiguration' | undefined {
  const { kind, spec, nodes } = map;
  if (kind === 'Node' || kind === 'BootConfiguration') return kind;
  if (kind === undefined && has(nodes)) return 'nodes';
  if (kind !== undefined || !isValueMap(spec)) return undefined;
  if (has(spec.kernel)) return 'BootConfiguration';
  return has(spec.xname) ? 'Node' : undefined;
}

function has(value: Value | undefined): boolean {
  return value !== undefined && value !== null;
}
