import { referenceIn } from '../../source/marks.ts';
import { Unwritable, written } from './written.ts';

/** What is wrong with a reference to a secret, and a mark, wherever a template writes it. */
export const SECRET_WRITTEN = {
  message:
    'This refers to a secret, and nginx fills secrets into configurations alone: a machine would read the reference',
  help: 'leave it out; what needs a secret belongs into the configuration of a node',
};

/** Thrown where a tag is to write a reference to a secret. */
export class SecretWritten extends Unwritable {
  constructor() {
    super(SECRET_WRITTEN.message, SECRET_WRITTEN.help);
    this.name = 'SecretWritten';
  }
}

/** Gives a value as the text that a tag writes of it. Throws Unwritable for what is none, and for what refers to a secret. */
export function writtenWithoutSecret(value: unknown): string {
  const text = written(value);
  if (referenceIn(text) !== undefined) throw new SecretWritten();
  return text;
}
