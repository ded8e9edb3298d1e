import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Run } from '../support/cli.ts';

const PROGRAM = fileURLToPath(new URL('https-stand-in.mjs', import.meta.url));

/** A certificate and its key, as files. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** An HTTPS server in a sandbox, in place of a cluster's. */
export interface HttpsStandIn {
  /** The requests so far, in order: path and Host. */
  asked(): string[];
  stop(): Promise<void>;
}

/** The nth answer is for the nth request, and the last answer repeats; null closes the connection without an answer. */
export interface StandInOptions extends Identity {
  readonly host: string;
  readonly port: number;
  /** The CA of the only clients that may connect. */
  readonly clients?: string;
  readonly answers: readonly (readonly [status: number, text: string] | null)[];
}

/** Starts an https server and waits until it listens. */
export async function startStandIn(sandbox: Sandbox, options: StandInOptions): Promise<HttpsStandIn> {
  const child = sandbox.spawn([process.execPath, PROGRAM, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), once(child, 'close')]);
  if (child.exitCode !== null) throw new Error('the stand-in did not start');
  return {
    asked: () => output.split('\n').slice(1, -1),
    stop: () => sandbox.stop(child),
  };
}

/** Makes a CA in the sandbox's directory. Returns it, and a function that issues identities with a subjectAltName. */
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
      const request = join(sandbox.folder, `${of}.csr`);
      const extensions = join(sandbox.folder, `${of}.ext`);
      await writeFile(extensions, sans === undefined ? '' : `subjectAltName=${sans}\n`);
      const subject = ['-subj', `/CN=${of}`, '-keyout', made.key, '-out', request];
      await sandbox.run(['openssl', 'req', '-new', ...kind, ...subject]);
      const by = ['-CA', ca.cert, '-CAkey', ca.key, '-days', '2', '-extfile', extensions];
      await sandbox.run(['openssl', 'x509', '-req', '-in', request, ...by, '-out', made.cert]);
      return made;
    },
  };
}

/** Runs argv in a sandbox. Returns its exit code and output. */
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

/** Returns a file in base64, as in kubeconfigs. */
export function base64Of(file: string): string {
  return readFileSync(file).toString('base64');
}
