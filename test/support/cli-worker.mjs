// Runs the built command line once for each request, a line of JSON from one named pipe, and answers into another.
import { openSync, readSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

const [requests, answers] = [openSync(process.argv[2], 'r'), openSync(process.argv[3], 'w')];
const { main } = await import(new URL('../../dist/bin/main.js', import.meta.url));
const output = { stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr']) {
  process[name].write = (chunk) => {
    output[name] += chunk;
    return true;
  };
}
const buffer = Buffer.alloc(65536);
for (let request = []; ; ) {
  const length = readSync(requests, buffer);
  if (length === 0) break;
  request.push(Buffer.from(buffer.subarray(0, length)));
  if (buffer[length - 1] !== 10) continue;
  const { args, cwd, env } = JSON.parse(Buffer.concat(request));
  request = [];
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  Object.assign(output, { stdout: '', stderr: '' });
  const code = await main(args);
  await setImmediate();
  const answer = Buffer.from(`${JSON.stringify({ code, ...output })}\n`);
  for (let at = 0; at < answer.length; ) at += writeSync(answers, answer, at);
}
