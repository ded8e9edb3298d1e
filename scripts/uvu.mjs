// uvu, with the errors of hooks: uvu itself counts their tests as failed, and prints no reason.
import * as uvu from 'uvu';

export * from 'uvu';

/** Returns a suite of uvu whose hooks print their errors. */
export function suite(...args) {
  const made = uvu.suite(...args);
  for (const when of ['before', 'after']) {
    const { each } = made[when];
    made[when] = Object.assign(printing(made[when], when), { each: printing(each, `${when}.each`) });
  }
  return made;
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
