import type { Draft } from './draft.ts';
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

/** Gives every file that Harvester's configurations (`os.write_files`) or cloud-init (`write_files`) write on nodes. */
export function* writtenFiles(site: Draft<Site>): Iterable<WrittenFile> {
  for (const node of site.nodes ?? []) {
    for (const entry of node?.said?.os?.write_files ?? []) if (node && entry) yield { node, entry };
  }
  for (const { node, part } of eachCloudInitPart(site)) {
    if (typeof part !== 'object' || !Array.isArray(part.write_files)) continue;
    for (const entry of part.write_files) if (isEntry(entry)) yield { node, entry };
  }
}

/** cloud-config is of somebody else's format: anything may stand there. */
function isEntry(entry: unknown): entry is WrittenFile['entry'] {
  if (typeof entry !== 'object' || entry === null) return false;
  const { path = '', content = '', encoding = '' } = entry as Readonly<Record<string, unknown>>;
  return [path, content, encoding].every((value) => typeof value === 'string');
}
