import { PinError } from './pin-error.ts';

/** How long a mirror may take, in milliseconds. */
const PATIENCE = 30_000;

/** More than any list of digests has, in bytes. */
const LARGEST = 1024 * 1024;

/** What is sent is what is counted: nothing shall be packed on the way. */
const HEADERS = { 'accept-encoding': 'identity' };

/**
 * Fetches a small text by HTTP. Throws PinError, which says why it cannot be had: no answer, none in time, another status
 * than 200, a redirect from https to http, an answer that breaks off or has no end.
 */
export async function fetchText(url: string): Promise<string> {
  try {
    const response = await ask(url, 'GET');
    if (response.status !== 200) throw new PinError(`${url} cannot be had: ${statusText(response.status)}`);
    return await bodyOf(response, url);
  } catch (error) {
    throw error instanceof PinError ? error : new PinError(`${url} cannot be had: ${reasonOf(error)}`);
  }
}

/** Gives the size of what a URL leads to; undefined where the server does not say it. Never throws. */
export async function fetchSize(url: string): Promise<number | undefined> {
  try {
    const { status, headers } = await ask(url, 'HEAD');
    const length = headers.get('content-length') ?? '';
    return status === 200 && /^[1-9]\d{0,14}$/.test(length) ? Number(length) : undefined;
  } catch {
    return undefined;
  }
}

async function ask(url: string, method: string): Promise<Response> {
  const response = await fetch(url, { method, headers: HEADERS, signal: AbortSignal.timeout(PATIENCE) });
  if (url.startsWith('https:') && !response.url.startsWith('https:'))
    throw new PinError(`${url} leads to an address without https: what comes from there proves nothing`);
  return response;
}

async function bodyOf({ body }: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw new PinError(`${url} is not a list of SHA-512 digests: it has no end`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function statusText(status: number): string {
  if (status === 404) return 'there is no such file (HTTP 404): is the release named right?';
  return `the server answers with HTTP ${status}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there',
  ECONNRESET: 'the answer broke off',
  EAI_AGAIN: 'the name cannot be looked up: is there a way to the internet?',
  ENETUNREACH: 'there is no way to it: name a mirror or a folder with --from',
  EHOSTUNREACH: 'there is no way to it: name a mirror or a folder with --from',
  ENOTFOUND: 'there is no such server, or no way to the internet: name a mirror or a folder with --from',
  UND_ERR_SOCKET: 'the answer broke off',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer broke off',
  UND_ERR_CONNECT_TIMEOUT: 'nothing answers there',
};

function reasonOf(error: unknown): string {
  const { name, cause, message } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${PATIENCE / 1000} seconds`;
  const { code = '', message: detail = message } = (cause ?? {}) as NodeJS.ErrnoException;
  return REASONS[code] ?? (code ? `${detail} (${code})` : detail);
}
