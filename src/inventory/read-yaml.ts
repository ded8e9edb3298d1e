import type { Report } from '../source/diagnostics/report.ts';
import type { Source } from '../source/origin.ts';
import type { ValueMap } from '../source/value.ts';
import { readPlainYaml } from './plain-yaml.ts';

/**
 * Reads the YAML text of one file as `parseYaml` does: the usual way of writing it by itself, and anything else, or what
 * has a fault, by the reader of all YAML, which is loaded then.
 */
export async function readYaml(source: Source, report: Report): Promise<ValueMap | undefined> {
  const map = readPlainYaml(source);
  if (map) return map;
  const { parseYaml } = await import('./parse.ts');
  return parseYaml(source, report);
}
