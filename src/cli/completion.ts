import { textBesideCode } from '../values/package.ts';
import { unknownValue } from './read-arguments.ts';

/** The shells with a script in `completion/`, which calls `harvgen __complete` with the words until the cursor. */
export const SHELLS = ['bash', 'zsh', 'fish'];

/** `harvgen completion`: prints the script that completes command lines in a shell. Throws UsageError for an unknown shell. */
export function completion(shell: string): number {
  if (!SHELLS.includes(shell)) throw unknownValue('shell', shell, SHELLS);
  process.stdout.write(textBesideCode(`cli/completion/harvgen.${shell}`));
  return 0;
}
