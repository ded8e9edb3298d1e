import { configToWrite } from '../../site/derive-config.ts';
import type { Node } from '../../site/model.ts';
import { LazyFile } from '../../tree/lazy-file.ts';
import { configPath, WWW } from '../../tree/paths.ts';
import type { Target } from '../target.ts';
import { renderConfig } from './render-config.ts';

/** The Harvester configuration of each node: what its installer fetches. */
export const config: Target = {
  name: 'config',
  *emit(site) {
    for (const node of site.nodes) {
      if (node.os !== 'harvester') continue;
      yield new LazyFile(`${WWW}/${configPath(node)}`, configOf, node);
    }
  },
};

function configOf(node: Node): string {
  const { name, mode, cluster } = node;
  return `# ${name}: ${mode} node of ${cluster?.name}\n${renderConfig(configToWrite(node))}`;
}
