import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/origin.ts';

/** What keeps the rest of a file from being read. Thrown and caught within the reading of one file. */
export class ReadingFault extends Error {
  readonly start: number;
  readonly end: number;
  readonly help: string;
  readonly code: 'oci-syntax' | 'not-oci-harvester';

  /** Takes what is wrong, where it stands, what to do, and as what it is reported. */
  constructor(
    message: string,
    { start, end }: { readonly start: number; readonly end: number },
    help: string,
    code: 'oci-syntax' | 'not-oci-harvester' = 'oci-syntax',
  ) {
    super(message);
    this.start = start;
    this.end = end;
    this.help = help;
    this.code = code;
  }
}

/** Runs a reading; a fault of it is reported, and it gives undefined then. */
export function readOrReport<T>(source: Source, report: Report, read: () => T): T | undefined {
  try {
    return read();
  } catch (fault) {
    if (!(fault instanceof ReadingFault)) throw fault;
    const { code, message, start, end, help } = fault;
    report.error({ code, message, at: { source, start, end }, help });
    return undefined;
  }
}
