import { schemaOf } from '../knowledge/tables/schemas.ts';
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

function isSilent(key: string): boolean {
  return SILENT.has(key) || key.startsWith('x-');
}

/** What counts items or keys, and so is of lists alone, or of maps. */
const COUNTS = ['minItems', 'maxItems', 'minProperties', 'maxProperties'] as const;

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

/** Types of values, as bits. */
const TYPES: Readonly<Record<string, number>> = {
  string: 1,
  boolean: 2,
  integer: 4,
  number: 12,
  null: 16,
  array: 32,
  object: 64,
};
const ALL_TYPES = 127;

/** The type of a value, as the bit that says that a schema takes it; 0 for what none takes. */
function typeOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return 1;
    case 'boolean':
      return 2;
    case 'number':
      return Number.isInteger(value) ? 4 : Number.isFinite(value) ? 8 : 0;
    case 'object':
      if (value === null) return 16;
      return Array.isArray(value) ? 32 : 64;
    default:
      return 0;
  }
}

/** A schema, made ready to check many values when it is met first: of most of it a site has none. */
class Shape {
  readonly #schema: Schema;
  readonly #file: string;
  #isReady = false;
  /** Whether all that it says is known here. */
  #isKnown = true;
  #types = ALL_TYPES;
  /** Whether it says anything of types at all: then what has none is at fault. */
  #isTyped = false;
  #target: Shape | undefined;
  #any: readonly Shape[] | undefined;
  #values: ReadonlySet<unknown> | undefined;
  #pattern: RegExp | undefined;
  #format: ((text: string) => boolean) | undefined;
  #minLength = 0;
  #maxLength = Infinity;
  #minimum = -Infinity;
  #maximum = Infinity;
  #items: Shape | undefined;
  #minCount = 0;
  #maxCount = Infinity;
  #required: readonly string[] | undefined;
  #names: Shape | undefined;
  /** What keys take that it does not name; false where there are none. */
  #others: Shape | false | undefined;
  #patterns: readonly { readonly form: RegExp; readonly shape: Shape }[] | undefined;
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
    const type = typeOf(value);
    if (this.#isTyped && (type & this.#types) === 0) return false;
    if (this.#values && !this.#values.has(value)) return false;
    switch (type) {
      case 1:
        return this.#acceptsText(value as string);
      case 32:
        return this.#acceptsList(value as readonly unknown[]);
      case 64:
        return this.#acceptsMap(value as Record<string, unknown>);
      default:
        return typeof value !== 'number' || (value >= this.#minimum && value <= this.#maximum);
    }
  }

  #prepare(): void {
    this.#isReady = true;
    const schema = this.#schema;
    this.#isKnown = Object.keys(schema).every((key) => CHECKED.has(key) || isSilent(key));
    const { type, format, pattern, anyOf, items, propertyNames, additionalProperties, $ref } = schema;
    if (type !== undefined) {
      this.#isTyped = true;
      this.#types = 0;
      for (const one of [type].flat()) this.#types |= TYPES[one] ?? 0;
    }
    if ($ref !== undefined) this.#target = referred($ref, this.#file);
    this.#any = anyOf?.map((one) => this.#below(one));
    if (schema.enum) this.#values = new Set(schema.enum);
    if (pattern !== undefined) this.#pattern = new RegExp(pattern, 'u');
    if (format !== undefined) {
      this.#format = FORMATS[format];
      if (!this.#format) this.#isKnown = false;
    }
    this.#minLength = schema.minLength ?? 0;
    this.#maxLength = schema.maxLength ?? Infinity;
    this.#minimum = schema.minimum ?? -Infinity;
    this.#maximum = schema.maximum ?? Infinity;
    if (items) this.#items = this.#below(items);
    const counts =
      type === 'array' ? [schema.minItems, schema.maxItems] : [schema.minProperties, schema.maxProperties];
    this.#minCount = counts[0] ?? 0;
    this.#maxCount = counts[1] ?? Infinity;
    if (type !== 'array' && type !== 'object' && COUNTS.some((key) => schema[key] !== undefined))
      this.#isKnown = false;
    this.#required = schema.required;
    if (propertyNames) this.#names = this.#below(propertyNames);
    if (typeof additionalProperties === 'object') this.#others = this.#below(additionalProperties);
    else if (additionalProperties === false) this.#others = false;
    if (schema.patternProperties) {
      this.#patterns = Object.entries(schema.patternProperties).map(([form, one]) => ({
        form: new RegExp(form, 'u'),
        shape: this.#below(one),
      }));
    }
  }

  /** What a schema in this one says: of one that only refers to another, that other one. */
  #below(schema: Schema): Shape {
    const { $ref } = schema;
    if ($ref !== undefined && Object.keys(schema).every((key) => key === '$ref' || isSilent(key)))
      return referred($ref, this.#file);
    return new Shape(schema, this.#file);
  }

  #acceptsText(text: string): boolean {
    if (this.#pattern && !this.#pattern.test(text)) return false;
    if (this.#format && !this.#format(text)) return false;
    if (this.#minLength === 0 && text.length <= this.#maxLength) return true;
    const { length } = [...text];
    return length >= this.#minLength && length <= this.#maxLength;
  }

  #acceptsList(list: readonly unknown[]): boolean {
    if (list.length < this.#minCount || list.length > this.#maxCount) return false;
    const items = this.#items;
    return !items || list.every((item) => items.accepts(item));
  }

  #acceptsMap(map: Record<string, unknown>): boolean {
    if (this.#required) for (const key of this.#required) if (map[key] === undefined) return false;
    let count = 0;
    for (const key in map) {
      count += 1;
      if (this.#names && !this.#names.accepts(key)) return false;
      if (!this.#acceptsKey(key, map[key])) return false;
    }
    return count >= this.#minCount && count <= this.#maxCount;
  }

  #acceptsKey(key: string, value: unknown): boolean {
    const own = this.#properties.get(key) ?? this.#property(key);
    if (own && !own.accepts(value)) return false;
    let isMatched = own !== undefined;
    if (this.#patterns) {
      for (const one of this.#patterns) {
        if (!one.form.test(key)) continue;
        isMatched = true;
        if (!one.shape.accepts(value)) return false;
      }
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

function referred(reference: string, from: string): Shape {
  const [file = '', pointer = ''] = reference.split('#');
  return shapeOf(file || from, pointer);
}
