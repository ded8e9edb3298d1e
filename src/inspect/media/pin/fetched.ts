import { PinError } from './pin-error.ts';

/** How long a mirror may take, in milliseconds. */
const PATIENCE = 30_000;

/** More than any list of digests has, in bytes. */
const LARGEST = 1024 * 1024;

/** How often a URL may lead to another one. */
const MOST_HOPS = 10;

const REDIRECTS = [301, 302, 303, 307, 308];

/** What is sent is what is counted: nothing shall be packed on the way. */
const HEADERS = { 'accept-encoding': 'identity' };

/**
 * Fetches a small text by HTTP. Throws PinError, which says why it cannot be had: no answer, none in time, another status
 * than 200, a redirect from https to http at any step, an answer that breaks off or has no end.
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

/** Asks, and goes where it is sent: each step is looked at, since one without https is enough to be deceived. */
async function ask(url: string, method: string): Promise<Response> {
  const signal = AbortSignal.timeout(PATIENCE);
  let at = new URL(url);
  for (let hops = 0; hops <= MOST_HOPS; hops += 1) {
    const response = await fetch(at.href, { method, headers: HEADERS, signal, redirect: 'manual' });
    const next = response.headers.get('location');
    if (!REDIRECTS.includes(response.status) || next === null) return response;
    await response.body?.cancel();
    at = nextHop(url, at, next);
  }
  throw new PinError(
    `${url} cannot be had: it leads from one address to the next, more than ${MOST_HOPS} times`,
  );
}

/** Where a redirect leads is not quoted: it may hold a login. */
function nextHop(url: string, at: URL, location: string): URL {
  if (!URL.canParse(location, at.href))
    throw new PinError(`${url} cannot be had: it leads to what is no address`);
  const next = new URL(location, at);
  if (next.username !== '' || next.password !== '')
    throw new PinError(`${url} cannot be had: it leads to an address with a login`);
  if (at.protocol === 'https:' && next.protocol !== 'https:')
    throw new PinError(`${url} leads to an address without https: what comes from there proves nothing`);
  if (!/^https?:$/.test(next.protocol))
    throw new PinError(`${url} cannot be had: it leads to what is fetched neither by http nor by https`);
  return next;
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
