import type { Source, SourceLocation } from '../../source/source.ts';
import type { Sourced } from '../joined/gathered.ts';
import { entryOf } from './file-reader.ts';
import { TextCursor } from './text-cursor.ts';

/** An element of an XML file. */
export interface XmlElement {
  /** Its name as it is written, with the prefix of its namespace. */
  readonly name: string;
  /** Its start tag. */
  readonly at: SourceLocation;
  readonly attributes: ReadonlyMap<string, Sourced<string>>;
  readonly children: readonly XmlElement[];
  /** The text that it holds itself, without blanks around it. */
  readonly text: Sourced<string>;
}

/** Gives the child of an element by its name, or by several names the child of a child; undefined where it has none. */
export function childOf(element: XmlElement, ...names: readonly string[]): XmlElement | undefined {
  let found: XmlElement | undefined = element;
  for (const name of names) found = found?.children.find((child) => child.name === name);
  return found;
}

/** Gives the children of an element by their name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The first fault of a file, which keeps the rest from being read. */
export interface XmlFault {
  readonly message: string;
  readonly help: string;
  readonly at: SourceLocation;
}

/** A deeper nesting than any program writes. */
const DEEPEST = 100;

const NAME = /[\p{L}_:][\p{L}\p{N}_:.-]*/uy;
const BLANK = /[ \t\r\n]+/y;

/** The entities that XML has without a definition. */
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Reads the elements of an XML file, one or several after each other, as `virsh dumpxml` writes them. Definitions (DOCTYPE)
 * are refused: no entity can grow. Never throws: gives what could be read, and the first fault. No library tells the place of
 * each attribute and reads several elements after each other.
 * Source: Extensible Markup Language (XML) 1.0, without document types.
 */
export function readXml(source: Source): {
  readonly roots: readonly XmlElement[];
  readonly fault?: XmlFault;
} {
  const reader = new XmlReader(source);
  const fault = reader.faultOf(() => reader.read());
  return fault ? { roots: reader.roots, fault } : { roots: reader.roots };
}

interface Open {
  readonly element: XmlElement & { children: XmlElement[]; text: Sourced<string> };
  readonly pieces: string[];
  start: number;
  end: number;
}

class XmlReader extends TextCursor<XmlFault> {
  readonly roots: XmlElement[] = [];
  readonly #open: Open[] = [];

  read(): void {
    while (this.at < this.source.text.length)
      if (this.source.text[this.at] !== '<') this.#readText();
      else if (this.sees('<!--')) this.#behind('<!--', '-->', 'This comment has no end.');
      else if (this.sees('<![CDATA[')) this.#readCharacters();
      else if (this.sees('<?')) this.#behind('<?', '?>', 'This instruction has no end.');
      else if (this.sees('<!'))
        this.#fail(
          'This defines a type of document, or an entity: harvgen reads none.',
          'take it out: no file of libvirt has one',
          this.at,
          this.at + 2,
        );
      else if (this.sees('</')) this.#readEndTag();
      else this.#readStartTag();
    const { name, at } = this.#open.at(-1)?.element ?? {};
    if (at)
      this.#fail(`The element ${name} has no end.`, 'copy the file again, to its end', at.start, at.end);
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
        'give the XML alone, as virsh dumpxml prints it',
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
      this.#fail('This text has no end, or stands outside.', 'correct it', start, from);
    this.#add(this.source.text.slice(from, end), from, end);
    this.at = end + 3;
  }

  #add(text: string, start: number, end: number): void {
    const open = this.#open.at(-1) as Open;
    if (open.pieces.length === 0) open.start = start;
    open.pieces.push(text);
    open.end = end;
  }

  #behind(begin: string, end: string, message: string): void {
    const from = this.at + begin.length;
    const found = this.source.text.indexOf(end, from);
    if (found < 0) this.#fail(message, 'close it, or copy the file again', this.at, from);
    this.at = found + end.length;
  }

  #readStartTag(): void {
    const start = this.at;
    this.at += 1;
    const name = this.take(NAME) ?? '';
    if (name === '')
      this.#fail('Behind < no name of an element stands.', 'write &lt; for the character', start, start + 1);
    const attributes = new Map<string, Sourced<string>>();
    for (let blank = this.take(BLANK); !this.sees('>') && !this.sees('/>'); blank = this.take(BLANK)) {
      if (blank === undefined) this.#failTag(name, start);
      this.#readAttribute(name, start, attributes);
    }
    const isEmpty = this.sees('/>');
    this.at += isEmpty ? 2 : 1;
    if (this.#open.length >= DEEPEST)
      this.#fail(
        `Elements lie more than ${DEEPEST} deep in each other.`,
        'no file of libvirt is so deep',
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
      this.#failTag(element, tag, `the value of ${name} has no end in quotes`);
    if (attributes.has(name))
      this.#fail(`The attribute ${name} stands twice.`, 'leave the one that counts', start, end + 1);
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
        open ? `Here ${open.element.name} should end.` : 'This ends an element that has not begun.',
        'correct the tag, or copy the file again',
        start,
        Math.max(this.at, start + 2),
      );
    this.at += 1;
    open.element.text = { value: open.pieces.join('').trim(), at: this.from(open.start, open.end) };
  }

  #decoded(raw: string, start: number): string {
    return raw.replace(/&(#?\w*)(;?)/g, (whole, name: string, end: string, at: number) => {
      const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? [];
      const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
      const letter = code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entryOf(ENTITIES, name);
      if (letter === undefined || end === '')
        this.#fail(
          'This stands for no character.',
          'write &amp; for the character &, or &lt; &gt; &quot; &apos;',
          start + at,
          start + at + whole.length,
        );
      return letter;
    });
  }

  #failTag(name: string, start: number, what = 'its attributes are not name="value"'): never {
    const message = `The tag of ${name} cannot be read: ${what}.`;
    this.#fail(message, 'correct it', start, Math.max(this.at, start + 1));
  }

  #fail(message: string, help: string, start: number, end: number): never {
    this.refuse({ message, help, at: this.from(start, end) });
  }
}
