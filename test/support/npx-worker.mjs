// Runs the built command line for each process whose number is in a named pipe, with its arguments, directory, environment and umask.
// Writes two files for its output, and then the exit code into its own named pipe.
import { openSync, readFileSync, readlinkSync, readSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

const [, , requests, answers] = process.argv;
const [pipe] = [openSync(requests, 'r'), openSync(answers, 'w')];
const { main } = await import(new URL('../../dist/bin/main.js', import.meta.url));
let output;
for (const name of ['stdout', 'stderr']) {
  process[name].write = (chunk) => {
    output[name].push(chunk);
    return true;
  };
}
const buffer = Buffer.alloc(65536);
for (let request = ''; ; ) {
  const length = readSync(pipe, buffer);
  if (length === 0) break;
  request += buffer.toString('latin1', 0, length);
  const numbers = request.split('\n');
  request = numbers.pop();
  for (const number of numbers) await answer(number);
}

async function answer(number) {
  const of = (name) => `/proc/${number}/${name}`;
  const texts = (name) => readFileSync(of(name), 'utf8').split('\0').slice(0, -1);
  process.chdir(readlinkSync(of('cwd')));
  process.umask(/^Umask:\s+(\d+)$/m.exec(readFileSync(of('status'), 'utf8'))[1]);
  const env = Object.fromEntries(texts('environ').map((text) => /^([^=]+)=(.*)$/s.exec(text).slice(1)));
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  // bash, npx and harvgen are before the arguments.
  const args = texts('cmdline').slice(3);
  output = { stdout: [], stderr: [] };
  // One file for both keeps their order.
  if (readlinkSync(of('fd/1')) === readlinkSync(of('fd/2'))) output.stderr = output.stdout;
  const code = await main(args.map((arg) => arg.replace(/^\/dev\/fd\//, of('fd/'))));
  await setImmediate();
  const { stdout, stderr } = output;
  writeFileSync(`${requests}.${number}.stdout`, stdout.join(''));
  writeFileSync(`${requests}.${number}.stderr`, stderr === stdout ? '' : stderr.join(''));
  writeFileSync(`${requests}.${number}`, `${code}\n`, { flag: 'r+' });
}
