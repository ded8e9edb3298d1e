/** What a script sets, and what it takes in by `${name}`. Source: iPXE, src/core/settings.c. */
export class Settings {
  readonly #values = new Map<string, string>();

  /** Takes a value, of a setting with or without its type behind a colon. */
  set(name: string, value: string): void {
    this.#values.set(bare(name), value);
  }

  /** Gives a text with what the script has set in it; what only the machine knows stays as it is. */
  expand(text: string): string {
    let made = text;
    // Innermost first, as iPXE does; what grows beyond any use is left.
    for (let round = 0; round < MOST_ROUNDS && made.length < LONGEST; round += 1) {
      let grown = made.length;
      const next = made.replace(/\$\{([^${}]+)\}/g, (whole, name: string) => {
        const value = this.#values.get(bare(name)) ?? whole;
        grown += value.length;
        return grown < LONGEST ? value : whole;
      });
      if (next === made) break;
      made = next;
    }
    return made;
  }
}

const MOST_ROUNDS = 8;
const LONGEST = 4096;

/** The name of a setting without its type, and without the NIC that it is of. */
export function bare(name: string): string {
  return name
    .replace(/:\w+$/, '')
    .replace(/^net[\dX]+[./]/i, '')
    .toLowerCase();
}
