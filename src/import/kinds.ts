import type { ImportKind } from './kind.ts';
import { oci } from './oci/oci.ts';
import { phs } from './phs/phs.ts';
import { tfvars } from './tfvars/tfvars.ts';

/** What can be imported. A new kind is a folder beside this file, and a line here. */
export const IMPORT_KINDS: readonly ImportKind[] = [tfvars, phs, oci];
