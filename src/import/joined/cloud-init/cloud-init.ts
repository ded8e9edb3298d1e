import { keyPlaceOf, type Place, selfPlace } from '../../../source/origin.ts';
import { isValueMap, type Value, type ValueMap } from '../../../source/value.ts';
import { quoteVisibly } from '../../names.ts';
import { Notes } from '../../notes.ts';
import { concealKey } from '../conceal-key.ts';
import type { GatheredCluster, GatheredGroup, GatheredMachine, GatheredNetwork, Said } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { Reader, readValue, rootPlace } from '../reader.ts';
import { bootNetworkOf, clusterOf, isCluster } from './cluster.ts';
import { groupOf, isGroup } from './group.ts';
import { instanceOf, isInstance } from './instance.ts';

/** What the cloud-init server of OpenCHAMI answers or takes: groups, defaults of the cluster, and what is said of one node. */
export const cloudInit: JoinedKind = {
  name: 'cloud-init',
  what: "groups, cluster defaults or instance info of OpenCHAMI's cloud-init server",
  isLike: ({ text }) =>
    /(^|[\s{,])"?(cluster-name|nid-length|short-name|boot-subnet|local-hostname|instance-id)"?\s*:/.test(
      text,
    ) ||
    (/(^|[\s{,])"?file"?\s*:/.test(text) && /(^|[\s{,])"?content"?\s*:/.test(text)),
  read(source, report) {
    // Whatever secrets it holds are not to be told from the rest, in base64 least of all.
    concealKey(source, 'content');
    const value = readValue(source, report);
    if (value === undefined) return undefined;
    const reader = new Reader(new Notes(), report);
    const found = new Found(reader);
    if (value !== null && !found.take(value, rootPlace(value, source)))
      report.error({
        code: 'import-kind',
        message: 'This is nothing that the cloud-init server of OpenCHAMI answers.',
        at: rootPlace(value, source),
        help: 'give what it answers at /cloud-init/admin/groups or /cloud-init/admin/cluster-defaults, or what was put into it',
      });
    if (report.failed) return undefined;
    const { machines, groups, networks, cluster } = found;
    return { machines, groups, networks, cluster, notes: reader.notes.sorted() };
  },
};

/** What a file holds, by what only such objects have. */
class Found {
  readonly machines: GatheredMachine[] = [];
  readonly groups: GatheredGroup[] = [];
  readonly networks: GatheredNetwork[] = [];
  cluster: GatheredCluster | undefined;
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Takes a list of objects, a map of groups by their names, or one object; says whether it was the server's. */
  take(value: Value, at: Place): boolean {
    if (Array.isArray(value)) return this.#reader.maps(value, 'The list', at).every((map) => this.#one(map));
    if (!isValueMap(value)) return false;
    if (this.#one(value)) return true;
    const names = Object.keys(value);
    return (
      names.length > 0 &&
      names.every((name) => {
        const held = value[name];
        return isValueMap(held) && this.#group(held, { value: name, at: keyPlaceOf(value, name) });
      })
    );
  }

  #one(map: ValueMap): boolean {
    if (isInstance(map)) this.machines.push(...instanceOf(map, this.#reader));
    else if (isCluster(map)) this.#cluster(map);
    else return this.#group(map);
    return true;
  }

  #group(map: ValueMap, name?: Said<string>): boolean {
    if (!isGroup(map)) return false;
    const group = groupOf(map, name, this.#reader);
    if (group) this.groups.push(group);
    return true;
  }

  #cluster(map: ValueMap): void {
    if (this.cluster)
      this.#reader.notes.add(
        'left',
        quoteVisibly('cluster defaults'),
        'a site has one cluster of these: the first counts',
        selfPlace(map),
      );
    this.cluster ??= clusterOf(map, this.#reader);
    this.networks.push(...bootNetworkOf(map, this.#reader));
  }
}
