import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { checkObject } from '../../src/inventory/check-object.ts';
import type { ManifestSchema } from '../../src/knowledge/manifest-schema.ts';
import { yipFile } from '../../src/knowledge/yip.ts';
import { readYamlMap } from '../../src/site/cloud-config.ts';
import type { ValueMap } from '../../src/source/origin.ts';
import { Source } from '../../src/source/source.ts';

/** Returns why a text is not a file that each yip understands as it is written: the errors of the schema, and of YAML. */
export function yipErrors(text: string): string[] {
  // The first line decides between the formats.
  if (text.startsWith('#cloud-config')) return ['cloud-config'];
  const map = readYamlMap(new Source('file', text));
  if (!map || parse(text) === null) return ['not a map in YAML'];
  if (!isDeepStrictEqual(parse(text, { version: '1.1' }), parse(text))) return ['another value in YAML 1.1'];
  const errors: string[] = [];
  const report = { error: ({ message }: { readonly message: string }) => errors.push(message) };
  checkObject(map as ValueMap, 'file', exactly(yipFile()), undefined, report);
  return errors;
}

/** Returns the schema of what every yip understands without converting numbers to texts, and without the key that v1.9 lacks. */
function exactly(schema: ManifestSchema): ManifestSchema {
  const { type, properties, items, additionalProperties, ...others } = schema;
  const inner = Object.entries(properties ?? {}).filter(([key]) => key !== 'modules');
  return {
    ...others,
    ...(type && { type: Array.isArray(type) ? 'string' : type }),
    ...(properties && {
      properties: Object.fromEntries(inner.map(([key, part]) => [key, exactly(part)])),
    }),
    ...(items && { items: exactly(items), minItems: 1 }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: exactly(additionalProperties) }),
  };
}
