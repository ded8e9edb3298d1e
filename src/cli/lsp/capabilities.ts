import type { Capability } from './capability.ts';
import { hover } from './hover.ts';

/** Every ability apart from diagnostics: each is a file and a line. */
export const CAPABILITIES: readonly Capability[] = [hover];
