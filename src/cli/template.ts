import { builtInFiles, builtInSource } from '../targets/templates/template.ts';
import { didYouMean, likelyNames, UsageError } from './read-arguments.ts';

/** `harvgen template`: lists the built-in templates, or prints one. Throws UsageError for an unknown name. */
export function template(name: string | undefined): number {
  const files = builtInFiles();
  if (name === undefined) {
    process.stdout.write(`${files.join('\n')}\n`);
    return 0;
  }
  const found = files.find((file) => file === name || file === `${name}.eta`);
  if (!found)
    throw new UsageError(
      `unknown template ${name}${didYouMean(likelyNames(name, files))} Run \`harvgen template\` to list them`,
    );
  process.stdout.write(builtInSource(found.replace(/\.eta$/, '')).text);
  return 0;
}
