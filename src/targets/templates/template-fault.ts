import type { Place } from '../../source/origin.ts';

/**
 * Diagnostics of templates: what JavaScript cannot read, what fails or is of no use, a value that cannot be written, and a
 * reference to a secret, which nothing would fill in.
 */
export type TemplateFaultCode = 'template-syntax' | 'template-fault' | 'template-value' | 'template-secret';

/** Thrown for what is wrong with a template: what, where in its text, and what to do. */
export class TemplateFault extends Error {
  readonly code: TemplateFaultCode;
  readonly at: Place;
  readonly help: string;

  /** Takes the parts of the diagnostic, and as `cause` what has been thrown, if anything. */
  constructor(code: TemplateFaultCode, message: string, at: Place, help: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TemplateFault';
    this.code = code;
    this.at = at;
    this.help = help;
  }
}
