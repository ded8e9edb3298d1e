import { type CreateNodeOptions, Scalar, type ToStringOptions } from 'yaml';

/** No line is folded: a block is what stands in it. */
export const AS_IS: CreateNodeOptions & ToStringOptions = {
  lineWidth: 0,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  aliasDuplicateObjects: false,
};

/**
 * What a block of YAML 1.1 and 1.2 cannot hold as it is, or some reader takes for a line break: controls, U+0085, line and
 * paragraph separators, byte order marks, halves of surrogate pairs. Source: YAML 1.1, 5.1 and 5.4.
 */
const NOT_IN_BLOCK =
  /[^\t\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** Says whether a text can stand in a block: readers differ over one that ends in lines of blanks, or has nothing else. */
export function isBlock(text: string): boolean {
  return !NOT_IN_BLOCK.test(text) && /\S\n?$/.test(text);
}

/** Gives a text as a block, a line for each of its lines. */
export function block(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = 'BLOCK_LITERAL';
  return scalar;
}

/** Gives a text in double quotes. */
export function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = 'QUOTE_DOUBLE';
  return scalar;
}
