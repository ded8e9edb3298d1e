import { type CST, Parser } from 'yaml';

/** No file is meant to have more collections in each other. The parser would take them to the end of the stack, where Node may crash. */
const MOST_NESTED = 100;

/** Returns where the first collection of a YAML text is that is too deep in others; undefined for none. Takes its tokens, if they are there. */
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
