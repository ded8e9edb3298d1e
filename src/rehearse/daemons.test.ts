import { spawn } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder } from '../../test/support/scratch.ts';
import { startDaemon } from './daemons.ts';

const test = suite('the start of a server');

/** Starts a shell script as a server that logs `serving`. Returns the error. */
async function errorOf(script: string): Promise<string> {
  const sandbox = {
    folder: scratchFolder(),
    spawn: ([program = '', ...args]: readonly string[], options = {}) => spawn(program, args, options),
    stop: async () => {},
  };
  try {
    await startDaemon(sandbox, 'server', ['timeout', '20', 'sh', '-c', script], /serving/, 1000);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

test('ends with the last lines of the log of a server that hangs or stops', async () => {
  const lines = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, index) => `line ${first + index}\n`).join('');
  assert.is(
    await errorOf('seq -f "line %.0f" 30; exec sleep 9'),
    `server does not serve, 1 seconds after its last line:\n${lines(11, 30).trim()}`,
  );
  assert.is(
    await errorOf('exec sleep 9'),
    'server does not serve, 1 seconds after its last line: its log is empty',
  );
  assert.is(await errorOf('echo no port; exit 1'), 'server did not start:\nno port');
  // Each line proves that it goes on.
  assert.is(
    await errorOf('for i in 1 2 3 4; do echo $i; sleep 0.4; done; echo serving; exec sleep 1'),
    'none',
  );
});

test.run();
