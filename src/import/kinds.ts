import type { ImportKind } from './kind.ts';
import { tfvars } from './tfvars/tfvars.ts';

/** What can be imported. A new kind is a folder beside this file, and a line here. */
export const IMPORT_KINDS: readonly ImportKind[] = [tfvars];
