import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** harvgen's own version. */
export const VERSION = version;

/** How harvgen names itself in what it writes. */
export const GENERATOR = `harvgen ${version}`;
