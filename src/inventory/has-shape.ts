import { schemaOf } from '../tables/schemas.ts';
import { FORMATS } from './formats.ts';

/** What a schema says, as far as the schemas of an inventory say anything that can be checked. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Record<string, Schema>;
  readonly patternProperties?: Record<string, Schema>;
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

const CHECKED = new Set([
  ...['$ref', 'type', 'enum', 'anyOf', 'pattern', 'format', 'minLength', 'maxLength', 'minimum', 'maximum'],
  ...['items', 'minItems', 'maxItems', 'properties', 'patternProperties', 'additionalProperties'],
  ...['propertyNames', 'required', 'minProperties', 'maxProperties'],
]);

/** What says nothing of values; so do our own annotations, `x-…`. */
const SILENT = new Set(['$schema', '$defs', '$comment', 'title', 'description', 'examples']);

/**
 * Says whether the shape of an inventory is right by schema/site.schema.json. It finds no faults: that takes code of a
 * megabyte, which is loaded where there are any. Where it says yes, `checkShape` has nothing to say.
 */
export function hasShape(inventory: unknown): boolean {
  root ??= shapeOf('site.schema.json', '');
  return root.accepts(inventory);
}

let root: Shape | undefined;

/** The schemas that others refer to, by file and pointer. */
const known = new Map<string, Shape>();

function shapeOf(file: string, pointer: string): Shape {
  const name = `${file}#${pointer}`;
  let shape = known.get(name);
  if (!shape) {
    const schema = pointer
      .split('/')
      .slice(1)
      .reduce((at, key) => (at as Record<string, object>)[key] as object, schemaOf(file));
    shape = new Shape(schema as Schema, file);
    known.set(name, shape);
  }
  return shape;
}

/** A schema, made ready to check many values when it is met first: of most of it a site has none. */
class Shape {
  readonly #schema: Schema;
  readonly #file: string;
  /** What it takes of each type; undefined for one that it does not take. */
  #types: ReadonlySet<string> | undefined;
  #isReady = false;
  /** Whether all that it says is known here. */
  #isKnown = true;
  /** Whether it says anything of texts beside that they are some. */
  #hasTexts = false;
  #isSchemaOfMap = false;
  #target: Shape | undefined;
  #any: readonly Shape[] | undefined;
  #pattern: RegExp | undefined;
  #format: ((text: string) => boolean) | undefined;
  #items: Shape | undefined;
  #names: Shape | undefined;
  #others: Shape | false | undefined;
  #patterns: readonly (readonly [RegExp, Shape])[] = [];
  readonly #properties = new Map<string, Shape>();

  constructor(schema: Schema, file: string) {
    this.#schema = schema;
    this.#file = file;
  }

