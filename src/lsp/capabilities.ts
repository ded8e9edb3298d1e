import type { Capability } from './capability.ts';
import { codeActions } from './code-actions.ts';
import { completion } from './completion.ts';
import { hover } from './hover.ts';
import { inlayHints } from './inlay-hints.ts';
import { links } from './links.ts';
import { definition, references } from './references.ts';
import { rename } from './rename.ts';
import { folding, symbols } from './symbols.ts';

/** Every ability apart from diagnostics: each is a file and a line. */
export const CAPABILITIES: readonly Capability[] = [
  hover,
  inlayHints,
  symbols,
  folding,
  links,
  codeActions,
  completion,
  definition,
  references,
  rename,
];
