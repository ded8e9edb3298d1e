import { readFileSync } from 'node:fs';
import { fileOfPackage } from '../values/package.ts';

const read = new Map<string, object>();

/** Gives a schema of `schema/` by its path there, such as `harvester/config.schema.json`. Read once. */
export function schemaOf(path: string): object {
  let schema = read.get(path);
  if (!schema) {
    schema = JSON.parse(readFileSync(fileOfPackage(`schema/${path}`), 'utf8')) as object;
    read.set(path, schema);
  }
  return schema;
}

/** Gives the part of a schema that a pointer such as `/$defs/node` leads to. */
export function schemaPart(path: string, pointer: string): object {
  return pointer
    .split('/')
    .slice(1)
    .reduce<object>((at, key) => (at as Record<string, object>)[key] as object, schemaOf(path));
}
