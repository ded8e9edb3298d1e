import type { Node } from '../../site/model.ts';
import { configPath, phsConfigPath, phsScriptPath, scriptPath, WWW } from '../paths.ts';
import type { Emitted, Target } from '../target.ts';
import { phsList } from './phs-list.ts';

/** What a phs lists all of its nodes as, below the document root. */
const PHS_LIST = 'all';

/**
 * What older boot servers answered, as files for web servers that know nothing but files: the same bytes by another name.
 * nginx needs none of them but the list.
 */
export const compat: Target = {
  name: 'compat',
  *emit(site, _, made) {
    if (site.server.compat.includes('phs')) {
      const files = new Map(made.map((file) => [file.path, file]));
      for (const node of site.nodes) if (node.bootNic.mac) yield* phsFiles(node, files);
    }
    if (site.server.compat.includes('phs-all'))
      yield { path: `${WWW}/${PHS_LIST}`, content: `${JSON.stringify(phsList(site))}\n` };
  },
};

function* phsFiles(node: Node, made: ReadonlyMap<string, Emitted>): Iterable<Emitted> {
  for (const [from, to] of [
    [scriptPath(node), phsScriptPath(node)],
    [configPath(node), phsConfigPath(node)],
  ]) {
    const file = made.get(`${WWW}/${from}`);
    if (file) yield { path: `${WWW}/${to}`, content: file.content };
  }
}
