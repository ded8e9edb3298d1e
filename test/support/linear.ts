import { createContext, Script } from 'node:vm';
import * as assert from 'uvu/assert';

/** No call of a test takes as long, even on a busy machine. */
const LIMIT = 60_000;

const CALL = new Script('call()');
/** One for all calls: making one takes longer than most calls. */
const context = createContext({ call: () => {} });

/**
 * Asserts that a call takes linear time. `input` makes an input of a size, and `what` is for the message. The CPU time of
 * one input is compared with that of another of an eighth of its size, so neither a slow machine nor a busy one makes it
 * fail. Other processes and the compilation of the code only add time, hence the least of some measurements counts.
 * A call that does not end, such as that of a bad regular expression, is stopped after a minute.
 */
export async function assertLinear<T>(
  what: string,
  size: number,
  input: (size: number) => T,
  call: (input: T) => unknown,
): Promise<void> {
  const [small, large] = [input(size / 8), input(size)];
  let [ofSmall, ofLarge] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  // A busy host can halve the speed for a second.
  for (let run = 0; run < 20; run++) {
    const time = await cpuTime(() => call(large));
    if (!Number.isFinite(time)) break;
    ofLarge = Math.min(ofLarge, time);
    // a quadratic call on thousands of characters takes longer, whatever it does with each
    if (ofLarge < 50) return;
    ofSmall = Math.min(ofSmall, await cpuTime(() => call(small)));
    // 8 is linear, 64 quadratic
    if (ofLarge < 24 * ofSmall) return;
  }
  assert.unreachable(`${what}: ${ofLarge} ms, and ${ofSmall} ms for an eighth`);
}

/** Returns the CPU time of a call in milliseconds, or infinity if it does not end or return a promise. */
export async function cpuTime(call: () => unknown): Promise<number> {
  const { stackTraceLimit } = Error;
  // Most of the time of thousands of YAML errors is that of their stacks.
  Error.stackTraceLimit = 0;
  const before = process.cpuUsage();
  try {
    context.call = call;
    await CALL.runInContext(context, { timeout: LIMIT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return Number.POSITIVE_INFINITY;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
