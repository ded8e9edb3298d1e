import { configPath, WWW } from '../paths.ts';
import type { Target } from '../target.ts';
import { renderConfig } from './render-config.ts';

/** The Harvester configuration of each node: what its installer fetches. */
export const config: Target = {
  name: 'config',
  *emit(site) {
    for (const node of site.nodes) {
      if (node.os !== 'harvester') continue;
      yield {
        path: `${WWW}/${configPath(node)}`,
        content: `# ${node.name}: ${node.mode} node of ${node.cluster?.name}\n${renderConfig(node.config)}`,
      };
    }
  },
};
