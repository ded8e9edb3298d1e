import { schemaOf } from './schemas.ts';

/**
 * Returns the values of the facts in a file of `facts/`. Each fact in it has its `values`, and their sources in `$comment` or
 * `sources`. Lists and maps are in the order of the file. Each file is read once.
 */
export function factsOf<Facts extends object>(file: string): Facts {
  const facts = schemaOf(`facts/${file}.json`) as Readonly<Record<string, { readonly values: unknown }>>;
  return Object.fromEntries(Object.entries(facts).map(([name, { values }]) => [name, values])) as Facts;
}
