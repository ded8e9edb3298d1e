import type { HarvesterConfig } from '../../knowledge/harvester-config.gen.ts';
import { asWritten, markText } from '../../secrets/mark-config.ts';
import { renderYaml } from '../render-yaml.ts';

/**
 * Renders a Harvester configuration as YAML, which installers up to v1.2.1 read by YAML 1.1, and later ones by YAML 1.2.
 * Secrets become the marks that the boot server fills in; a map as the value
 * of a system setting becomes JSON, since the installer takes nothing but strings there.
 */
export function renderConfig(config: HarvesterConfig): string {
  return renderYaml(asWritten(config), markText);
}
