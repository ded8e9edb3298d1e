// Preloaded into a language server of a test, whose use of the machine it writes to standard error: on SIGUSR2 the size of the heap
// without garbage, in bytes, and on SIGHUP the CPU time in microseconds.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  process.stderr.write(`${process.memoryUsage().heapUsed}\n`);
});
process.on('SIGHUP', () => {
  const { user, system } = process.cpuUsage();
  process.stderr.write(`${user + system}\n`);
});
