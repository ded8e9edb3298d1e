// uvu, with what it lacks: a test is chosen by its name (HARVGEN_TEST_NAME), none waits without an end (HARVGEN_TEST_WAIT, in
// milliseconds), and hooks print their errors (uvu itself counts their tests as failed, and prints no reason).
import * as uvu from 'uvu';

export * from 'uvu';

const NAME = process.env.HARVGEN_TEST_NAME ?? '';
const WAIT = Number(process.env.HARVGEN_TEST_WAIT ?? 0);

/** Returns a suite of uvu with these additions. */
export function suite(name, ...args) {
  const made = uvu.suite(name, ...args);
  for (const when of ['before', 'after']) {
    const { each } = made[when];
    made[when] = Object.assign(printing(made[when], when), { each: printing(each, `${when}.each`) });
  }
  const add = (test, run) => {
    if (`${name} ${test}`.includes(NAME)) made(test, WAIT > 0 ? withLimit(run) : run);
  };
  return Object.assign(add, made);
}

/** Returns a test that fails if it has not ended in time. */
function withLimit(run) {
  return async (context) => {
    let timer;
    const limit = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the test waited for ${WAIT / 1000} s`)), WAIT);
    });
    try {
      await Promise.race([run(context), limit]);
    } finally {
      clearTimeout(timer);
    }
  };
}

function printing(add, when) {
  return (hook) =>
    add(async (context) => {
      try {
        await hook(context);
      } catch (error) {
        console.error(`\n   FAIL  ${context.__suite__}, ${when}\n${error.stack ?? error}`);
        throw error;
      }
    });
}
