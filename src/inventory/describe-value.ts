import { partsOf, readDescriptions, sitePart } from '../knowledge/schemas.ts';
import { maskSecrets } from '../source/guess-secrets.ts';
import type { Value } from '../source/origin.ts';
import { ipv4Number, PREFIXES } from '../values/addresses.ts';
import { readMac } from '../values/identifiers.ts';
import { isTypoOf, nearest } from '../values/text.ts';
import { corrected, nextStep } from './correct-value.ts';
import { patternOf, type ValueError } from './schema-errors.ts';

/** The message and the help for an invalid value. */
export interface Description {
  readonly message: string;
  readonly help: string;
  /** The value that was probably meant, and whether nothing else can be meant; or whether quotes are missing. */
  readonly meant?: { readonly value: Value; readonly isSure: boolean } | 'quotes' | undefined;
}

/**
 * Describes one error of the schema in a value. Takes the path of the value, such as server.url, and its text in the file, because
 * 0123 is the number 123.
 */
export function describeValue(error: ValueError, path: string, asWritten = String(error.data)): Description {
  const written = maskSecrets(asWritten);
  const expected = expects(error);
  if (error.data === null) {
    return {
      message: `${path} has no value.`,
      help: `set a value${expected && !/in quotes/.test(expected) ? `: ${expected}` : ''}, or remove the key`,
    };
  }
  if (error.schema['x-secret']) {
    const typed = error.keyword === 'type' ? describeType(error, path, written).message : undefined;
    return {
      message: typed ?? `${path} is not ${expected}.`,
      help: 'write "${secret:name}", and provide its value to the servers that need it (`harvgen secrets`)',
    };
  }
  if (isMisplacedSecret(error)) {
    return {
      message: `${path} cannot be a secret: harvgen must read and check the value at build time.`,
      help: `write ${expected ?? 'a literal value'}`,
    };
  }
  switch (error.keyword) {
    case 'type':
      return describeType(error, path, written);
    case 'enum':
      return describeEnum(error, path);
    case 'minItems':
    case 'minProperties':
      return {
        message: `${path} is empty.`,
        help: `add at least one entry${expected ? `: ${expected}` : exampleOf(error)}`,
      };
    case 'maxItems':
    case 'maxLength': {
      const most = `${error.params.limit} ${error.keyword === 'maxItems' ? 'entries' : 'characters'}`;
      return { message: `${path} has more than ${most}.`, help: `shorten it to ${most}` };
    }
    default: {
      if (typeof error.data === 'string' && error.data.trim() === '')
        return { message: `${path} is empty.`, help: `write ${expected ?? 'a value'}` };
      if (error.data === '…')
        return {
          message: `${path} is still \`…\`: harvgen import found no value for it.`,
          help: `write ${expected ?? 'a value'}`,
        };
      const other = helpOf(error) ?? ofOtherType(error) ?? outsideRange(error);
      const prefix = prefixError(error);
      if (prefix) return { ...prefix, help: other ?? prefix.help };
      const message = `${show(error.data)} is not ${expected ?? `a value for ${path}`}.`;
      if (other) return { message, help: other };
      const value = corrected(error);
      if (value !== undefined)
        return { message, help: `did you mean ${value}?`, meant: { value, isSure: isSame(error, value) } };
      const { limit } = error.params;
      const meant = limit === undefined ? undefined : { value: limit as Value, isSure: false };
      return { message, help: nextStep(error) ?? `write ${expected ?? 'another value'}`, meant };
    }
  }
}

/**
 * Whether the correction of a value is another notation of it. An address within a network may have another prefix, leading zeros may be
 * octal, and an end of a range in the wrong order may be misspelled.
 */
function isSame({ data, params }: ValueError, value: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (plain(String(data)) === plain(value) || `v${data}` === value || params.format === 'mac') return true;
  const [address] = /^\d+(?:\.\d+){3}/.exec(String(data).trim()) ?? [];
  return address !== undefined && /^[^/-]+/.exec(value)?.[0] === address;
}

/** Whether an error is a reference to a secret in a key that allows none. */
export function isMisplacedSecret(error: ValueError): boolean {
  const { data } = error;
  return !error.schema['x-secret'] && typeof data === 'string' && data.includes('${secret:');
}

/** Returns the schema's `x-expects`: a description of the values that a key allows. */
export function expects(error: ValueError): string | undefined {
  return error.schema['x-expects'];
}

/** Returns the schema's `x-helps`: the help for one common invalid value. */
function helpOf(error: ValueError): string | undefined {
  const { data } = error;
  const byValue = error.schema['x-helps'];
  if (typeof data !== 'string' && typeof data !== 'number') return undefined;
  return byValue && Object.hasOwn(byValue, data) ? byValue[data] : undefined;
}

