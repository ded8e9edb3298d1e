import { type CST, Parser } from 'yaml';

/** The maximum depth of nested collections. Deeper ones would exhaust the parser's stack, where Node may crash. */
const MOST_NESTED = 100;

/** Returns the offset of the first collection that is nested too deep, or undefined. Takes the tokens if the caller has them. */
export function tooDeepAt(
  text: string,
  tokens: Iterable<CST.Token> = new Parser().parse(text),
): number | undefined {
  let level = [...tokens];
  for (let depth = 0; depth <= MOST_NESTED && level.length > 0; depth += 1)
    level = level.flatMap((token) => {
      if ('items' in token) return token.items.flatMap(({ key, value }) => [key ?? [], value ?? []].flat());
      return token.type === 'document' ? (token.value ?? []) : [];
    });
  return level.find((token) => 'items' in token)?.offset;
}
