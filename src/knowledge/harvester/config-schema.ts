import { schemaOf, schemaPart } from '../tables/schemas.ts';

/** A part of schema/harvester/config.schema.json: JSON Schema, and what harvgen knows of the releases beside it. */
export interface ConfigSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, ConfigSchema>>;
  readonly additionalProperties?: boolean | ConfigSchema;
  readonly propertyNames?: ConfigSchema;
  readonly items?: ConfigSchema;
  readonly required?: readonly string[];
  readonly $ref?: string;
  /** What a value must be, in words. */
  readonly 'x-expects'?: string;
  /** The first release that has the key. */
  readonly 'x-since'?: string;
  /** The last release that has it. */
  readonly 'x-until'?: string;
  /** Releases between the two that lack it. */
  readonly 'x-absent'?: readonly string[];
  /** JSON types and values that are taken only from a later release on. */
  readonly 'x-since-types'?: Readonly<Record<string, string>>;
  readonly 'x-since-values'?: Readonly<Record<string, string>>;
  /** A key beside it that serves in releases that lack it. */
  readonly 'x-instead'?: string;
  /** How that other key differs, as a clause. */
  readonly 'x-instead-how'?: string;
  /** Why the key changes nothing, and from which release on where it once did. */
  readonly 'x-no-effect'?: string;
  readonly 'x-no-effect-since'?: string;
  /** Why the key is the installer's own affair. */
  readonly 'x-internal'?: string;
  /** The modes in which the installer looks at the key, and those in which it stops without it. */
  readonly 'x-modes'?: readonly string[];
  readonly 'x-required'?: readonly string[];
  /** Whether the value is a secret. */
  readonly 'x-secret'?: boolean;
}

const CONFIG_SCHEMA = 'harvester/config.schema.json';

const followed = new WeakMap<ConfigSchema, ConfigSchema>();

/** Gives the annotated schema of Harvester's configuration, over all releases. */
export function configSchema(): ConfigSchema {
  return schemaOf(CONFIG_SCHEMA) as ConfigSchema;
}

/** Gives a part of the schema with its reference followed: what it refers to, and over that what it says itself. */
export function follow(part: ConfigSchema): ConfigSchema {
  if (part.$ref === undefined) return part;
  const known = followed.get(part);
  if (known) return known;
  const { $ref, ...own } = part;
  const whole = { ...follow(schemaPart(CONFIG_SCHEMA, $ref.slice(1))), ...own };
  followed.set(part, whole);
  return whole;
}
