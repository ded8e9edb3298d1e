import { parse } from 'yaml';

/** The report of the stand-in for Harvester's installer on the serial port. */
export interface StandInReport {
  /** Returns the value of a line such as `STAND-IN address 192.168.178.41/24`, or undefined. */
  reported(what: string): string | undefined;
  /** The fetched configuration, parsed; null if it is missing. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read any part of it
  readonly config: any;
}

/** Reads the stand-in's report from a machine's console. */
export function readReport(console: string): StandInReport {
  const config = /STAND-IN config begin\r?\n([\s\S]*?)STAND-IN config end/.exec(console)?.[1] ?? '';
  return {
    reported: (what) => new RegExp(`STAND-IN ${what} (.*)`).exec(console)?.[1],
    config: parse(config),
  };
}
