import type { Related } from '../../source/diagnostics/report.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import type { Sourced } from '../model/gathered.ts';
import { entryOf } from './file-reader.ts';
import { TextCursor } from './text-cursor.ts';

/** An element of an XML file. */
export interface XmlElement {
  /** The name as written, with its namespace prefix. */
  readonly name: string;
  /** Its start tag. */
  readonly at: SourceLocation;
  readonly attributes: ReadonlyMap<string, Sourced<string>>;
  readonly children: readonly XmlElement[];
  /** The text directly in it, without surrounding blanks. */
  readonly text: Sourced<string>;
}

/** Returns the child of an element by name, or a descendant by a path of names; undefined for an unknown name. */
export function childOf(element: XmlElement, ...names: readonly string[]): XmlElement | undefined {
  let found: XmlElement | undefined = element;
  for (const name of names) found = found?.children.find((child) => child.name === name);
  return found;
}

/** Returns the children of an element by name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The first error of a file, which stops the reader. */
export type XmlError = Related & { readonly help: string };

/** The maximum nesting depth; no valid file reaches it. */
const DEEPEST = 100;

const NAME = /[\p{L}_:][\p{L}\p{N}_:.-]*/uy;
const BLANK = /[ \t\r\n]+/y;

/** The predefined entities of XML. */
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Reads an XML file with one or more root elements, as `virsh dumpxml` writes them. Rejects definitions (DOCTYPE), so that
 * no entity can grow. Never throws: returns the elements before the first error, and the error. No library returns the
 * location of each attribute and reads several root elements.
 * Source: Extensible Markup Language (XML) 1.0, without document types.
 */
export function readXml(source: Source): {
  readonly roots: readonly XmlElement[];
  readonly error?: XmlError;
} {
  const reader = new XmlReader(source);
  const error = reader.firstError(() => reader.read());
  return error ? { roots: reader.roots, error } : { roots: reader.roots };
}

interface Open {
  readonly element: XmlElement & { children: XmlElement[]; text: Sourced<string> };
  readonly pieces: string[];
  start: number;
  end: number;
}

class XmlReader extends TextCursor<XmlError> {
  readonly roots: XmlElement[] = [];
  readonly #open: Open[] = [];

