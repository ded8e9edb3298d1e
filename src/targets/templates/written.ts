/** Thrown where a tag is to write what is no text. */
export class Unwritable extends Error {
  readonly help: string;

  /** Takes what the value is, and what to do. */
  constructor(message: string, help: string) {
    super(message);
    this.name = 'Unwritable';
    this.help = help;
  }
}

/**
 * Gives a value as the text that a tag writes of it. Throws Unwritable for what is not there, and for lists, maps and
 * functions: nobody wants the word undefined, or [object Object], in a file that a machine boots from.
 */
export function written(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      throw refusal(value);
  }
}

function refusal(value: unknown): Unwritable {
  if (value === undefined || value === null) {
    const help = 'write it only where it is there, by <% if (…) { %>, or say what else to write, by ??';
    return new Unwritable('This has no value, so there is nothing to write', help);
  }
  if (Array.isArray(value))
    return new Unwritable('This is a list, and no text', 'write its entries in a loop, or join them');
  return new Unwritable(
    `This is ${typeof value === 'object' ? 'an' : 'a'} ${typeof value}, and no text`,
    'write one of its values',
  );
}
