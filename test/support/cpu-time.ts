import { createContext, Script } from 'node:vm';

/** No call of a test takes as long, even on a busy machine. */
const LIMIT = 60_000;

const CALL = new Script('call()');

/**
 * Returns the CPU time of a call in milliseconds: on a busy machine, a clock would include the work of other processes.
 * A call that does not end, such as that of a bad regular expression, is stopped after a minute, and returns infinity.
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
