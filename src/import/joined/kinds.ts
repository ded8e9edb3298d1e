import type { JoinedKind } from './kind.ts';
import { smd } from './smd/smd.ts';

/** The kinds that are joined. A new kind is a folder beside this file, and a line here. */
export const JOINED_KINDS: readonly JoinedKind[] = [smd];
