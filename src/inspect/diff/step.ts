import type { NodeFacts } from './facts.ts';

/** The facts of a node that are words. */
export type WordFact = Exclude<
  keyof NodeFacts,
  | 'nics'
  | 'linux'
  | 'iscsi'
  | 'networks'
  | 'bootNic'
  | 'cloudInit'
  | 'network'
  | 'leases'
  | 'drive'
  | 'declared'
  | 'domain'
>;

/** From what to what a fact goes: undefined where it stays, and where one of the trees does not know it. */
export function stepOf(
  before: NodeFacts,
  after: NodeFacts,
  fact: WordFact,
): { readonly from: string; readonly to: string } | undefined {
  const [from, to] = [before[fact], after[fact]];
  return from === undefined || to === undefined || from === to ? undefined : { from, to };
}
