import { type CreateNodeOptions, type DocumentOptions, stringify, type ToStringOptions } from 'yaml';
import type { HarvesterConfig } from '../../inventory/harvester-config.gen.ts';
import { markSecrets } from '../../inventory/secrets.ts';

/**
 * How every Harvester release reads the same: strings in double quotes, bare booleans and integers, one document. Up to
 * v1.2.1 the installer reads YAML 1.1 (hence keys quoted where 1.1 would see more than text), later ones YAML 1.2.
 */
const PORTABLE: DocumentOptions & CreateNodeOptions & ToStringOptions = {
  version: '1.1',
  directives: false,
  defaultStringType: 'QUOTE_DOUBLE',
  defaultKeyType: 'PLAIN',
  lineWidth: 0,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  aliasDuplicateObjects: false,
};

/**
 * Renders a Harvester configuration as YAML. Secrets become the marks that the boot server fills in; a map as the value
 * of a system setting becomes JSON, since the installer takes nothing but strings there.
 */
export function renderConfig(config: HarvesterConfig): string {
  const settings = config.system_settings as Record<string, unknown> | undefined;
  const plain = marked(settings ? { ...config, system_settings: settingsAsText(settings) } : config);
  // What YAML 1.1 takes for a line break inside of quotes must not stand there as it is.
  return stringify(plain, PORTABLE).replace(/[\u0085\u2028\u2029\ufeff]/g, escapeUnicode);
}

function settingsAsText(settings: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : value,
    ]),
  );
}

function marked(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('${') ? markSecrets(value) : value;
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, marked(item)]));
}

function escapeUnicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
