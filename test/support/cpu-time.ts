import { createContext, Script } from 'node:vm';

/** No call of a test takes as long, on a busy machine either. */
const LIMIT = 60_000;

const CALL = new Script('call()');

/**
 * Gives how long a call keeps this process at work, in milliseconds: on a busy machine a clock would tell of others' work, too.
 * A call that comes to no end, such as that of a bad regular expression, is ended after a minute, and takes forever.
 */
export function cpuTime(call: () => unknown): number {
  const before = process.cpuUsage();
  try {
    CALL.runInContext(createContext({ call }), { timeout: LIMIT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return Number.POSITIVE_INFINITY;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