/** Returns the help for an OCID (an identifier of Oracle Cloud Infrastructure) of the wrong type. */
function ofOtherType(error: ValueError): string | undefined {
  const { data } = error;
  const [, type] = (typeof data === 'string' && /^ocid1\.([a-z0-9]+)\./.exec(data)) || [];
  const expected = expects(error);
  if (!type || !expected?.includes('OCID') || expected.includes(`ocid1.${type}.`)) return undefined;
  return `this OCID is of type ${type}: write ${expected}`;
}

/** Returns the help for numbers in brackets at a single node: only ranges of nodes have several values. */
function outsideRange({ data, path }: ValueError): string | undefined {
  const isNode = path[0] === 'nodes';
  const isRange = typeof data === 'string' && /\[[0-9a-f]+([-,][0-9a-f]+)*\]/i.test(data);
  return isNode && isRange
    ? 'write as many numbers in brackets in the node name, such as cg[01-06], or choose one value'
    : undefined;
}

/** Returns a value for display: short, on one line, without a login or a private key. */
export function show(value: unknown): string {
  const text = maskSecrets(typeof value === 'string' ? value : JSON.stringify(value));
  const line = JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text).slice(1, -1);
  return `\`${line.replaceAll('\\"', '"')}\``;
}

function describeType(error: ValueError, path: string, written: string): Description {
  const { data, params } = error;
  const types = [params.type as string | string[]].flat();
  const wanted = types.map(typeName).join(' or ');
  const message = `${path} must be ${wanted}, not ${typeName(Array.isArray(data) ? 'array' : typeof data)}.`;
  if (types.includes('array') && /\n\s*- /.test(written))
    return {
      message: `${message.slice(0, -1)}: its first entry has no hyphen.`,
      help: 'write `- ` before each entry',
    };
  const sign = withoutBlank(types, data);
  if (sign)
    return {
      message: `${message.slice(0, -1)}: a blank is missing after the ${sign}.`,
      help: `write a blank after each ${sign}`,
    };
  if (types.includes('string') && (typeof data === 'number' || typeof data === 'boolean')) {
    const { pattern, enum: allowed, format } = error.schema;
    const other = otherName(error);
    if (allowed)
      return {
        message: other ? `${message.slice(0, -1)}: did you mean ${other}?` : message,
        help: `allowed: ${allowed.filter(Boolean).join(', ')}`,
        meant: other ? { value: other, isSure: false } : undefined,
      };
    const mac = format === 'mac' ? readMac(written) : undefined;
    if (mac) return { message, help: `write ${mac}`, meant: { value: mac, isSure: true } };
    if (!format && (!pattern || patternOf(pattern).test(written)))
      return { message, help: `write it in quotes: "${written}"`, meant: 'quotes' };
    if (pattern && patternOf(pattern).test(`${written}Gi`))
      return {
        message,
        help: `add the unit: ${written}Gi`,
        meant: { value: `${written}Gi`, isSure: false },
      };
  }
  if (typeof data === 'string' && (types.includes('integer') || types.includes('boolean'))) {
    const isQuoted = /^["']/.test(written);
    const number = /^(?:\d+|0x[\da-f]+)$/i.test(data) ? data : 'a number';
    const form = types.includes('boolean')
      ? (BOOLEANS.get(data.toLowerCase()) ?? 'true or false')
      : (!isQuoted && expects(error)) || number;
    const value =
      { true: true, false: false }[form] ?? (Number.isNaN(Number(form)) ? undefined : Number(form));
    return {
      message,
      help: isQuoted ? `write it without quotes: ${form}` : `write ${form}`,
      meant: value === undefined ? value : { value, isSure: true },
    };
  }
  // YAML reads {4c4c…} as a map with one key.
  const inBraces = /^\{\s*([^\s:,{}]+)\s*\}$/.exec(written)?.[1];
  if (types.includes('string') && inBraces !== undefined) {
    const { pattern } = error.schema;
    if (pattern && patternOf(pattern).test(inBraces))
      return { message, help: `remove the braces: ${inBraces}`, meant: { value: inBraces, isSure: true } };
  }
  if (types.includes('array') && typeof data !== 'object') {
    const addresses = addressesIn(written);
    const isShown = !written.includes('\n');
    return {
      message,
      help: isShown ? `write [${(addresses ?? [written]).join(', ')}]` : `write a list${exampleOf(error)}`,
      // A text with a comma may be several entries.
      meant: isShown
        ? { value: addresses ?? [data as Value], isSure: addresses !== undefined || !written.includes(',') }
        : undefined,
    };
  }
  return { message, help: `write ${expects(error) ?? `${wanted}${exampleOf(error)}`}` };
}

/** Words that other programs read as booleans. */
const BOOLEANS: ReadonlyMap<string, string> = new Map([
  ...['yes', 'on', 'y', '1', 'enabled'].map((word) => [word, 'true'] as const),
  ...['no', 'off', 'n', '0', 'disabled'].map((word) => [word, 'false'] as const),
]);

/** Returns the IP addresses of a text that lists several of them; undefined for any other text. */
function addressesIn(text: string): string[] | undefined {
  return /^[\d.]+(?:[\s,;]+[\d.]+)+$/.test(text) ? text.split(/[\s,;]+/) : undefined;
}

/** Maximum length of an example in a help text. */
const LONGEST_EXAMPLE = 100;

/** Returns an example of a map or list for the end of a sentence: that of the schema, or the names of its keys. */
function exampleOf(error: ValueError): string {
  readDescriptions();
  const part = sitePart(error.path.map(String))?.schema;
  const { examples, properties } = (part ?? {}) as { examples?: unknown[]; properties?: object };
  const example = examples?.[0] === undefined ? '' : flow(examples[0]);
  if (example !== '' && example.length <= LONGEST_EXAMPLE) return `, such as ${example}`;
  const keys = Object.keys(properties ?? {});
  return keys.length > 0 ? ` of its keys: ${keys.slice(0, 3).join(', ')}, …` : '';
}

/** Returns a value as YAML on one line, with quotes where braces require them. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${flow(item)}`)
      .join(', ')}}`;
  const isPlain =
    typeof value === 'string' && /^[a-z\d/][\w./:-]*$/i.test(value) && Number.isNaN(Number(value));
  return isPlain ? value : JSON.stringify(value);
}

/** Returns the sign without a blank that makes a list or map a text: `-a` or `key:value`. */
function withoutBlank(types: readonly string[], data: unknown): string | undefined {
  if (typeof data !== 'string') return undefined;
  if (types.includes('array') && /^-\S/.test(data)) return 'hyphen';
  return types.includes('object') && /^[A-Za-z_]\w*:\S/.test(data) ? 'colon' : undefined;
}

function describeEnum(error: ValueError, path: string): Description {
  const { data, params } = error;
  const allowed = (params.allowedValues as unknown[]).map(String);
  const key = path.replace(/^.*\./, '');
  // Harvester's configuration has an `install`, too, which is a map.
  if (
    typeof data === 'object' &&
    !Array.isArray(data) &&
    partsOf(`config.${key}`)?.at(-1)?.schema.type === 'object'
  )
    return { message: `${path} cannot be a map.`, help: `move it below config: \`config: {${key}: {…}}\`` };
  const help = helpOf(error);
  if (help) return { message: `${path} cannot be ${show(data)}.`, help };
  const similar = typeof data === 'string' ? (nearest(data, allowed) ?? beginning(data, allowed)) : undefined;
  const meant = otherName(error) ?? similar;
  return {
    message: `${path} cannot be ${show(data)}${meant ? `: did you mean ${meant}?` : '.'}`,
    help: `allowed: ${allowed.filter(Boolean).join(', ')}`,
    meant: meant ? { value: meant, isSure: isTypoOf(String(data), meant, allowed) } : undefined,
  };
}

function otherName({ data, schema: { 'x-meant': names = {} } }: ValueError): string | undefined {
  const name = typeof data === 'object' ? '' : String(data).toLowerCase().replace(/[-_ ]/g, '');
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

/** Returns the word that a longer name begins with, such as oci for oci-harvester. */
function beginning(text: string, words: readonly string[]): string | undefined {
  return words.find(
    (word) => word !== '' && /^[-_ .]/.test(text.slice(word.length)) && text.startsWith(word),
  );
}

/** Returns the description of a valid subnet whose size no site's network has; undefined for all other values. */
function prefixError({ keyword, data, params }: ValueError): Description | undefined {
  if (keyword !== 'format' || typeof data !== 'string') return undefined;
  if (!['cidr', 'ipv4-or-cidr', 'ip-or-cidr'].includes(params.format ?? '')) return undefined;
  const [, address = '', digits = ''] = /^([0-9.]+)\/([0-9]|[12][0-9]|3[0-2])$/.exec(data) ?? [];
  const prefix = Number(digits);
  const { shortest } = PREFIXES;
  const longest = params.format === 'cidr' ? PREFIXES.longest : 32;
  if (ipv4Number(address) === undefined || (prefix >= shortest && prefix <= longest)) return undefined;
  return {
    message: `${show(data)} has the prefix length ${prefix}, but a subnet must have one from ${shortest} to ${longest}.`,
    help:
      prefix < shortest
        ? 'list each intended network individually'
        : 'write the intended IP addresses, or their network',
  };
}

function typeName(type: string): string {
  const names: Record<string, string> = {
    string: 'a string',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
  };
  return names[type] ?? type;
}
