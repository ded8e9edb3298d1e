/** What keeps the rest of a file from being read. Thrown and caught within the reading of one file. */
export class DhcpdFault extends Error {
  readonly start: number;
  readonly end: number;
  readonly help: string;

  /** Takes what is wrong, where it stands, and what to do. */
  constructor(
    message: string,
    { start, end }: { readonly start: number; readonly end: number },
    help: string,
  ) {
    super(message);
    this.start = start;
    this.end = end;
    this.help = help;
  }
}
