import { parseYaml } from '../../inventory/parse.ts';
import type { Place } from '../../source/origin.ts';
import type { ImportedSite, ImportKind, ImportWish } from '../kind.ts';
import { siteNameOf } from '../names.ts';
import { Notes } from '../notes.ts';
import { clustersOf, type PhsCluster } from './clusters.ts';
import { concealLikely, concealValues } from './conceal.ts';
import { answered, reportLostByMerge } from './looks-wrong.ts';
import { readPhsFile } from './read-file.ts';
import { inARow, serverOf } from './server.ts';
import { siteOf } from './site.ts';
import { noteUnused } from './unused.ts';

/** A data file of phs, andrehofman/harvester-bootstrapserver, of either generation. */
export const phs: ImportKind = {
  name: 'phs',
  what: 'the data file of phs, the HTTP iPXE server andrehofman/harvester-bootstrapserver; a site for each of its clusters',
  takes: ['harvesterVersion', 'server'],
  read(source, wish, report) {
    concealLikely(source);
    const root = parseYaml(source, report, '`server:` and `maclist:`');
    if (!root) return undefined;
    concealValues(root);
    const notes = new Notes();
    const file = readPhsFile(root, notes, report);
    if (!file) return undefined;
    const server = serverOf(file, source, wish, notes, report);
    noteUnused(file, notes);
    const nodes = answered(file, notes, report);
    reportLostByMerge(file, nodes, report);
    const clusters = clustersOf({ ...file, nodes });
    const names = namesOf(clusters, wish);
    // Who names one site and its server means that server.
    const isOne = wish.site !== undefined && wish.server !== undefined;
    const servers = server && !isOne ? inARow(server, clusters.length) : clusters.map(() => server);
    const sites = clusters.map((cluster, index) =>
      siteOf(
        cluster,
        {
          name: names[index] ?? '',
          next: isOne ? undefined : names[index + 1],
          server: servers[index],
          wish,
          fileNotes: notes.sorted().filter(({ at }) => !at || !isOfOthers(at, cluster, clusters)),
        },
        report,
      ),
    );
    if (report.failed) return undefined;
    return sites.filter((site): site is ImportedSite => site !== undefined);
  },
};

/** Whether a place is in the machines or entries of other clusters alone. */
function isOfOthers(at: Place, own: PhsCluster, clusters: readonly PhsCluster[]): boolean {
  const isIn = ({ nodes, blocks }: PhsCluster) =>
    [...nodes, ...blocks].some((one) => one.at.start <= at.start && at.end <= one.at.end);
  return !isIn(own) && clusters.some(isIn);
}

/** Names sites as the file labels their clusters, else as what is wished for or the folder, with numbers where there are several. */
function namesOf(clusters: readonly PhsCluster[], { site, folder }: ImportWish): string[] {
  if (site !== undefined && clusters.length === 1) return [site];
  const stem = siteNameOf(site ?? folder ?? '') ?? 'site';
  const taken = new Set<string>();
  return clusters.map(({ label }, index) => {
    const own = (label && siteNameOf(label.value)) ?? (clusters.length === 1 ? stem : `${stem}-${index + 1}`);
    let name = own;
    for (let number = 2; taken.has(name); number += 1) name = `${own}-${number}`;
    taken.add(name);
    return name;
  });
}
