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
import { encrypted, encryptedBySops } from './encrypted.ts';
import type { GivenSecret, GivenSecrets } from './source.ts';

/**
 * What a file gives, and what is wrong with it: each fault with its place, none with anything of its text. What stands
 * there as a key may be a piece of a value: in a flow map a comma ends one.
 */
interface ParsedSecrets extends GivenSecrets {
  readonly faults: readonly string[];
  /** What is no fault, and probably not what was meant. */
  readonly warnings: readonly string[];
}

interface SecretsMap {
  readonly items: readonly Pair<Node, Node | null>[];
  readonly flow?: boolean;
}

/** Sites are called so: schema/site.schema.json. */
const SITE = /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/;

/**
 * Reads the YAML of a file of secrets: a map of name and text, in which a map is a section for the site of that name.
 * Every value is the text as it is written: 0123, 1e3 and true, too. Takes the bytes, and the file as it was named: `-`
 * is standard input.
 */
export function parseSecrets(bytes: Uint8Array, file: string): ParsedSecrets {
  const shown = shownFile(file);
  const nothing = { all: new Map(), sites: new Map(), warnings: [] };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not every encrypted file is text.
    const why = encrypted(Buffer.from(bytes).toString('latin1'), file)?.message;
    return { ...nothing, faults: [`${shown}: ${why ?? 'the file is not UTF-8: save it as UTF-8'}`] };
  }
  return readText(text, file);
}

