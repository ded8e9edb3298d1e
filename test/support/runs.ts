import { spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { main } from '../../src/cli/main.ts';
import { BIN, type Run } from './cli.ts';

/** A run of the command line to execute. */
export interface Order {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | undefined;
}

let hasPipe = false;

/**
 * Runs the command line once for each order. Returns the results, in the same order. Only the first run with standard input is a
 * process with a pipe. All others are executed in this process, which is many times faster than a new process for each.
 */
export async function runAll(orders: readonly Order[]): Promise<Run[]> {
  const runs: Run[] = [];
  for (const order of orders) {
    const isApart = order.input !== undefined && !hasPipe;
    hasPipe ||= isApart;
    runs.push(isApart ? runApart(order) : await runHere(order));
  }
  return runs;
}

function runApart({ args, cwd, env, input }: Order): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    input,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

async function runHere({ args, cwd, env = {}, input = '' }: Order): Promise<Run> {
  const output = { stdout: '', stderr: '' };
  const before = { folder: process.cwd(), out: process.stdout.write, err: process.stderr.write };
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
  Object.defineProperty(process, 'stdin', { configurable: true, value: Readable.from([Buffer.from(input)]) });
  process.stdout.setMaxListeners(0);
  process.chdir(cwd);
  Object.assign(process.env, env);
  process.stdout.write = (chunk) => {
    output.stdout += chunk;
    return true;
  };
  process.stderr.write = (chunk) => {
    output.stderr += chunk;
    return true;
  };
  try {
    const code = await main(args);
    return { code, ...output };
  } finally {
    process.stdout.write = before.out;
    process.stderr.write = before.err;
    Object.defineProperty(process, 'stdin', stdin);
    process.chdir(before.folder);
    for (const name of Object.keys(env)) delete process.env[name];
  }
}
