import type { Report } from '../../../source/diagnostics/report.ts';
import type { Source } from '../../../source/origin.ts';
import { DhcpdFault } from './fault.ts';
import { type Token, tokensOf } from './tokens.ts';

/** A statement: words up to a semicolon, or up to a block in braces. */
export interface Statement {
  /** Its first word, in lower case. */
  readonly keyword: string;
  /** What follows the first word, commas among it. */
  readonly words: readonly Token[];
  readonly block?: readonly Statement[] | undefined;
  readonly start: number;
  /** The end of its words: its block lies behind. */
  readonly end: number;
}

/** A deeper nesting than anybody writes. */
const DEEPEST = 50;

/** A block that is being read, and the words of the statement that it has come to. */
interface Open {
  readonly statements: Statement[];
  words: Token[];
  /** Undefined for the file itself. */
  readonly brace?: Token;
}

/**
 * Reads the statements of a dhcpd.conf or dhcpd.leases, which have one grammar. Reports the first fault, and gives undefined
 * then. Source: dhcpd.conf(5), dhcpd.leases(5).
 */
export function readStatements(source: Source, report: Report): readonly Statement[] | undefined {
  try {
    return statementsOf(source);
  } catch (fault) {
    if (!(fault instanceof DhcpdFault)) throw fault;
    const { message, start, end, help } = fault;
    report.error({ code: 'import-syntax', message, at: { source, start, end }, help });
    return undefined;
  }
}

function statementsOf(source: Source): Statement[] {
  const file: Open = { statements: [], words: [] };
  const open: Open[] = [file];
  for (const token of tokensOf(source)) {
    const within = open.at(-1) as Open;
    if (token.kind !== 'mark' || token.text === ',') within.words.push(token);
    else if (token.text === '{') {
      if (open.length > DEEPEST)
        throw new DhcpdFault(
          `Blocks lie more than ${DEEPEST} deep in each other.`,
          token,
          'look for a brace too many, or for one that is not closed',
        );
      const block: Open = { statements: [], words: [], brace: token };
      within.statements.push(statementOf(within.words, token, block.statements));
      within.words = [];
      open.push(block);
    } else if (token.text === ';') {
      if (within.words.length > 0) within.statements.push(statementOf(within.words, token));
      within.words = [];
    } else {
      refuseRest(within);
      if (!within.brace)
        throw new DhcpdFault(
          'This brace closes nothing.',
          token,
          'take it out, or see whether one is missing before it',
        );
      open.pop();
    }
  }
  const last = open.at(-1) as Open;
  if (last.brace)
    throw new DhcpdFault(
      'This brace is not closed.',
      last.brace,
      'close it, or copy the file again, to its end',
    );
  refuseRest(last);
  return file.statements;
}

function statementOf(words: readonly Token[], behind: Token, block?: readonly Statement[]): Statement {
  const [first = behind, ...others] = words;
  const last = others.at(-1) ?? first;
  const keyword = first.kind === 'word' ? first.text.toLowerCase() : '';
  return { keyword, words: others, block, start: first.start, end: last.end };
}

function refuseRest({ words }: Open): void {
  const [first] = words;
  const last = words.at(-1);
  if (!first || !last) return;
  throw new DhcpdFault(
    'This statement has no semicolon behind it.',
    { start: last.start, end: last.end },
    'put one there',
  );
}
