import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Sandbox } from '../../src/rehearse/sandbox.ts';

/** A request and its client. */
export interface Question {
  /** The source IP address. */
  from: string;
  to: string;
  port: number;
  /** The request, byte for byte (latin1), such as `GET / HTTP/1.0\r\n\r\n`. */
  text: string;
  /** Uses TLS, with a server of this name whose certificate one of these CAs signed. */
  tls?: { ca: string; servername: string; maxVersion?: 'TLSv1.1' | 'TLSv1.2'; ciphers?: string };
  /** Reads only the beginning of the answer, and leaves the connection open. */
  hold?: boolean;
}

/** The answer of a server. */
export interface Answer {
  /** 0 if the answer is not HTTP. */
  status: number;
  /** By name in lower case. */
  headers: Readonly<Record<string, string>>;
  /** As text (latin1). */
  body: string;
  /** The error of the connection, such as ECONNRESET. */
  error?: string;
}

/** Sends requests from any IP address of a sandbox over raw sockets, which do not correct them. */
export interface Asker {
  ask(question: Question): Promise<Answer>;
  /** Closes the connections that are held. */
  close(): Promise<void>;
}

/** Starts an asker in a sandbox. */
export function openAsker(sandbox: Sandbox): Asker {
  const program = fileURLToPath(new URL('ask-inside.mjs', import.meta.url));
  const child = sandbox.spawn([process.execPath, program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, (answer: Answer) => void>();
  let count = 0;
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const { id, text, error } = JSON.parse(line);
    waiting.get(id)?.({ ...parse(Buffer.from(text, 'base64').toString('latin1')), error });
    waiting.delete(id);
  });
  return {
    ask({ text, ...question }) {
      count += 1;
      const id = count;
      const bytes = Buffer.from(text, 'latin1').toString('base64');
      child.stdin?.write(`${JSON.stringify({ id, ...question, bytes })}\n`);
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    async close() {
      if (child.exitCode !== null) return;
      const closed = once(child, 'close');
      await sandbox.stop(child);
      await closed;
    },
  };
}

function parse(answer: string): Omit<Answer, 'error'> {
  const end = answer.indexOf('\r\n\r\n');
  const [first = '', ...lines] = answer.slice(0, Math.max(end, 0)).split('\r\n');
  const headers = lines
    .map((line) => line.split(/:\s*(.*)/s))
    .map(([name = '', value = '']) => [name.toLowerCase(), value]);
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(first)?.[1] ?? 0),
    headers: Object.fromEntries(headers),
    body: end < 0 ? answer : answer.slice(end + 4),
  };
}
