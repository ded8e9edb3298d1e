import { parse } from 'yaml';

/** What the stand-in for Harvester's installer has said on the serial port. */
export interface StandInReport {
  /** The value of a line such as `STAND-IN address 192.168.178.41/24`; undefined where there is none. */
  said(what: string): string | undefined;
  /** The configuration that it has fetched, parsed; null where there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: any part of it may be looked at
  readonly config: any;
}

/** Reads the stand-in's report from a machine's console. */
export function readReport(console: string): StandInReport {
  const config = /STAND-IN config begin\r?\n([\s\S]*?)STAND-IN config end/.exec(console)?.[1] ?? '';
  return {
    said: (what) => new RegExp(`STAND-IN ${what} (.*)`).exec(console)?.[1],
    config: parse(config),
  };
}
