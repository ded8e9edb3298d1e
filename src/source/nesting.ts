import { type CST, Lexer, Parser } from 'yaml';

/** The maximum depth of nested collections. Deeper ones would exhaust the parser's stack, where Node may crash. */
const MOST_NESTED = 100;

/** The lexeme of yaml's lexer at which a document begins without a line for it. */
const DOCUMENT = '\u0002';

/**
 * Returns the tokens of a YAML text; for collections that are nested too deep, the offset of the first instead. Stops there, because the
 * parser itself recurses when deep collections end. A JSON object after another one, as jq prints them, begins a document.
 */
export function tokensOf(text: string): CST.Token[] | number {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  const isJson = /^\ufeff?\s*\{/.test(text);
  let depth: number | undefined;
  for (const lexeme of new Lexer().lex(text)) {
    if (isJson && lexeme === '{' && depth === 0) tokens.push(...parser.end(), ...parser.next(DOCUMENT));
    if (lexeme === '{' || lexeme === '[') depth = (depth ?? 0) + 1;
    else if (depth && (lexeme === '}' || lexeme === ']')) depth -= 1;
    for (const token of parser.next(lexeme)) tokens.push(token);
    // The stack contains the document, the open collections, and possibly a scalar.
    const top = parser.stack[MOST_NESTED + 1];
    if (top && 'items' in top) return top.offset;
  }
  tokens.push(...parser.end());
  return tokens;
}

/** Returns the offset of the first collection of a YAML text that is nested too deep, or undefined. */
export function tooDeepAt(text: string): number | undefined {
  const tokens = tokensOf(text);
  return typeof tokens === 'number' ? tokens : undefined;
}
