import { dataBesideCode } from '../../values/package.ts';
import type { Severity } from './report.ts';

/** The texts of a kind of diagnostics in the reference and `harvgen rules`: those of a rule, or of errors that no rule reports. */
export interface Code {
  readonly code: string;
  readonly severity: Severity;
  /** The requirement, with "must", in at most 20 words. */
  readonly what: string;
  /** One or two sentences: the consequence of a violation on the machine, with the upstream thread if there is one. */
  readonly why: string;
  /** How an editor shows the text of a finding: faded, because it has no effect, or struck through, because it is for older releases. */
  readonly tag?: 'unnecessary' | 'deprecated';
}

/** The diagnostics that no rule reports, by subject. After those of files and YAML, a file cannot be read further. */
export const CODES_BY_SUBJECT: Readonly<Record<string, readonly Code[]>> = Object.fromEntries(
  Object.entries(JSON.parse(dataBesideCode('source/diagnostics/codes.json')) as Texts).map(
    ([subject, texts]) => [subject, Object.entries(texts).map(([code, rest]) => ({ code, ...rest }))],
  ),
);

type Texts = Record<string, Record<string, Omit<Code, 'code'>>>;

export const CODES: readonly Code[] = Object.values(CODES_BY_SUBJECT).flat();
