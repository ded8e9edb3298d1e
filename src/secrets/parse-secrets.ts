import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  visit,
} from 'yaml';
import { tooDeepAt } from '../source/nesting.ts';
import { Source } from '../source/source.ts';
import { isSecretName } from '../values/identifiers.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { encrypted, encryptedBySops } from './encrypted.ts';
import type { SecretsFile, SecretValue } from './source.ts';

/**
 * The values and errors of a file. Each error contains its source location, but no text of the file. Even a key may be part
 * of a value: in a flow map, a comma ends a value.
 */
interface ParsedSecrets extends SecretsFile {
  readonly errors: readonly string[];
  /** Texts that are valid, but probably not intended. */
  readonly warnings: readonly string[];
}

interface SecretsMap {
  readonly items: readonly Pair<Node, Node | null>[];
  readonly flow?: boolean;
}

/** The form of site names: knowledge/site.schema.json. */
const SITE = /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/;

/**
 * Parses the YAML of a file of secrets: a map of names and texts, in which a nested map is a section for the site of that name. Every
 * value is its literal text, also 0123, 1e3 and true. Takes the bytes, and the file name of the command line: `-` is standard input.
 */
export function parseSecrets(bytes: Uint8Array, file: string): ParsedSecrets {
  const text = orUndefined(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (text !== undefined) return readText(text, file);
  // Some encrypted files are not text.
  const message = encrypted(Buffer.from(bytes).toString('latin1'), file)?.message;
  const errors = [`${shownFile(file)}: ${message ?? 'the file is not UTF-8: save it as UTF-8'}`];
  return { all: new Map(), sites: new Map(), warnings: [], errors };
}

function shownFile(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** Parses a text and collects all errors. */
function readText(text: string, file: string): ParsedSecrets {
  const source = new Source(shownFile(file), text);
  const errors: string[] = [];
  const warnings: string[] = [];
  const anchors = new Map<string, Node>();
  const all = new Map<string, SecretValue>();
  const sites = new Map<string, { secrets: Map<string, SecretValue>; at: string }>();
  const at = (start: number) => {
    const { line, column } = source.position(start);
    return `${source.file}:${line}:${column}`;
  };
  const addError = (start: number, message: string) => {
    errors.push(`${at(start)}: ${message}`);
  };

  /** Adds the entries of a map; at the top level, a nested map is a site's section. */
  function entries(map: SecretsMap, into: Map<string, SecretValue>, isTop: boolean): void {
    const seen = new Map<string, number>();
    const inFlow = map.flow ? IN_FLOW : '';
    for (const { key, value } of map.items) {
      const start = key?.range?.[0] ?? value?.range?.[0] ?? 0;
      const node = resolved(value);
      if (!isScalar(key) || typeof key.value !== 'string') {
        addError(start, NO_NAME + inFlow);
        continue;
      }
      if (key.anchor) anchors.set(key.anchor, key);
      const name = key.value;
      const before = seen.get(name);
      if (before !== undefined) {
        const { line, column } = source.position(before);
        addError(start, `this name is a duplicate of line ${line}, column ${column}: only one can apply`);
        continue;
      }
      seen.set(name, start);
      if (isTop && isMap(node)) section(name, start, node as SecretsMap);
      else if (!isSecretName(name)) addError(start, NO_NAME + inFlow);
      else entry(name, start, node, into, value === null ? inFlow : '');
    }
  }

  function section(name: string, start: number, map: SecretsMap): void {
    if (name === 'sops') addError(start, encryptedBySops(file));
    else if (!SITE.test(name)) addError(start, 'a map is the section of a site, but this is not a site name');
    else {
      const secrets = new Map<string, SecretValue>();
      sites.set(name, { secrets, at: at(start) });
      entries(map, secrets, false);
    }
  }

  /** Adds a secret; `more` is an addition to the message for a secret without a value. */
  function entry(
    name: string,
    start: number,
    node: Node | null,
    into: Map<string, SecretValue>,
    more: string,
  ): void {
    if (!isScalar(node) && node) {
      const what = isMap(node) ? 'a map' : isAlias(node) ? 'an alias without an anchor' : 'a list';
      addError(start, `the secret here is ${what}: write its text, quoted if it contains YAML syntax`);
      return;
    }
    const value = String(node?.value ?? '');
    const wrong = whyNoValue(value);
    if (wrong) addError(start, `the secret here ${wrong}${more}`);
    else if (node?.type === 'PLAIN' && NULL.test(value))
      addError(start, 'the secret here has the value null: set a value, or quote it if intended');
    else into.set(name, { value, at: at(start) });
    if (node) checkComment(node);
  }

  /** Warns of a comment after a plain value: text intended as part of a value would be lost silently. */
  function checkComment({ type, range }: Scalar): void {
    if (type !== 'PLAIN' || !range) return;
    const [, end] = range;
    const [blanks] = /^[ \t]+(?=#)/.exec(text.slice(end, end + MOST_BLANKS)) ?? [];
    if (blanks === undefined) return;
    warnings.push(
      `${at(end + blanks.length)}: a comment begins here and is not part of the value: quote the value to include it, ` +
        'or move the comment to its own line',
    );
  }

  /** Returns the node that an alias refers to; an alias without an anchor stays an alias. */
  function resolved(node: Node | null): Node | null {
    if (isAlias(node)) return anchors.get(node.source) ?? node;
    if (node && 'anchor' in node && node.anchor) anchors.set(node.anchor, node);
    return node;
  }

  const found = encrypted(text, file);
  const contents = found ? undefined : contentsOf(text, addError);
  if (found) addError(found.start, found.message);
  else if (contents) entries(contents, all, true);
  return { all, sites, errors, warnings };
}

/** Returns the map in a text. Does not report the parser's own messages, which may quote the text. */
function contentsOf(text: string, error: (start: number, message: string) => void): SecretsMap | undefined {
  const deep = tooDeepAt(text);
  if (deep !== undefined) return void error(deep, 'this is not YAML: it is nested too deeply');
  const [document, second] = parseAllDocuments(text, {
    schema: 'failsafe',
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const contents = document?.contents;
  const wrong = document?.errors[0] ?? document?.warnings[0];
  if (document && wrong) error(...syntaxError(document, wrong));
  else if (second) error(second.range[0], 'a second YAML document begins here: use a single document');
  else if (!contents || (isScalar(contents) && contents.value === '' && contents.type === 'PLAIN'))
    error(0, EMPTY);
  else if (isMap(contents)) return contents as SecretsMap;
  else error(contents.range?.[0] ?? 0, 'this is not a map: write `name: value`, one secret per line');
  return undefined;
}

const NO_NAME =
  'this is not the name of a secret: names are lower-case letters, digits and _, and begin with a letter';
const IN_FLOW = '; between { } a comma ends a value: quote a value that contains one';
/** YAML's forms of null, which programs also write for a missing value. */
const NULL = /^(~|null|Null|NULL)$/;
const MOST_BLANKS = 1000;
const EMPTY =
  'the file is empty: write `name: value`, one secret per line; or, for a pipe, check whether its first command failed';

/** Returns why a text cannot be the value of a secret, or undefined if it can. */
function whyNoValue(value: string): string | undefined {
  if (value === '') return 'has no value: set a value or remove the line';
  // UTF-8 files and the environment cannot contain one, but an escape of YAML can.
  return /\p{Cs}/u.test(value)
    ? 'contains a lone surrogate, half of a character: no file can contain it'
    : undefined;
}

/** Returns why a text is not YAML, and the position: for an unclosed quote, where it opens. */
function syntaxError(
  document: Document.Parsed,
  { code, pos: [at] }: { code: string; pos: [number, number] },
): [start: number, message: string] {
  let open: number | undefined;
  if (code === 'MISSING_CHAR')
    visit(document, {
      Scalar(_, { type, range }) {
        if (type?.startsWith('QUOTE') && range && range[0] <= at && at <= range[1]) open = range[0];
      },
    });
  if (open !== undefined) return [open, 'this is not YAML: the quote that opens here is not closed'];
  const help = SYNTAX_HELP[code] ?? 'write values in single quotes, with each quote in them doubled';
  return [at, `this is not YAML: ${help}`];
}

const SYNTAX_HELP: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'a value that begins with * must be in single quotes',
  BAD_DQ_ESCAPE: 'double the backslash between double quotes, or put the value in single quotes',
  TAB_AS_INDENT: 'indent with blanks, not with tabs',
  TAG_RESOLVE_FAILED: 'a value that begins with ! must be in single quotes',
};
