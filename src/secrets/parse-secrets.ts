import { isAlias, isMap, isScalar, type Node, type Pair, parseAllDocuments } from 'yaml';
import { Source } from '../origin.ts';
import { encrypted, encryptedBySops } from './encrypted.ts';
import { isSecretName, secretNameLike } from './name.ts';

/** A value as a file gives it. */
export interface GivenSecret {
  readonly value: string;
  /** Where it stands, as file:line:column. */
  readonly at: string;
}

/** What a file gives: for all sites, and for one alone, by the site's name. */
export interface GivenSecrets {
  readonly all: ReadonlyMap<string, GivenSecret>;
  readonly sites: ReadonlyMap<string, ReadonlyMap<string, GivenSecret>>;
}

/** What a file gives, and what is wrong with it: each fault with its place, none with anything of its text. */
export interface ParsedSecrets extends GivenSecrets {
  readonly faults: readonly string[];
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
  const nothing = { all: new Map(), sites: new Map() };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not every encrypted file is text.
    const why = encrypted(Buffer.from(bytes).toString('latin1'), file)?.message;
    return { ...nothing, faults: [`${shown}: ${why ?? 'the file is not UTF-8: save it as UTF-8'}`] };
  }
  return new Reader(text, file).read();
}

/** Gives a file of secrets as it is named to people. */
export function shownFile(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** Reads one text, and remembers every fault. */
class Reader {
  readonly #source: Source;
  readonly #file: string;
  readonly #faults: string[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #all = new Map<string, GivenSecret>();
  readonly #sites = new Map<string, Map<string, GivenSecret>>();

  constructor(text: string, file: string) {
    this.#source = new Source(shownFile(file), text);
    this.#file = file;
  }

  read(): ParsedSecrets {
    const { text } = this.#source;
    const found = encrypted(text, this.#file);
    if (found) this.#fault(found.start, found.message);
    else this.#document(text);
    return { all: this.#all, sites: this.#sites, faults: this.#faults };
  }

  #document(text: string): void {
    const [document, second] = parseAllDocuments(text, {
      schema: 'failsafe',
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'silent',
    });
    const contents = document?.contents;
    const fault = document?.errors[0] ?? document?.warnings[0];
    // The parser's own words may quote the text.
    if (fault) this.#fault(fault.pos[0], syntaxFault(fault.code));
    else if (second) this.#fault(second.range[0], 'a second YAML document begins here: put all into one');
    else if (!contents || (isScalar(contents) && contents.value === '' && contents.type === 'PLAIN'))
      this.#fault(0, EMPTY);
    else if (!isMap(contents))
      this.#fault(contents.range?.[0] ?? 0, 'this is no map: write `name: value`, a secret a line');
    else this.#entries(contents.items as Pair<Node, Node | null>[], this.#all, true);
  }

  /** Takes the entries of a map; at the top a map within is a site's section. */
  #entries(pairs: readonly Pair<Node, Node | null>[], into: Map<string, GivenSecret>, isTop: boolean): void {
    const seen = new Map<string, number>();
    for (const { key, value } of pairs) {
      const start = key?.range?.[0] ?? value?.range?.[0] ?? 0;
      const node = this.#resolved(value);
      if (!isScalar(key) || typeof key.value !== 'string') {
        this.#fault(start, NO_NAME);
        continue;
      }
      if (key.anchor) this.#anchors.set(key.anchor, key);
      const name = key.value;
      const before = seen.get(name);
      if (before !== undefined) {
        const { line, column } = this.#source.position(before);
        const what = isSecretName(name) || SITE.test(name) ? name : 'this name';
        this.#fault(
          start,
          `${what} stands here a second time, after line ${line}, column ${column}: only one could count`,
        );
        continue;
      }
      seen.set(name, start);
      if (isTop && isMap(node)) this.#section(name, start, node.items as Pair<Node, Node | null>[]);
      else this.#entry(name, start, node, into);
    }
  }

  #section(name: string, start: number, pairs: readonly Pair<Node, Node | null>[]): void {
    if (name === 'sops') this.#fault(start, encryptedBySops(this.#file));
    else if (!SITE.test(name))
      this.#fault(start, 'a map is the section of a site, and this is no name of one');
    else {
      const section = new Map<string, GivenSecret>();
      this.#sites.set(name, section);
      this.#entries(pairs, section, false);
    }
  }

  #entry(name: string, start: number, node: Node | null | undefined, into: Map<string, GivenSecret>): void {
    if (!isSecretName(name)) {
      const like = secretNameLike(name);
      this.#fault(start, like ? `${name} is no name of a secret: write ${like}` : NO_NAME);
      return;
    }
    if (!isScalar(node) && node) {
      const what = isMap(node) ? 'a map' : isAlias(node) ? 'an alias for nothing' : 'a list';
      this.#fault(
        start,
        `the secret ${name} is ${what}: write its text, in quotes where it has signs of YAML`,
      );
      return;
    }
    const value = String(node?.value ?? '');
    const wrong = whyNoValue(value);
    if (wrong) this.#fault(start, `the secret ${name} ${wrong}`);
    else into.set(name, { value, at: this.#at(start) });
  }

  /** Gives what a node stands for; an alias for nothing stays what it is. */
  #resolved(node: Node | null): Node | null {
    if (isAlias(node)) return this.#anchors.get(node.source) ?? node;
    if (node && 'anchor' in node && node.anchor) this.#anchors.set(node.anchor, node);
    return node;
  }

  #fault(start: number, message: string): void {
    this.#faults.push(`${this.#at(start)}: ${message}`);
  }

  #at(start: number): string {
    const { line, column } = this.#source.position(start);
    return `${this.#source.file}:${line}:${column}`;
  }
}

const NO_NAME =
  'this is no name of a secret: names are lower-case letters, digits and _, and begin with a letter';
const EMPTY =
  'there is nothing: write `name: value`, a secret a line; where it came through a pipe, the command before it has failed';

/** Says why a text is no value of a secret; undefined where it is one. */
export function whyNoValue(value: string): string | undefined {
  if (value === '') return 'has no value: give it one, or leave it out';
  // No UTF-8 file and no environment can hold one; only an escape of YAML can.
  return /\p{Cs}/u.test(value)
    ? 'holds half of a character, a lone surrogate: nothing could write it'
    : undefined;
}

function syntaxFault(code: string): string {
  const help = SYNTAX_HELP[code] ?? 'write values in single quotes, with each quote in them doubled';
  return `this is not YAML: ${help}`;
}

const SYNTAX_HELP: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'a value that begins with * stands in single quotes',
  BAD_DQ_ESCAPE: 'between double quotes a backslash is written twice; write the value in single quotes',
  TAB_AS_INDENT: 'indent with blanks, not with tabs',
  TAG_RESOLVE_FAILED: 'a value that begins with ! stands in single quotes',
};
