import { isUtf8 } from 'node:buffer';
import { type CreateNodeOptions, Document, Scalar, type ToStringOptions } from 'yaml';

/** A file that cloud-init writes. */
export interface WrittenFile {
  /** Where, from the root of the machine on. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode: number;
}

/** What is run once all files are there, and where its output is kept beside the console. */
export interface Setup {
  readonly program: string;
  readonly log: string;
}

/** No line is folded: a block is what stands in it. */
const AS_IS: CreateNodeOptions & ToStringOptions = {
  lineWidth: 0,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  aliasDuplicateObjects: false,
};

/**
 * Renders user-data for cloud-init: files to write, sorted by path, and what to run then. Text stands there as it is, a
 * line each, so that a change of it can be read, and marks are what they are in the file; what no block of YAML can hold
 * is in base64. `intro` is what a reader is told. Source: cloud-init's modules write_files and runcmd;
 * without `owner` a file is root's.
 */
export function renderUserData(
  intro: readonly string[],
  files: readonly WrittenFile[],
  { program, log }: Setup,
): string {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const document = new Document(
    {
      write_files: sorted.map(entryOf),
      // cloud-init quotes each word for the shell. What is on the terminal of the last stage is on the console, too.
      runcmd: [['bash', '-c', RUN, program, log]],
    },
    AS_IS,
  );
  document.commentBefore = intro.map((line) => ` ${line}`).join('\n');
  return `#cloud-config\n${document.toString(AS_IS)}`;
}

/** Keeps the exit status of what is run, for `cloud-init status`. */
const RUN = 'set -o pipefail; "$0" 2>&1 | tee -a "$1"';

function entryOf({ path, content, mode }: WrittenFile): object {
  const permissions = quoted(`0${mode.toString(8)}`);
  const text = textOf(content);
  if (text !== undefined && isBlock(text)) return { path, permissions, content: block(text) };
  return { path, permissions, encoding: 'b64', content: Buffer.from(content).toString('base64') };
}

function textOf(content: string | Uint8Array): string | undefined {
  if (typeof content === 'string') return content;
  // Unlike a TextDecoder, it keeps a byte order mark.
  return isUtf8(content) ? Buffer.from(content).toString('utf8') : undefined;
}

/**
 * What a block of YAML 1.1 and 1.2 cannot hold as it is, or some reader takes for a line break: controls, U+0085, line and
 * paragraph separators, byte order marks, halves of surrogate pairs. Source: YAML 1.1, 5.1 and 5.4.
 */
const NOT_IN_BLOCK =
  /[^\t\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** Says whether a text can stand in a block: readers differ over one that ends in lines of blanks, or has nothing else. */
function isBlock(text: string): boolean {
  return !NOT_IN_BLOCK.test(text) && /\S\n?$/.test(text);
}

function block(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = 'BLOCK_LITERAL';
  return scalar;
}

function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = 'QUOTE_DOUBLE';
  return scalar;
}
