import type { Capability } from './capability.ts';
import { codeActions } from './code-actions.ts';
import { hover } from './hover.ts';
import { inlayHints } from './inlay-hints.ts';
import { links } from './links.ts';
import { folding, symbols } from './symbols.ts';

/** Every ability apart from diagnostics: each is a file and a line. */
export const CAPABILITIES: readonly Capability[] = [hover, inlayHints, symbols, folding, links, codeActions];
