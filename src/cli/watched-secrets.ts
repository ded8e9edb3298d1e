import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SecretSource } from '../secrets/source.ts';
import { secretsFor } from './secrets-for.ts';

/** The values of secrets while sites are watched: a file of them is read again when it changes, a pipe only once. */
export class WatchedSecrets {
  readonly #option: string | undefined;
  #isRead = false;
  #source: SecretSource | undefined;
  /** The absolute path of the file to look at, if there is one. */
  readonly files: readonly string[];

  /** Takes what `--secrets` says. */
  constructor(option: string | undefined) {
    this.#option = option;
    this.files = option === undefined || isPipe(option) ? [] : [resolve(option)];
  }

  /** Gives the values for sites, read anew if they were forgotten. Throws what `secretsFor` throws. */
  async read(sites: readonly string[]): Promise<SecretSource | undefined> {
    if (!this.#isRead) this.#source = await secretsFor(sites, this.#option);
    this.#isRead = true;
    return this.#source;
  }

  /** Says that the file has changed. */
  forget(): void {
    this.#isRead = false;
  }
}

/** What is no file, as `<(sops -d …)` gives, cannot be read twice. What cannot be looked at is said when it is read. */
function isPipe(option: string): boolean {
  if (option === '-') return true;
  try {
    return !(statSync(option, { throwIfNoEntry: false })?.isFile() ?? true);
  } catch {
    return false;
  }
}
