// Runs the given test files in sequence in this process.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'uvu/run';

const suites = process.argv.slice(2).map((name) => ({ name, file: join(process.cwd(), name) }));
await run(suites, { bail: false });
// A test that failed may still have a server or a timer, which would keep this process.
setTimeout(() => process.exit(), 10_000).unref();
// Prints the CPU time of this process and of its finished children. Source: man 5 proc, /proc/PID/stat, fields 14 to 17.
process.on('exit', () => {
  if (process.platform !== 'linux') return;
  const hundredths = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1).split(' ').slice(11, 15);
  console.log(`  CPU:       ${hundredths.reduce((sum, some) => sum + Number(some), 0) / 100}`);
});
