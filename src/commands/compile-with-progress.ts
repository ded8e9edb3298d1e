import { type Compilations, compileSites } from '../compile-sites.ts';
import { Progress } from './progress.ts';

/** Compiles sites; on a terminal, when it takes long, says how far it is. */
export async function compileWithProgress(sites: readonly string[]): Promise<Compilations> {
  const progress = new Progress(process.stderr);
  let count = 0;
  const compiled = await compileSites(sites, (site) => {
    count += 1;
    progress.say(`${count} of ${sites.length}: ${site}`);
  });
  progress.clear();
  return compiled;
}
