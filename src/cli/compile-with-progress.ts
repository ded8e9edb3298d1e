import { type Compilations, compileSites } from '../compile-sites.ts';
import type { SecretSource } from '../secrets/source.ts';
import { Progress } from './progress.ts';
import { saySlips } from './say-slips.ts';

/** Compiles sites, with the values of secrets where they are given; on a terminal, when it takes long, says how far it is. Warns of what is misspelt in a file of secrets. */
export async function compileWithProgress(
  sites: readonly string[],
  secrets?: SecretSource,
): Promise<Compilations> {
  const progress = new Progress(process.stderr);
  const say = (what: string, index: number) => {
    const count = sites.length > 1 ? `${index + 1} of ${sites.length}: ` : '';
    progress.say(`${count}${what}: ${sites[index]}`);
  };
  const compiled = await compileSites(sites, say, secrets);
  progress.clear();
  await saySlips(compiled.compilations, sites, secrets);
  return compiled;
}
