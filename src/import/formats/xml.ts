import type { Related } from '../../source/diagnostics/report.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import type { Sourced } from '../model/gathered.ts';
import { TextCursor } from '../model/text-cursor.ts';
import { entryOf, type Piece } from './file-reader.ts';

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
  readonly pieces: Piece[];
}

class XmlReader extends TextCursor<XmlError> {
  readonly roots: XmlElement[] = [];
  readonly #open: Open[] = [];

  read(): void {
    for (let start = 0; !this.isAtEnd; start = this.at) {
      const text = this.take(/[^<]+/y);
      if (text !== undefined) this.#addText(text, start);
      else if (this.skip('<!--')) this.#readTo('-->', 'This comment is not closed.');
      else if (this.skip('<![CDATA[')) this.#readCharacters();
      else if (this.skip('<?')) this.#readTo('?>', 'This instruction is not closed.');
      else if (this.skip('<!'))
        this.#fail(
          'This defines a document type or an entity: harvgen rejects both.',
          'remove the definition: no file of libvirt has one',
          start,
        );
      else if (this.skip('</')) this.#readEndTag(start);
      else this.#readStartTag(start);
    }
    const { name, at } = this.#open.at(-1)?.element ?? {};
    if (at)
      this.#fail(`The element ${name} has no end tag.`, 'copy the complete file again', at.start, at.end);
  }

  #addText(raw: string, at: number): void {
    const start = at + raw.length - raw.trimStart().length;
    const end = at + raw.trimEnd().length;
    if (start >= end) return;
    if (this.#open.length === 0)
      this.#fail(
        'This is text outside of any element.',
        'keep only the XML, as virsh dumpxml prints it',
        start,
        end,
      );
    this.#open.at(-1)?.pieces.push({ text: this.#decoded(raw, at), start, end });
  }

  #readCharacters(): void {
    const start = this.at;
    const message = 'This CDATA section is outside, or not closed.';
    const text = this.#readTo(']]>', message, 'close it with ]]>');
    const open = this.#open.at(-1);
    if (!open) this.#fail(message, 'close it with ]]>', start - '<![CDATA['.length, start);
    open.pieces.push({ text, start, end: start + text.length });
  }

  /** Skips a text up to its terminator, and returns it. */
  #readTo(
    terminator: string,
    message: string,
    help = `close it with ${terminator}, or copy the file again`,
  ): string {
    const start = this.at;
    const end = this.source.text.indexOf(terminator, start);
    if (end < 0) this.#fail(message, help, this.source.text.lastIndexOf('<', start - 1));
    this.at = end + terminator.length;
    return this.source.text.slice(start, end);
  }

  #readStartTag(start: number): void {
    this.skip('<');
    const name = this.take(NAME);
    if (name === undefined)
      this.#fail('There is no element name after <.', 'write &lt; for the character', start);
    const attributes = new Map<string, Sourced<string>>();
    for (let blank = this.take(BLANK); !this.sees('>') && !this.sees('/>'); blank = this.take(BLANK)) {
      if (blank === undefined) this.#failTag(name, start);
      this.#readAttribute(name, start, attributes);
    }
    const isEmpty = this.skip('/>') || !this.skip('>');
    if (this.#open.length >= DEEPEST)
      this.#fail(`Elements are nested more than ${DEEPEST} levels deep.`, 'remove the extra elements', start);
    const at = this.from(start);
    const element = { name, at, attributes, children: [], text: { value: '', at } };
    (this.#open.at(-1)?.element.children ?? this.roots).push(element);
    if (!isEmpty) this.#open.push({ element, pieces: [] });
  }

  #readAttribute(element: string, tag: number, attributes: Map<string, Sourced<string>>): void {
    const start = this.at;
    const name = this.take(NAME);
    this.take(BLANK);
    if (name === undefined || !this.skip('=')) this.#failTag(element, tag);
    this.take(BLANK);
    const from = this.at + 1;
    const quoted = this.take(/"[^"<]*"|'[^'<]*'/y);
    if (quoted === undefined) this.#failTag(element, tag, `the value of ${name} has no closing quote`);
    if (attributes.has(name))
      this.#fail(`The attribute ${name} is set twice.`, 'remove one of the two', start);
    const value = this.#decoded(quoted.slice(1, -1), from);
    attributes.set(name, { value, at: this.from(from, this.at - 1) });
  }

  #readEndTag(start: number): void {
    const name = this.take(NAME);
    this.take(BLANK);
    const open = this.#open.pop();
    if (!this.sees('>') || open?.element.name !== name)
      this.#fail(
        open ? `The end tag of ${open.element.name} is missing here.` : 'This end tag has no start tag.',
        'correct the tag, or copy the file again',
        start,
      );
    this.skip('>');
    const { element, pieces } = open as Open;
    const value = pieces
      .map(({ text }) => text)
      .join('')
      .trim();
    const { end } = element.at;
    element.text = { value, at: this.from(pieces[0]?.start ?? end, pieces.at(-1)?.end ?? end) };
  }

  #decoded(raw: string, start: number): string {
    return raw.replace(/&(#?\w*)(;?)/g, (whole, name: string, semicolon: string, index: number) => {
      const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? [];
      const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
      const letter = code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entryOf(ENTITIES, name);
      if (letter !== undefined && semicolon !== '') return letter;
      const help = 'write &amp; for the character &, or &lt; &gt; &quot; &apos;';
      const at = start + index;
      return this.#fail('This is not a character reference.', help, at, at + whole.length);
    });
  }

  #failTag(name: string, start: number, what = 'its attributes are not name="value"'): never {
    this.#fail(`The tag of ${name} cannot be read: ${what}.`, 'write each attribute as name="value"', start);
  }

  #fail(message: string, help: string, start: number, end = this.at): never {
    this.refuse({ message, help, at: this.from(start, end) });
  }
}
