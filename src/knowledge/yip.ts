import { factsOf } from './facts.ts';
import type { ManifestSchema } from './manifest-schema.ts';

const facts = () => factsOf<{ readonly file: ManifestSchema; readonly stages: readonly string[] }>('yip');

/**
 * Returns the schema of a file of yip, the program that configures Harvester nodes at each boot. It is of the yip of the nodes; a key
 * that this would ignore is unknown. yip decodes all files of /oem or none.
 */
export function yipFile(): ManifestSchema {
  return facts().file;
}

/** Returns the stages that a node runs: before and after each one, another one. */
export function yipStages(): string[] {
  return facts().stages.flatMap((name) => [name, `${name}.before`, `${name}.after`]);
}
