import type { Compilation } from '../compile.ts';
import type { SecretSource } from '../secrets/source.ts';
import { visible } from '../values/quoting/visible.ts';

/**
 * Says on standard error what is probably misspelt in a file of secrets, with its place. Takes what compiling the sites of
 * a call gave, and their folders; of sites with errors it is not known what they need, and nothing is said.
 */
export async function saySlips(
  compilations: readonly Compilation[],
  folders: readonly string[],
  source: SecretSource | undefined,
): Promise<void> {
  if (!source?.written) return;
  const sites = compilations.flatMap(({ site }) => site ?? []);
  if (sites.length < compilations.length) return;
  const { slipsIn } = await import('../secrets/slips.ts');
  for (const slip of slipsIn(source, sites, folders)) process.stderr.write(`harvgen: ${visible(slip)}\n`);
}