  read(): void {
    while (this.at < this.source.text.length)
      if (this.source.text[this.at] !== '<') this.#readText();
      else if (this.sees('<!--')) this.#skipTo('<!--', '-->', 'This comment is not closed.');
      else if (this.sees('<![CDATA[')) this.#readCharacters();
      else if (this.sees('<?')) this.#skipTo('<?', '?>', 'This instruction is not closed.');
      else if (this.sees('<!'))
        this.#fail(
          'This defines a document type or an entity: harvgen rejects both.',
          'remove the definition: no file of libvirt has one',
          this.at,
          this.at + 2,
        );
      else if (this.sees('</')) this.#readEndTag();
      else this.#readStartTag();
    const { name, at } = this.#open.at(-1)?.element ?? {};
    if (at)
      this.#fail(`The element ${name} has no end tag.`, 'copy the complete file again', at.start, at.end);
  }

  #readText(): void {
    const start = this.at;
    const next = this.source.text.indexOf('<', start);
    this.at = next < 0 ? this.source.text.length : next;
    const raw = this.source.text.slice(start, this.at);
    const from = start + raw.length - raw.trimStart().length;
    const end = start + raw.trimEnd().length;
    if (from >= end) return;
    if (this.#open.length === 0)
      this.#fail(
        'This is text outside of any element.',
        'keep only the XML, as virsh dumpxml prints it',
        from,
        end,
      );
    this.#add(this.#decoded(raw, start), from, end);
  }

  #readCharacters(): void {
    const start = this.at;
    const from = start + '<![CDATA['.length;
    const end = this.source.text.indexOf(']]>', from);
    if (end < 0 || this.#open.length === 0)
      this.#fail('This CDATA section is outside, or not closed.', 'close it with ]]>', start, from);
    this.#add(this.source.text.slice(from, end), from, end);
    this.at = end + 3;
  }

  #add(text: string, start: number, end: number): void {
    const open = this.#open.at(-1) as Open;
    if (open.pieces.length === 0) open.start = start;
    open.pieces.push(text);
    open.end = end;
  }

  #skipTo(begin: string, end: string, message: string): void {
    const from = this.at + begin.length;
    const found = this.source.text.indexOf(end, from);
    if (found < 0) this.#fail(message, `close it with ${end}, or copy the file again`, this.at, from);
    this.at = found + end.length;
  }

  #readStartTag(): void {
    const start = this.at;
    this.at += 1;
    const name = this.take(NAME) ?? '';
    if (name === '')
      this.#fail('There is no element name after <.', 'write &lt; for the character', start, start + 1);
    const attributes = new Map<string, Sourced<string>>();
    for (let blank = this.take(BLANK); !this.sees('>') && !this.sees('/>'); blank = this.take(BLANK)) {
      if (blank === undefined) this.#failTag(name, start);
      this.#readAttribute(name, start, attributes);
    }
    const isEmpty = this.sees('/>');
    this.at += isEmpty ? 2 : 1;
    if (this.#open.length >= DEEPEST)
      this.#fail(
        `Elements are nested more than ${DEEPEST} levels deep.`,
        'remove the extra elements',
        start,
        this.at,
      );
    const at = this.from(start, this.at);
    const element = { name, at, attributes, children: [], text: { value: '', at } };
    (this.#open.at(-1)?.element.children ?? this.roots).push(element);
    if (!isEmpty) this.#open.push({ element, pieces: [], start: this.at, end: this.at });
  }

  #readAttribute(element: string, tag: number, attributes: Map<string, Sourced<string>>): void {
    const start = this.at;
    const name = this.take(NAME) ?? '';
    this.take(BLANK);
    if (name === '' || !this.sees('=')) this.#failTag(element, tag);
    this.at += 1;
    this.take(BLANK);
    const quote = this.sees('"') ? '"' : "'";
    const from = this.at + 1;
    const end = this.sees(quote) ? this.source.text.indexOf(quote, from) : -1;
    const raw = this.source.text.slice(from, end);
    if (end < 0 || raw.includes('<'))
      this.#failTag(element, tag, `the value of ${name} has no closing quote`);
    if (attributes.has(name))
      this.#fail(`The attribute ${name} is set twice.`, 'remove one of the two', start, end + 1);
    attributes.set(name, { value: this.#decoded(raw, from), at: this.from(from, end) });
    this.at = end + 1;
  }

  #readEndTag(): void {
    const start = this.at;
    this.at += 2;
    const name = this.take(NAME) ?? '';
    this.take(BLANK);
    const open = this.#open.pop();
    if (!this.sees('>') || open?.element.name !== name)
      this.#fail(
        open ? `The end tag of ${open.element.name} is missing here.` : 'This end tag has no start tag.',
        'correct the tag, or copy the file again',
        start,
        Math.max(this.at, start + 2),
      );
    this.at += 1;
    open.element.text = { value: open.pieces.join('').trim(), at: this.from(open.start, open.end) };
  }

  #decoded(raw: string, start: number): string {
    let decoded = '';
    let end = 0;
    // `replace` would find all references before the first error.
    for (const { 0: whole, 1: name = '', 2: semicolon, index } of raw.matchAll(/&(#?\w*)(;?)/g)) {
      const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? [];
      const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
      const letter = code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entryOf(ENTITIES, name);
      if (letter === undefined || semicolon === '')
        this.#fail(
          'This is not a character reference.',
          'write &amp; for the character &, or &lt; &gt; &quot; &apos;',
          start + index,
          start + index + whole.length,
        );
      decoded += raw.slice(end, index) + letter;
      end = index + whole.length;
    }
    return decoded + raw.slice(end);
  }

  #failTag(name: string, start: number, what = 'its attributes are not name="value"'): never {
    const message = `The tag of ${name} cannot be read: ${what}.`;
    this.#fail(message, 'write each attribute as name="value"', start, Math.max(this.at, start + 1));
  }

  #fail(message: string, help: string, start: number, end: number): never {
    this.refuse({ message, help, at: this.from(start, end) });
  }
}
