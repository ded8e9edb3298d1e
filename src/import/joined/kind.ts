import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/origin.ts';
import type { Gathered } from './gathered.ts';

/** A kind of file that says something of machines. Several files, also of several kinds, are joined into one site. */
export interface JoinedKind {
  /** As it is given on the command line. */
  readonly name: string;
  /** What such a file is, and whose, in a few words. */
  readonly what: string;
  /**
   * Says whether a text is most probably one of these, as far as its beginning or its keys tell: it is asked of a file that
   * another kind could not take.
   */
  isLike(source: Source): boolean;
  /** Gives what a file says. Reports what is wrong with it; gives undefined where there has been an error. */
  read(source: Source, report: Report): Gathered | undefined;
}