  /** Says whether a value is right. */
  accepts(value: unknown): boolean {
    if (!this.#isReady) this.#prepare();
    if (!this.#isKnown) return false;
    if (this.#target && !this.#target.accepts(value)) return false;
    if (this.#any && !this.#any.some((one) => one.accepts(value))) return false;
    if (this.#types && !this.#isOfType(value, this.#types)) return false;
    if (this.#schema.enum && !this.#schema.enum.includes(value)) return false;
    if (typeof value === 'string') return !this.#hasTexts || this.#acceptsText(value);
    if (typeof value === 'number') return this.#acceptsNumber(value);
    if (typeof value !== 'object' || value === null) return true;
    return Array.isArray(value)
      ? this.#acceptsList(value)
      : !this.#isSchemaOfMap || this.#acceptsMap(value as Record<string, unknown>);
  }

  #prepare(): void {
    this.#isReady = true;
    const schema = this.#schema;
    this.#isKnown = Object.keys(schema).every(
      (key) => CHECKED.has(key) || SILENT.has(key) || key.startsWith('x-'),
    );
    const { type, format, pattern, anyOf, items, propertyNames, additionalProperties, $ref } = schema;
    if (type !== undefined) this.#types = new Set(typeof type === 'string' ? [type] : type);
    if ($ref !== undefined) {
      const [file = '', pointer = ''] = $ref.split('#');
      this.#target = shapeOf(file || this.#file, pointer);
    }
    this.#any = anyOf?.map((one) => this.#below(one));
    if (pattern !== undefined) this.#pattern = new RegExp(pattern, 'u');
    if (format !== undefined) {
      this.#format = FORMATS[format];
      if (!this.#format) this.#isKnown = false;
    }
    this.#hasTexts = !!(this.#pattern || this.#format || schema.minLength || schema.maxLength);
    if (items) this.#items = this.#below(items);
    if (propertyNames) this.#names = this.#below(propertyNames);
    if (typeof additionalProperties === 'object') this.#others = this.#below(additionalProperties);
    else if (additionalProperties === false) this.#others = false;
    this.#patterns = Object.entries(schema.patternProperties ?? {}).map(([form, one]) => [
      new RegExp(form, 'u'),
      this.#below(one),
    ]);
    this.#isSchemaOfMap = [
      ...[schema.properties, schema.patternProperties, additionalProperties, propertyNames],
      ...[schema.required, schema.minProperties, schema.maxProperties],
    ].some((said) => said !== undefined);
  }

  #below(schema: Schema): Shape {
    return new Shape(schema, this.#file);
  }

  #isOfType(value: unknown, types: ReadonlySet<string>): boolean {
    switch (typeof value) {
      case 'string':
        return types.has('string');
      case 'boolean':
        return types.has('boolean');
      case 'number':
        return (
          Number.isFinite(value) && (types.has('number') || (types.has('integer') && Number.isInteger(value)))
        );
      case 'object':
        if (value === null) return types.has('null');
        return types.has(Array.isArray(value) ? 'array' : 'object');
      default:
        return false;
    }
  }

  #acceptsText(text: string): boolean {
    const { minLength = 0, maxLength = Infinity } = this.#schema;
    if (this.#pattern && !this.#pattern.test(text)) return false;
    if (this.#format && !this.#format(text)) return false;
    if (minLength === 0 && text.length <= maxLength) return true;
    const { length } = [...text];
    return length >= minLength && length <= maxLength;
  }

  #acceptsNumber(number: number): boolean {
    const { minimum = -Infinity, maximum = Infinity } = this.#schema;
    return number >= minimum && number <= maximum;
  }

  #acceptsList(list: readonly unknown[]): boolean {
    const { minItems = 0, maxItems = Infinity } = this.#schema;
    if (list.length < minItems || list.length > maxItems) return false;
    const items = this.#items;
    return !items || list.every((item) => items.accepts(item));
  }

  #acceptsMap(map: Record<string, unknown>): boolean {
    const { required, minProperties = 0, maxProperties = Infinity } = this.#schema;
    if (required) for (const key of required) if (map[key] === undefined) return false;
    let count = 0;
    for (const key in map) {
      count += 1;
      if (this.#names && !this.#names.accepts(key)) return false;
      if (!this.#acceptsKey(key, map[key])) return false;
    }
    return count >= minProperties && count <= maxProperties;
  }

  #acceptsKey(key: string, value: unknown): boolean {
    const own = this.#properties.get(key) ?? this.#property(key);
    if (own && !own.accepts(value)) return false;
    let isMatched = own !== undefined;
    for (const [pattern, shape] of this.#patterns) {
      if (!pattern.test(key)) continue;
      isMatched = true;
      if (!shape.accepts(value)) return false;
    }
    if (isMatched || this.#others === undefined) return true;
    return this.#others !== false && this.#others.accepts(value);
  }

  #property(key: string): Shape | undefined {
    const { properties } = this.#schema;
    if (!properties || !Object.hasOwn(properties, key)) return undefined;
    const shape = this.#below(properties[key] as Schema);
    this.#properties.set(key, shape);
    return shape;
  }
}
