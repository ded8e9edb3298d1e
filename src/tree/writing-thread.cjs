// The thread of write-files.ts: it writes the batches that come by the port. In plain JavaScript, since it starts without
// what may compile harvgen's own code.
const { writeFileSync } = require('node:fs');
const { workerData } = require('node:worker_threads');

const { port, state, THERE, DONE, FAILED } = workerData;

port.on('message', ({ files, bytes }) => {
  try {
    let end = 0;
    for (const { path, mode, size } of files) {
      // Behind a fault nothing is wanted any more.
      if (Atomics.load(state, FAILED)) break;
      const start = end;
      end += size;
      writeFileSync(path, bytes.subarray(start, end), { mode });
    }
  } catch ({ message, code, errno, syscall, path }) {
    port.postMessage({ message, code, errno, syscall, path });
    Atomics.store(state, FAILED, 1);
  }
  Atomics.add(state, DONE, 1);
  Atomics.notify(state, DONE);
});
// Something else that was loaded into it may end it: nobody is to wait for it then.
process.on('exit', () => {
  Atomics.store(state, FAILED, 1);
  Atomics.add(state, DONE, 1);
  Atomics.notify(state, DONE);
});
Atomics.store(state, THERE, 1);
