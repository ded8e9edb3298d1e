// Preloaded into a language server of a test: on SIGUSR2, collects garbage and writes the size of the heap in bytes to standard error.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  process.stderr.write(`${process.memoryUsage().heapUsed}\n`);
});
