import { dirname, resolve } from 'node:path';
import { Report } from '../source/diagnostics/report.ts';
import type { ValueMap } from '../source/origin.ts';
import { Source } from '../source/source.ts';
import { type Disk, isIgnoredFile, reportUnreadable } from './disk.ts';
import type { InventoryFiles } from './files.ts';
import { warnUnread, whyNotRead } from './find-yaml.ts';
import { filesBelow } from './own-files.ts';
import { parseObjects } from './parse.ts';
import { checkSecrets } from './secrets.ts';

/** A Kubernetes object as it is written in a file below `manifests/`. */
export interface ManifestDocument {
  readonly map: ValueMap;
  /** The directory below `manifests/`: the name of the cluster that the object is for; undefined for every cluster. */
  readonly cluster: string | undefined;
  /** The number of the layer: a higher one takes precedence. */
  readonly layer: number;
  /** Whether the file is in the site's own directory. */
  readonly isOwn: boolean;
}

/** The documents of a site's manifests, and whether an error may have removed any. */
export interface ManifestDocuments {
  readonly documents: readonly ManifestDocument[];
  readonly areComplete: boolean;
}

/**
 * Reads the Kubernetes objects of a site: the YAML files in `manifests/` of its directory. Those in `manifests/` beside an included
 * file are lower layers, in the order of the includes. Reports unreadable files, and warns of files that are not read.
 */
export function readManifests(
  { own, included }: InventoryFiles,
  report: Report,
  disk: Disk,
): ManifestDocuments {
  const [root] = own;
  if (!root) return { documents: [], areComplete: true };
  const site = dirname(root.path);
  // The last layer of a directory counts, as for its files.
  const folders = [...new Set([site, ...included.map(({ path }) => dirname(path)).reverse()])].reverse();
  const found = new Report();
  const documents = folders.flatMap((folder, layer) =>
    documentsIn(folder, found, disk).map((document) => ({ ...document, layer, isOwn: folder === site })),
  );
  report.with(found);
  return { documents, areComplete: !found.failed };
}

/** Files of documentation, which a directory may contain. */
const TEXTS = /\.(md|txt)$/i;

function documentsIn(
  folder: string,
  report: Report,
  disk: Disk,
): Pick<ManifestDocument, 'map' | 'cluster'>[] {
  return filesBelow(folder, 'manifests', isIgnoredFile, report, disk).flatMap(({ path, file }) => {
    if (TEXTS.test(path)) return [];
    if (whyNotRead(file) !== undefined) {
      warnUnread(file, report);
      return [];
    }
    const slash = path.lastIndexOf('/');
    const cluster = slash < 0 ? undefined : path.slice(0, slash);
    return objectsIn(file, report, disk).map((map) => ({ map, cluster }));
  });
}

function objectsIn(file: string, report: Report, disk: Disk): readonly ValueMap[] {
  let text: string;
  try {
    text = disk.text(resolve(file));
  } catch (error) {
    reportUnreadable(file, error, report);
    return [];
  }
  const objects = parseObjects(new Source(file, text), report);
  for (const object of objects) checkSecrets(object, report);
  return objects;
}
