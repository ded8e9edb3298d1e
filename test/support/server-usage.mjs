// Preloaded into a language server of a test. On SIGUSR2, collects garbage and writes the size of the heap in bytes to standard error;
// on SIGHUP, writes the CPU time in microseconds.
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
