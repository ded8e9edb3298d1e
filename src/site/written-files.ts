import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { eachCloudInitPart } from './each-cloud-init-part.ts';
import type { Node, Site } from './model.ts';

/** An entry of `write_files`. */
export interface WrittenFile {
  readonly node: Draft<Node>;
  /** The map; it knows where its keys stand. */
  readonly entry: {
    readonly path?: string | undefined;
    readonly content?: string | undefined;
    readonly encoding?: string | undefined;
  };
}

/** An entry of `write_files` of cloud-config, which is of somebody else's format: anything may stand there. */
export interface CloudInitFile {
  readonly node: Draft<Node>;
  readonly name: 'user_data' | 'vendor_data';
  readonly entry: unknown;
  readonly at: Place;
}

/** Gives every file that Harvester's configurations (`os.write_files`) or cloud-init (`write_files`) write on nodes. */
export function* writtenFiles(site: Draft<Site>): Iterable<WrittenFile> {
  for (const node of site.nodes ?? []) {
    for (const entry of node?.said?.os?.write_files ?? []) if (node && entry) yield { node, entry };
  }
  for (const { node, entry } of cloudInitFiles(site)) if (isEntry(entry)) yield { node, entry };
}

/** Gives every entry of `write_files` of cloud-config, whatever it is. */
export function* cloudInitFiles(site: Draft<Site>): Iterable<CloudInitFile> {
  for (const { node, name, part } of eachCloudInitPart(site)) {
    if (typeof part !== 'object' || !Array.isArray(part.write_files)) continue;
    const entries: readonly unknown[] = part.write_files;
    for (const [index, entry] of entries.entries()) yield { node, name, entry, at: placeOf(entries, index) };
  }
}

/** Says whether an entry of cloud-config is a map. */
export function isFileMap(entry: unknown): entry is Readonly<Record<string, unknown>> {
  return typeof entry === 'object' && entry !== null && !Array.isArray(entry);
}

function isEntry(entry: unknown): entry is WrittenFile['entry'] {
  if (!isFileMap(entry)) return false;
  const { path = '', content = '', encoding = '' } = entry;
  return [path, content, encoding].every((value) => typeof value === 'string');
}
