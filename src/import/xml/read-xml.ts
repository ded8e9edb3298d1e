import type { Place, Source } from '../../source/origin.ts';
import type { XmlElement, XmlText } from './element.ts';

/** The first fault of a file, which keeps the rest from being read. */
export interface XmlFault {
  readonly message: string;
  readonly help: string;
  readonly at: Place;
}

/** Thrown and caught within this file alone. */
class XmlError extends Error {
  readonly fault: XmlFault;

  constructor(fault: XmlFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** A deeper nesting than any program writes. */
const DEEPEST = 100;

const NAME = /[\p{L}_:][\p{L}\p{N}_:.-]*/uy;
const BLANK = /[ \t\r\n]+/y;

/** The entities that XML has without a definition. */
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Reads the elements of an XML file, one or several after each other, as `virsh dumpxml` writes them. Definitions (DOCTYPE)
 * are refused: no entity can grow. Never throws: gives what could be read, and the first fault.
 * Source: Extensible Markup Language (XML) 1.0, without document types.
 */
export function readXml(source: Source): {
  readonly roots: readonly XmlElement[];
  readonly fault?: XmlFault;
} {
  const reader = new XmlReader(source);
  try {
    reader.read();
    return { roots: reader.roots };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return { roots: reader.roots, fault: error.fault };
  }
}

/** An element whose end has not come. */
interface Open {
  readonly element: XmlElement & { children: XmlElement[]; text: XmlText };
  pieces: string[];
  textStart: number;
  textEnd: number;
}

class XmlReader {
  readonly roots: XmlElement[] = [];
  readonly #source: Source;
  readonly #open: Open[] = [];
  #at = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  read(): void {
    const { text } = this.#source;
    while (this.#at < text.length) {
      if (text[this.#at] !== '<') this.#text();
      else if (text.startsWith('<!--', this.#at)) this.#skip('<!--', '-->', 'comment');
      else if (text.startsWith('<![CDATA[', this.#at)) this.#characters();
      else if (text.startsWith('<?', this.#at)) this.#skip('<?', '?>', 'instruction');
      else if (text.startsWith('<!', this.#at))
        this.#fail(
          'This defines a type of document, or an entity: harvgen reads none.',
          'take it out: no file of libvirt has one',
          this.#at,
          this.#at + 2,
        );
      else if (text.startsWith('</', this.#at)) this.#endTag();
      else this.#startTag();
    }
    const last = this.#open.at(-1);
    if (last)
      this.#fail(
        `The element ${last.element.name} has no end.`,
        'copy the file again, to its end',
        last.element.at.start,
        last.element.at.end,
      );
  }

  #text(): void {
    const { text } = this.#source;
    const start = this.#at;
    const next = text.indexOf('<', start);
    const end = next < 0 ? text.length : next;
    const raw = text.slice(start, end);
    this.#at = end;
    const blank = raw.length - raw.replace(/^[\s\ufeff]+/, '').length;
    if (blank === raw.length) return;
    const open = this.#open.at(-1);
    if (!open)
      this.#fail(
        'This is text outside of any element.',
        'give the XML alone, as virsh dumpxml prints it',
        start + blank,
        start + raw.trimEnd().length,
      );
    this.#add(open, this.#decoded(raw, start), start + blank, start + raw.trimEnd().length);
  }

  #characters(): void {
    const start = this.#at;
    const from = start + '<![CDATA['.length;
    const end = this.#source.text.indexOf(']]>', from);
    const open = this.#open.at(-1);
    if (end < 0 || !open) this.#fail('This text has no end, or stands outside.', 'correct it', start, from);
    this.#add(open, this.#source.text.slice(from, end), from, end);
    this.#at = end + 3;
  }

  #add(open: Open, text: string, start: number, end: number): void {
    if (open.pieces.length === 0) open.textStart = start;
    open.pieces.push(text);
    open.textEnd = end;
  }

  #skip(begin: string, end: string, what: string): void {
    const found = this.#source.text.indexOf(end, this.#at + begin.length);
    if (found < 0)
      this.#fail(
        `This ${what} has no end.`,
        'close it, or copy the file again',
        this.#at,
        this.#at + begin.length,
      );
    this.#at = found + end.length;
  }

  #startTag(): void {
    const start = this.#at;
    this.#at += 1;
    const name = this.#match(NAME);
    if (name === '')
      this.#fail('Behind < no name of an element stands.', 'write &lt; for the character', start, start + 1);
    const attributes = new Map<string, XmlText>();
    for (;;) {
      const blank = this.#match(BLANK);
      const { text } = this.#source;
      const isEmpty = text.startsWith('/>', this.#at);
      if (isEmpty || text[this.#at] === '>') {
        this.#at += isEmpty ? 2 : 1;
        this.#begin(name, start, attributes, isEmpty);
        return;
      }
      if (blank === '') this.#failTag(name, start);
      this.#attribute(name, start, attributes);
    }
  }

  #begin(name: string, start: number, attributes: ReadonlyMap<string, XmlText>, isEmpty: boolean): void {
    if (this.#open.length >= DEEPEST)
      this.#fail(
        `Elements lie more than ${DEEPEST} deep in each other.`,
        'no file of libvirt is so deep',
        start,
        this.#at,
      );
    const at = this.#place(start, this.#at);
    const element = { name, at, attributes, children: [], text: { value: '', at } };
    (this.#open.at(-1)?.element.children ?? this.roots).push(element);
    if (!isEmpty) this.#open.push({ element, pieces: [], textStart: this.#at, textEnd: this.#at });
  }

  #attribute(element: string, tag: number, attributes: Map<string, XmlText>): void {
    const start = this.#at;
    const name = this.#match(NAME);
    this.#match(BLANK);
    if (name === '' || this.#source.text[this.#at] !== '=') this.#failTag(element, tag);
    this.#at += 1;
    this.#match(BLANK);
    const quote = this.#source.text[this.#at] ?? '';
    const from = this.#at + 1;
    const end = quote === '"' || quote === "'" ? this.#source.text.indexOf(quote, from) : -1;
    const raw = this.#source.text.slice(from, end);
    if (end < 0 || raw.includes('<'))
      this.#failTag(element, tag, `the value of ${name} has no end in quotes`);
    if (attributes.has(name))
      this.#fail(`The attribute ${name} stands twice.`, 'leave the one that counts', start, end + 1);
    attributes.set(name, { value: this.#decoded(raw, from), at: this.#place(from, end) });
    this.#at = end + 1;
  }

  #endTag(): void {
    const start = this.#at;
    this.#at += 2;
    const name = this.#match(NAME);
    this.#match(BLANK);
    const open = this.#open.pop();
    if (this.#source.text[this.#at] !== '>' || open?.element.name !== name)
      this.#fail(
        open ? `Here ${open.element.name} should end.` : 'This ends an element that has not begun.',
        'correct the tag, or copy the file again',
        start,
        Math.max(this.#at, start + 2),
      );
    this.#at += 1;
    const value = open.pieces.join('').trim();
    open.element.text = { value, at: this.#place(open.textStart, Math.max(open.textStart, open.textEnd)) };
  }

  #decoded(raw: string, start: number): string {
    if (!raw.includes('&')) return raw;
    return raw.replace(/&(#?\w*)(;?)/g, (whole, name: string, end: string, at: number) => {
      const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? [];
      const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
      const letter =
        code > 0 && code <= 0x10ffff
          ? String.fromCodePoint(code)
          : Object.hasOwn(ENTITIES, name)
            ? ENTITIES[name]
            : undefined;
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

  #match(form: RegExp): string {
    form.lastIndex = this.#at;
    const [found = ''] = form.exec(this.#source.text) ?? [];
    this.#at += found.length;
    return found;
  }

  #place(start: number, end: number): Place {
    return { source: this.#source, start, end };
  }

  #failTag(name: string, start: number, what = 'its attributes are not name="value"'): never {
    this.#fail(
      `The tag of ${name} cannot be read: ${what}.`,
      'correct it',
      start,
      Math.max(this.#at, start + 1),
    );
  }

  #fail(message: string, help: string, start: number, end: number): never {
    throw new XmlError({ message, help, at: this.#place(start, end) });
  }
}
