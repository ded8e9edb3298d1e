import type { HarvesterConfig } from '../../knowledge/harvester-config.gen.ts';
import { asWritten, markText } from '../../secrets/config-marks.ts';
import type { Node } from '../../site/model.ts';
import { configPath, WWW } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { renderYaml } from '../render-yaml.ts';
import type { Target } from '../target.ts';

/** The Harvester configuration of each node: what its installer fetches. */
export const config: Target = {
  name: 'config',
  *emit(site) {
    for (const node of site.nodes) {
      if (node.os !== 'harvester') continue;
      yield new LazyFile(`${WWW}/${configPath(node)}`, textOf, node);
    }
  },
};

function textOf(node: Node): string {
  return `# ${node.name}: ${node.mode} node of ${node.cluster?.name}\n${renderConfig(node.config)}`;
}

/**
 * Renders a Harvester configuration as YAML, which installers up to v1.2.1 read by YAML 1.1, and later ones by YAML 1.2.
 * Secrets become the marks that the boot server fills in; a map as the value
 * of a system setting becomes JSON, since the installer takes nothing but strings there.
 */
export function renderConfig(config: HarvesterConfig): string {
  return renderYaml(asWritten(config), markText);
}
