import { ReadingFault } from './fault.ts';
import { AGAIN, SqlTokens, type Token } from './sql-tokens.ts';

/** The tokens of a dump, with what its statements are made of: words, marks, lists. */
export class DumpTokens extends SqlTokens {
  /** Passes over words as long as they are some of these; gives how many there were. */
  skipWords(words: readonly string[]): number {
    let count = 0;
    for (let token = this.peek(); token?.kind === 'word'; token = this.peek()) {
      if (!words.includes(token.value.toUpperCase())) break;
      this.next();
      count += 1;
    }
    return count;
  }

  /** Takes a mark where it is the next token; says whether it was. */
  takes(mark: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'mark' || token.value !== mark) return false;
    this.next();
    return true;
  }

  /** Takes a token of the statement that begins with `first`. Throws ReadingFault where the dump ends. */
  need(first: Token): Token {
    const token = this.next();
    if (token) return token;
    throw new ReadingFault('The dump is cut off: this statement has no end.', first, AGAIN);
  }

  /** Refuses a token. Throws ReadingFault. */
  fail(token: Token): never {
    throw new ReadingFault('This is nothing that a dump has here.', token, AGAIN);
  }

  /** Passes over the rest of an item of a list, and gives the mark that ends it. Throws ReadingFault. */
  skipItem(first: Token): string {
    for (let depth = 0; ; ) {
      const token = this.need(first);
      if (token.kind !== 'mark') continue;
      if (token.value === '(') depth += 1;
      else if (depth === 0 && (token.value === ')' || token.value === ',')) return token.value;
      else if (token.value === ')') depth -= 1;
      else if (token.value === ';' && depth === 0) this.fail(token);
    }
  }

  /** Takes names up to the bracket that ends them, and gives these in lower case. Throws ReadingFault. */
  names(first: Token): string[] {
    const names: string[] = [];
    for (;;) {
      names.push(this.need(first).value.toLowerCase());
      const end = this.need(first);
      if (end.value === ')') return names;
      if (end.value !== ',') this.fail(end);
    }
  }
}
