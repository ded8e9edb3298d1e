/** Thrown where a value cannot be written in a syntax at all, so that nobody meets it half-way through a file. */
export class Unquotable extends Error {
  /** Takes the value, the syntax it was meant for, and why it has no place there. */
  constructor(value: string, syntax: string, why: string) {
    super(`${JSON.stringify(value)} cannot be written in ${syntax}: ${why}`);
    this.name = 'Unquotable';
  }
}
