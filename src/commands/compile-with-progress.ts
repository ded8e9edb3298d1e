import { type Compilations, compileSites } from '../compile-sites.ts';
import { Progress } from './progress.ts';

/** Compiles sites; on a terminal, when it takes long, says how far it is. */
export async function compileWithProgress(sites: readonly string[]): Promise<Compilations> {
  const progress = new Progress(process.stderr);
  const compiled = await compileSites(sites, (what, index) => {
    const count = sites.length > 1 ? `${index + 1} of ${sites.length}: ` : '';
    progress.say(`${count}${what}: ${sites[index]}`);
  });
  progress.clear();
  return compiled;
}
