import { PinError } from './pin-error.ts';

/** A line of `sha512sum`: the digest, and the file as text or in binary mode. */
const LINE = /^([0-9a-f]{128}) [ *](?:\.\/)?(\S+)$/i;

/**
 * Reads a release's checksum file; gives the digests of the files that are wanted, by name. `where` is what messages call
 * it. Source: `scripts/package-harvester-os` of harvester/harvester-installer, which makes it by sha512sum.
 * Throws PinError for what is not such a file, and where one of the wanted is not in it, or twice with two digests.
 */
export function readChecksums(text: string, where: string, wanted: readonly string[]): Map<string, string> {
  const lines = text.split(/\r?\n/);
  if (lines.every((line) => line === ''))
    throw new PinError(`${where} is not a list of SHA-512 digests: it is empty`);
  const found = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const [, digest = '', name = ''] = LINE.exec(line) ?? [];
    if (digest === '')
      throw new PinError(`${where} is not a list of SHA-512 digests: ${whatItIs(text, index + 1)}`);
    const known = found.get(name);
    const same = known === undefined || known === digest.toLowerCase();
    if (!same) throw new PinError(`${where} has two digests for ${name}: it cannot be trusted`);
    found.set(name, digest.toLowerCase());
  }
  const missing = wanted.filter((name) => !found.has(name));
  if (missing.length > 0)
    throw new PinError(
      `${where} does not list ${missing.join(', ')}: it is of another release, or cut short`,
    );
  return new Map(wanted.map((name) => [name, found.get(name) ?? '']));
}

/** What is there is not quoted: it may be anything. */
function whatItIs(text: string, line: number): string {
  return /^\s*</.test(text) ? 'it is a web page' : `its line ${line} has another form`;
}