function shownFile(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** Reads one text, and remembers every fault. */
function readText(text: string, file: string): ParsedSecrets {
  const source = new Source(shownFile(file), text);
  const faults: string[] = [];
  const warnings: string[] = [];
  const anchors = new Map<string, Node>();
  const all = new Map<string, GivenSecret>();
  const sites = new Map<string, { secrets: Map<string, GivenSecret>; at: string }>();
  const at = (start: number) => {
    const { line, column } = source.position(start);
    return `${source.file}:${line}:${column}`;
  };
  const fault = (start: number, message: string) => {
    faults.push(`${at(start)}: ${message}`);
  };

  /** Takes the entries of a map; at the top a map within is a site's section. */
  function entries(map: SecretsMap, into: Map<string, GivenSecret>, isTop: boolean): void {
    const seen = new Map<string, number>();
    const inFlow = map.flow ? IN_FLOW : '';
    for (const { key, value } of map.items) {
      const start = key?.range?.[0] ?? value?.range?.[0] ?? 0;
      const node = resolved(value);
      if (!isScalar(key) || typeof key.value !== 'string') {
        fault(start, NO_NAME + inFlow);
        continue;
      }
      if (key.anchor) anchors.set(key.anchor, key);
      const name = key.value;
      const before = seen.get(name);
      if (before !== undefined) {
        const { line, column } = source.position(before);
        fault(
          start,
          `this name stands here a second time, after line ${line}, column ${column}: only one could count`,
        );
        continue;
      }
      seen.set(name, start);
      if (isTop && isMap(node)) section(name, start, node as SecretsMap);
      else if (!isSecretName(name)) fault(start, NO_NAME + inFlow);
      else entry(name, start, node, into, value === null ? inFlow : '');
    }
  }

  function section(name: string, start: number, map: SecretsMap): void {
    if (name === 'sops') fault(start, encryptedBySops(file));
    else if (!SITE.test(name)) fault(start, 'a map is the section of a site, and this is no name of one');
    else {
      const secrets = new Map<string, GivenSecret>();
      sites.set(name, { secrets, at: at(start) });
      entries(map, secrets, false);
    }
  }

  /** Takes a secret; `more` is what to say, too, where it has no value. */
  function entry(
    name: string,
    start: number,
    node: Node | null,
    into: Map<string, GivenSecret>,
    more: string,
  ): void {
    if (!isScalar(node) && node) {
      const what = isMap(node) ? 'a map' : isAlias(node) ? 'an alias for nothing' : 'a list';
      fault(start, `the secret here is ${what}: write its text, in quotes where it has signs of YAML`);
      return;
    }
    const value = String(node?.value ?? '');
    const wrong = whyNoValue(value);
    if (wrong) fault(start, `the secret here ${wrong}${more}`);
    else if (node?.type === 'PLAIN' && NULL.test(value))
      fault(start, 'the secret here has null for a value: give it one, in quotes where this is meant');
    else into.set(name, { value, at: at(start) });
    if (node) checkComment(node);
  }

  /** What was meant for a part of a value is left out without a word. */
  function checkComment({ type, range }: Scalar): void {
    if (type !== 'PLAIN' || !range) return;
    const [, end] = range;
    const [blanks] = /^[ \t]+(?=#)/.exec(text.slice(end, end + MOST_BLANKS)) ?? [];
    if (blanks === undefined) return;
    warnings.push(
      `${at(end + blanks.length)}: a comment begins here, and is no part of the value: quote the value if it is ` +
        'meant to be, else put the comment on a line of its own',
    );
  }

  /** Gives what a node stands for; an alias for nothing stays what it is. */
  function resolved(node: Node | null): Node | null {
    if (isAlias(node)) return anchors.get(node.source) ?? node;
    if (node && 'anchor' in node && node.anchor) anchors.set(node.anchor, node);
    return node;
  }

  const found = encrypted(text, file);
  const contents = found ? undefined : contentsOf(text, fault);
  if (found) fault(found.start, found.message);
  else if (contents) entries(contents, all, true);
  return { all, sites, faults, warnings };
}

/** Gives the map that a text is. The parser's own words may quote the text, and are said to nobody. */
function contentsOf(text: string, fault: (start: number, message: string) => void): SecretsMap | undefined {
  const deep = tooDeepAt(text);
  if (deep !== undefined) return void fault(deep, 'this is not YAML: it is nested too deeply');
  const [document, second] = parseAllDocuments(text, {
    schema: 'failsafe',
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const contents = document?.contents;
  const wrong = document?.errors[0] ?? document?.warnings[0];
  if (document && wrong) fault(...syntaxFault(document, wrong));
  else if (second) fault(second.range[0], 'a second YAML document begins here: put all into one');
  else if (!contents || (isScalar(contents) && contents.value === '' && contents.type === 'PLAIN'))
    fault(0, EMPTY);
  else if (isMap(contents)) return contents as SecretsMap;
  else fault(contents.range?.[0] ?? 0, 'this is no map: write `name: value`, a secret a line');
  return undefined;
}

const NO_NAME =
  'this is no name of a secret: names are lower-case letters, digits and _, and begin with a letter';
const IN_FLOW = '; between { } a comma ends a value: quote a value that holds one';
/** What YAML takes for no value, and what programs write that were to put a value there, and had none. */
const NULL = /^(~|null|Null|NULL)$/;
const MOST_BLANKS = 1000;
const EMPTY =
  'there is nothing: write `name: value`, a secret a line; where it came through a pipe, the command before it has failed';

/** Says why a text is no value of a secret; undefined where it is one. */
function whyNoValue(value: string): string | undefined {
  if (value === '') return 'has no value: give it one, or leave it out';
  // No UTF-8 file and no environment can hold one; only an escape of YAML can.
  return /\p{Cs}/u.test(value)
    ? 'holds half of a character, a lone surrogate: nothing could write it'
    : undefined;
}

/** Says what keeps a text from being YAML, and where: at a quote that is not closed, where it opens. */
function syntaxFault(
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
  BAD_ALIAS: 'a value that begins with * stands in single quotes',
  BAD_DQ_ESCAPE: 'between double quotes a backslash is written twice; write the value in single quotes',
  TAB_AS_INDENT: 'indent with blanks, not with tabs',
  TAG_RESOLVE_FAILED: 'a value that begins with ! stands in single quotes',
};
