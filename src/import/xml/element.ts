import type { Place } from '../../source/origin.ts';

/** A text of an XML file, and where it is written. */
export interface XmlText {
  readonly value: string;
  readonly at: Place;
}

/** An element of an XML file. */
export interface XmlElement {
  /** Its name as it is written, with the prefix of its namespace. */
  readonly name: string;
  /** Its start tag. */
  readonly at: Place;
  readonly attributes: ReadonlyMap<string, XmlText>;
  readonly children: readonly XmlElement[];
  /** The text that it holds itself, without blanks around it. */
  readonly text: XmlText;
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
