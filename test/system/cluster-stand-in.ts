import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Run } from '../support/cli.ts';
import type { Sandbox } from './sandbox.ts';

const PROGRAM = fileURLToPath(new URL('https-stand-in.mjs', import.meta.url));

/** A certificate and its key, as files. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** An https server in a sandbox, in place of a cluster's. */
export interface Standing {
  /** What it was asked: path and Host, in order. */
  asked(): string[];
  stop(): Promise<void>;
}

/** What such a server is, and says: the nth answer to the nth request, the last one again and again; null is none. */
export interface StandInOptions extends Identity {
  readonly host: string;
  readonly port: number;
  /** The CA whose clients alone may come. */
  readonly clients?: string;
  readonly answers: readonly (readonly [status: number, text: string] | null)[];
}

/** Starts an https server and waits until it listens. */
export async function startStandIn(sandbox: Sandbox, options: StandInOptions): Promise<Standing> {
  const child = sandbox.spawn([process.execPath, PROGRAM, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), once(child, 'close')]);
  if (child.exitCode !== null) throw new Error('the stand-in did not start');
  return {
    asked: () => said.split('\n').slice(1, -1),
    stop: () => sandbox.stop(child),
  };
}

/** Makes a CA in the sandbox's folder; gives what makes identities that it vouches for, each with its subjectAltName. */
export async function makeCa(
  sandbox: Sandbox,
  name: string,
): Promise<{ cert: string; issue(name: string, sans?: string): Promise<Identity> }> {
  const files = (of: string) => ({
    cert: join(sandbox.folder, `${of}.pem`),
    key: join(sandbox.folder, `${of}.key`),
  });
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = files(name);
  const self = ['req', '-x509', '-days', '2', '-subj', `/CN=${name}`];
  await sandbox.run(['openssl', ...self, ...kind, '-keyout', ca.key, '-out', ca.cert]);
  return {
    cert: ca.cert,
    async issue(of, sans) {
      const made = files(of);
      const asked = join(sandbox.folder, `${of}.csr`);
      const says = join(sandbox.folder, `${of}.ext`);
      await writeFile(says, sans === undefined ? '' : `subjectAltName=${sans}\n`);
      const subject = ['-subj', `/CN=${of}`, '-keyout', made.key, '-out', asked];
      await sandbox.run(['openssl', 'req', '-new', ...kind, ...subject]);
      const by = ['-CA', ca.cert, '-CAkey', ca.key, '-days', '2', '-extfile', says];
      await sandbox.run(['openssl', 'x509', '-req', '-in', asked, ...by, '-out', made.cert]);
      return made;
    },
  };
}

/** Runs argv in a sandbox; gives its exit code and what it said. */
export async function runInside(
  sandbox: Sandbox,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const child: ChildProcess = sandbox.spawn(argv, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...env },
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** A file in base64, as kubeconfigs hold it. */
export function base64Of(file: string): string {
  return readFileSync(file).toString('base64');
}
