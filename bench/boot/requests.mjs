// Sends requests from the IP addresses of machines, over one connection for each as iPXE does, in the sandbox of the boot server. It measures
// the latency and nginx's processor time. Usage: node requests.mjs JOB-AS-JSON; prints the result as JSON.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

const job = JSON.parse(process.argv[2]);
/** The IP address and the name of the files of each machine. */
const machines = JSON.parse(readFileSync(job.machines, 'utf8'));
/** A prime: it leads through all machines in a mixed order, unless it divides their number. */
const STRIDE = 7919;

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process has ended.
    return '';
  }
};
const master = Number(readFileSync('/run/nginx.pid', 'utf8'));
const workers = () => read(`/proc/${master}/task/${master}/children`).trim().split(' ').filter(Boolean);
const nginxes = () =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/comm`) === 'nginx\n');
/** Returns the processor time of nginx in seconds. */
const nginxTime = (pids) =>
  pids.reduce((sum, pid) => sum + Number(read(`/proc/${pid}/schedstat`).split(' ')[0]) / 1e9, 0);
/** Returns the memory of processes in MiB; each page counts once. */
const memory = (pids) =>
  pids.reduce(
    (sum, pid) => sum + Number(/^Pss: +(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024,
    0,
  );

const BUFFER = Buffer.alloc(1 << 20);
let next = 0;
const result = { done: 0, failed: 0, bytes: 0, latencies: [], peak: 0, reload: 0 };

function open(onread) {
  next += 1;
  const [address, key] = machines[(next * STRIDE) % machines.length];
  const socket = connect({ host: job.server, port: job.port, localAddress: address, onread });
  const path = job.path.replace('KEY', key);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${job.server}\r\nUser-Agent: iPXE\r\nConnection: close\r\n\r\n`,
  );
  return socket;
}

/** Requests a file, and checks the answer. */
async function request() {
  const begun = performance.now();
  let text = '';
  const socket = open().setEncoding('latin1');
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'close').catch(() => {});
  result.latencies.push(performance.now() - begun);
  const isGood = text.startsWith('HTTP/1.1 200 ') && text.includes(job.contains);
  result[isGood ? 'done' : 'failed'] += 1;
  result.bytes += text.length;
}

/** Downloads a file, and counts its bytes. */
async function download(end) {
  let bytes = 0;
  // One buffer, so that the client needs little of the processors.
  const callback = (length) => {
    bytes += length;
    if (performance.now() > end) socket.destroy();
  };
  const socket = open({ buffer: BUFFER, callback });
  await once(socket, 'close').catch(() => {});
  result.bytes += bytes;
  result[bytes > 1000 ? 'done' : 'failed'] += 1;
}

/** Begins downloads, and keeps all of them open during an action. Counts those that nginx has accepted. */
async function hold(action = () => {}) {
  const begin = async () => {
    const socket = open();
    const ended = once(socket, 'close').catch(() => []);
    const answer = await Promise.race([once(socket, 'data').catch(() => []), ended]);
    socket.pause();
    result[String(answer[0] ?? '').startsWith('HTTP/1.1 200 ') ? 'done' : 'failed'] += 1;
    return socket;
  };
  const sockets = await Promise.all(Array.from({ length: job.parallel }, begin));
  await action();
  for (const socket of sockets) socket.destroy();
}

/** Reloads nginx during downloads. Records the memory when new processes serve beside the old ones, which wait for the downloads. */
async function reloadBeside() {
  const old = workers();
  process.kill(master, 'SIGHUP');
  while (workers().filter((pid) => !old.includes(pid)).length < old.length) await setTimeout(20);
  await setTimeout(1000);
  if (!workers().some((pid) => old.includes(pid))) throw new Error('the old processes of nginx have ended');
  result.peak = memory(nginxes());
}

/** Reloads nginx; waits until the last process of the old configuration has ended. Records the time and the most memory. */
async function reload() {
  const old = workers();
  const begun = performance.now();
  process.kill(master, 'SIGHUP');
  for (let left = true; left; left = old.some((pid) => workers().includes(pid))) {
    await setTimeout(20);
    result.peak = Math.max(result.peak, memory(nginxes()));
  }
  result.reload = performance.now() - begun;
}

const pids = nginxes();
const before = nginxTime(pids);
const begun = performance.now();
const end = begun + job.seconds * 1000;
if (job.kind === 'hold') await hold();
else if (job.kind === 'reload beside') await hold(reloadBeside);
else {
  const one = job.kind === 'media' ? download : request;
  let isReloaded = job.kind !== 'reload';
  const loop = async () => {
    while (performance.now() < end || !isReloaded) await one(end);
  };
  const reloaded = isReloaded ? undefined : reload().then(() => (isReloaded = true));
  await Promise.all([...Array.from({ length: job.parallel }, loop), reloaded]);
}
const seconds = (performance.now() - begun) / 1000;
const text = JSON.stringify({ ...result, seconds, cpu: nginxTime(pids) - before, memory: memory(nginxes()) });
// A pipe takes a long text in parts.
process.stdout.write(text, () => process.exit());
