import { chapBothWays } from './chap-both-ways.ts';
import { chapLength } from './chap-length.ts';
import { iscsiCharacters } from './iscsi-characters.ts';
import { secretBlankEnds } from './secret-blank-ends.ts';
import { secretBreaksLines } from './secret-breaks-lines.ts';
import { secretLineEnd } from './secret-line-end.ts';
import { secretPasswordHash } from './secret-password-hash.ts';
import { secretReused } from './secret-reused.ts';
import { secretUnresolved } from './secret-unresolved.ts';
import { templateInSecret } from './template-in-secret.ts';
import { tokenNotAscii } from './token-not-ascii.ts';
import type { ValueRule } from './value-rule.ts';
import { weakPassword } from './weak-password.ts';
import { weakPasswordHash } from './weak-password-hash.ts';
import { weakToken } from './weak-token.ts';

/** Every rule over the values of secrets. */
export const valueRules: readonly ValueRule[] = [
  secretUnresolved,
  secretBlankEnds,
  secretLineEnd,
  secretBreaksLines,
  tokenNotAscii,
  weakToken,
  weakPassword,
  secretPasswordHash,
  weakPasswordHash,
  secretReused,
  templateInSecret,
  iscsiCharacters,
  chapLength,
  chapBothWays,
];
