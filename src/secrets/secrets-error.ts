/** Thrown where the values of secrets cannot be had as they should. The message is for the user, and holds no value. */
export class SecretsError extends Error {
  /** Takes everything that is wrong, each with its place and with what to do about it. */
  constructor(faults: readonly string[]) {
    super(
      faults.length === 1
        ? faults[0]
        : [`the secrets have ${faults.length} faults:`, ...faults.map((fault) => `  ${fault}`)].join('\n'),
    );
    this.name = 'SecretsError';
  }
}
