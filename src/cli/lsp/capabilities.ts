import type { Capability } from './capability.ts';
import { completion } from './completion.ts';
import { hover } from './hover.ts';
import { definition, references } from './references.ts';
import { rename } from './rename.ts';

/** Every ability apart from diagnostics: each is a file and a line. */
export const CAPABILITIES: readonly Capability[] = [hover, completion, definition, references, rename];
