import type { Hash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { mayFetch } from '../plan/access.ts';
import { unfill } from '../secrets/fill.ts';
import type { Site } from '../site/model.ts';
import { placeholdersIn } from '../source/placeholders.ts';
import { isFilledPath, WWW } from '../tree/paths.ts';
import type { Ipv4 } from '../values/addresses.ts';
import { ownAddresses, type ServedFile, scriptUrls, servedFilesOf } from './expected.ts';
import { eachOf, type Run } from './findings.ts';
import { secondsOf } from './limits.ts';
import { type Remedies, remediesOf } from './remedies.ts';

/** An answer of a web server; `status` is 0 without one. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** At most the requested number of bytes. */
  readonly body: Buffer;
  /** The number of bytes that were received. */
  readonly size: number;
  /** Why there is no complete answer. */
  readonly error?: string;
  /** Whether the answer is not HTTP. */
  readonly isMalformed?: boolean;
  /** Whether the server took too long for a whole answer. */
  readonly isEndless?: boolean;
  readonly localAddress?: string | undefined;
  readonly remoteAddress?: string | undefined;
}

interface Request {
  readonly method?: 'GET' | 'HEAD';
  readonly from?: Ipv4 | undefined;
  /** The number of bytes to keep. */
  readonly keep?: number;
  /** The number of bytes after which the answer is left. */
  readonly most?: number;
  readonly hash?: Hash;
}

/** A download of media ends with an error if fewer bytes arrive in `limits.whole`. */
const LEAST = 2 ** 20;
/** nginx allows 32 connections for each client. */
export const CONNECTIONS = 8;

const CONNECTION_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it closes the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ENOTFOUND: 'its name is not in DNS',
  EAI_AGAIN: 'DNS does not answer',
};

/** Returns why a server cannot be reached, in words. */
export function connectionError({ code = '', message }: NodeJS.ErrnoException): string {
  return CONNECTION_ERRORS[code] ?? message;
}

/** Requests URLs for one run; a server that does not answer is asked no more. */
export class Web {
  readonly #down = new Set<string>();
  readonly #run: Run;
  #program: string | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  /** The remedies for the web server of the site, by the name that it sends. */
  get remedies(): Remedies {
    return remediesOf(this.#run.site, this.#program);
  }

  /** Returns the answer to a request; undefined if the server does not answer, which is reported once. */
  async ask(url: string, request: Request = {}): Promise<Answer | undefined> {
    const { origin } = new URL(url);
    if (this.#down.has(origin)) return undefined;
    const answer = await this.#send(url, request);
    const { site, names, findings } = this.#run;
    const own = [site.server.host, site.server.tls?.host];
    const isOwn = own.includes(new URL(url).hostname);
    // A proxy on the way may send a name of its own: the first answer is that of the entry script.
    if (answer.status !== 0 && isOwn) this.#program ??= String(answer.headers.server ?? '');
    if (answer.status !== 0 && !answer.isEndless) return answer;
    if (answer.isMalformed) {
      const help =
        'ask the web server of the site itself: another program has its port, or a proxy is on the way';
      findings.add('http', 'answers are not HTTP', help, { detail: `${url}: ${answer.error}` });
      return undefined;
    }
    this.#down.add(origin);
    const help = isOwn
      ? this.remedies.start
      : 'start this server, open a firewall on the way, or correct its URL in the inventory';
    findings.add('http', `${origin} does not answer: ${answer.error}`, help, { nodes: [...names] });
    return undefined;
  }

  #send(url: string, request: Request): Promise<Answer> {
    const { method = 'GET', from, keep = 0, most = Number.POSITIVE_INFINITY, hash } = request;
    const { silence, whole } = this.#run.limits;
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let [size, before, kept] = [0, 0, 0];
      let answered: http.IncomingMessage | undefined;
      // tls.ts reports an invalid certificate once; the files behind it are compared all the same.
      const options = {
        method,
        family: 4,
        timeout: silence,
        agent: false,
        rejectUnauthorized: false,
      } as const;
      const sent = (url.startsWith('https:') ? https : http).request(url, {
        ...options,
        ...(from !== undefined && { localAddress: from }),
      });
      let isEndless = false;
      // Whole media take as long as they need.
      const timer = setInterval(() => {
        if (hash !== undefined && size - before >= LEAST) {
          before = size;
          return;
        }
        isEndless = hash === undefined;
        const why = isEndless ? 'an answer does not end within' : 'it sends less than 1 MiB in';
        sent.destroy(new Error(`${why} ${secondsOf(whole)}`));
      }, whole);
      let ends: Pick<Answer, 'localAddress' | 'remoteAddress'> = {};
      const finish = (error?: NodeJS.ErrnoException) => {
        clearInterval(timer);
        const { statusCode: status = 0, headers = {} } = answered ?? {};
        resolve({
          ...{ status, headers, body: Buffer.concat(chunks), size, ...ends },
          ...(error && {
            error: connectionError(error),
            isMalformed: error.code?.startsWith('HPE_') === true,
            isEndless,
          }),
        });
      };
      sent.on('timeout', () => sent.destroy(new Error(`nothing arrives for ${secondsOf(silence)}`)));
      sent.on('error', finish);
      sent.on('response', (response) => {
        answered = response;
        const { localAddress, remoteAddress } = response.socket;
        ends = { localAddress, remoteAddress };
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          hash?.update(chunk);
          if (kept < keep) chunks.push(chunk.subarray(0, keep - kept));
          kept = Math.min(keep, kept + chunk.length);
          if (size > most) {
            finish();
            sent.destroy();
          }
        });
        response.on('end', () => finish());
        response.on('error', finish);
        response.on('aborted', () => finish(new Error('it closes the connection before the end')));
      });
      sent.end();
    });
  }
}

/** The clients as which this machine can fetch: the one with most access, and an unknown machine if there is one. */
interface Clients {
  readonly best: Ipv4;
  readonly unknown?: Ipv4 | undefined;
}

/** Compares what the web server serves with the tree, byte for byte, and checks that it serves no node's files to others. */
export async function verifyHttp(web: Web, run: Run): Promise<void> {
  const { site, findings, progress } = run;
  const files = servedFilesOf(run);
  const first = await web.ask(`${site.server.url}/boot.ipxe`);
  if (!first) return;
  const clients = clientsOf(site, files, first);
  const own = files.filter(({ node }) => node);
  if (own.length > 0 && !own.some((file) => mayFetch(site, file, clients.best)))
    findings.notes.add(
      `the files of nodes were not compared: ${clients.best} may not fetch them, run verify on an IP address of server.allow`,
    );
  let done = 0;
  await eachOf(files, CONNECTIONS, async (file) => {
    const ok = await compareFile(web, run, file, files, clients.best);
    if (ok && file.node && file.what !== 'list')
      findings.gets(file.node.name, file.what === 'script' ? 'script' : 'configuration', file.what);
    const { unknown } = clients;
    // One request without access is enough.
    if (unknown !== undefined && mayFetch(site, file, clients.best) && !mayFetch(site, file, unknown))
      await compareFile(web, run, file, files, unknown);
    done += 1;
    progress('HTTP', done, files.length);
  });
  for (const url of scriptUrls(site)) {
    const answer = await web.ask(url, { keep: 6 });
    if (answer && (answer.status !== 200 || answer.body.toString('latin1') !== '#!ipxe'))
      findings.add('http', 'a URL answers without an iPXE script', web.remedies.reload, {
        detail: `${url}: ${answer.status}`,
      });
  }
}

function clientsOf(
  site: Site,
  files: readonly ServedFile[],
  { localAddress = '', remoteAddress = '' }: Answer,
): Clients {
  const addresses = ownAddresses();
  const { name } = addresses.find(({ address }) => address === localAddress) ?? {};
  const isHere = addresses.some(({ address }) => address === remoteAddress);
  // A machine reaches its own addresses from each of its addresses, also from loopback.
  const usable = addresses.flatMap((address) => (isHere || address.name === name ? address.address : []));
  const all = new Set([localAddress, ...usable, ...(isHere ? ['127.0.0.1'] : [])]);
  const count = (address: Ipv4) => files.filter((file) => mayFetch(site, file, address)).length;
  const counts = Array.from(all, (address) => ({ address, count: count(address) }));
  const sorted = counts.sort((a, b) => b.count - a.count);
  return { best: sorted[0]?.address ?? localAddress, unknown: sorted.at(-1)?.address };
}

/** Returns whether an IP address gets a file as the tree has it. Reports any difference. */
async function compareFile(
  web: Web,
  { site, names, findings }: Run,
  served: ServedFile,
  files: readonly ServedFile[],
  from: Ipv4,
): Promise<boolean> {
  const { url, file, node } = served;
  const isAllowed = mayFetch(site, served, from);
  const most = file.content.length * 4 + 2 ** 20;
  const answer = await web.ask(url, isAllowed ? { from, keep: most, most } : { method: 'HEAD', from });
  if (!answer) return false;
  const help = web.remedies;
  // Every machine needs the boot script.
  const nodes = node ? [node.name] : served.what === 'boot script' ? [...names] : [];
  const add = (message: string, help: string, detail = url) =>
    findings.add('http', message, help, { nodes, detail });
  const { status, body, error } = answer;
  const text = body.toString('latin1').slice(0, 200);
  if (status === 404)
    add(
      `files of the tree are missing on the server, or ${help.program} may not read their directory`,
      `${help.deploy}; ${help.read}`,
    );
  else if (status === 503)
    add(
      `${help.program} answers 503: its secrets are those of another tree, or it has not read the new configuration`,
      help.secrets,
    );
  else if (!isAllowed && status === 200)
    add(`the server serves files of nodes to any client, also to ${from}`, help.reload);
  else if (!isAllowed && status !== 403)
    add(`the server answers ${status} to an unknown machine instead of 403`, help.reload, url);
  else if (!isAllowed) return false;
  else if (
    status === 403 &&
    (/list$/.test(served.what) || /belongs? to another machine|secrets of another machine/.test(text))
  )
    add(`${help.program} refuses files to ${from}, to which the inventory grants them`, help.reload);
  else if (status === 403) add(`${help.program} may not read files of the tree (403)`, help.read);
  else if (status !== 200)
    add(
      `the server answers ${status}${typeof answer.headers.location === 'string' ? `, a redirection to ${answer.headers.location.slice(0, 200)}` : ''}`,
      help.reload,
    );
  else if (error !== undefined) add(`an answer of the server is incomplete: ${error}`, help.deploy);
  else return compareBody(served, answer, files, help, add);
  return false;
}

function compareBody(
  { file, url, path, what, node }: ServedFile,
  { body, headers }: Answer,
  files: readonly ServedFile[],
  help: Remedies,
  add: (message: string, help: string, detail?: string) => void,
): boolean {
  const content = Buffer.from(file.content);
  const text = content.toString();
  const isFilled = isFilledPath(`${WWW}/${path}`);
  if (body.equals(content) && !(isFilled && placeholdersIn(text).length > 0)) return true;
  const served = body.toString();
  const marked = markedText(file);
  const values = isFilled ? valuesIn(marked, served) : undefined;
  if (values === undefined) {
    const coding = headers['content-encoding'];
    const isOther = (file: ServedFile) =>
      file.node !== undefined && file.node !== node && file.what === what && served.includes(file.node.name);
    const other =
      node && files.find((file) => isOther(file) && valuesIn(markedText(file.file), served) !== undefined);
    if (coding !== undefined)
      add(
        `the server sends files with Content-Encoding ${coding.slice(0, 40)}: iPXE cannot read them`,
        `switch compression off, in ${help.program} or in a proxy on the way`,
      );
    else if (served.includes('\r\n') && valuesIn(marked, served.replaceAll('\r\n', '\n')))
      add(
        'files have other line ends than those of a build',
        'copy the tree without conversion of line ends, for example by rsync; no proxy on the way may convert them',
      );
    else if (other) add(`the server serves the ${what} of ${other.node?.name} to another node`, help.deploy);
    else
      add(
        'the server serves other files than a build of the inventory has',
        help.stale,
        `${url} from line ${differingLine(marked, served)}`,
      );
    return false;
  }
  const marks = [...values].filter(([mark, found]) => found.has(mark)).map(([mark]) => mark);
  const expected = file.secrets ? valuesIn(marked, text) : undefined;
  const wrong = [...values].filter(([mark, found]) =>
    [...found].some((value) => expected && !expected.get(mark)?.has(value)),
  );
  const names = (all: readonly string[]) =>
    [...new Set(all.flatMap((mark) => placeholdersIn(mark).map(({ name }) => name)))].join(', ');
  if (marks.length > 0) add(`the server serves the placeholder of the secret ${names(marks)}`, help.secrets);
  else if (wrong.length > 0)
    add(
      `the server has another value of the secret ${names(wrong.map(([mark]) => mark))} than --secrets`,
      help.secrets,
    );
  else return true;
  return false;
}

/** Returns the text of a file with placeholders in place of values. */
function markedText({ content, secrets }: ServedFile['file']): string {
  const bytes = Buffer.from(content);
  return ((secrets && unfill(bytes, secrets)) ?? bytes).toString();
}

/** Returns the texts in place of the placeholders of a text, by placeholder; undefined if the rest differs. */
export function valuesIn(marked: string, served: string): Map<string, Set<string>> | undefined {
  const marks = placeholdersIn(marked);
  const values = new Map<string, Set<string>>();
  let [at, end] = [0, 0];
  for (const [index, { start, end: after }] of marks.entries()) {
    const before = marked.slice(end, start);
    if (!served.startsWith(before, at)) return undefined;
    at += before.length;
    end = after;
    const next = marked.slice(after, marks[index + 1]?.start);
    // A value has no line end: the text up to the next line end decides.
    const line = served.slice(at).search(/\n|$/);
    const rest = next.split('\n')[0] ?? '';
    const length =
      next.includes('\n') || index === marks.length - 1
        ? line - rest.length
        : served.slice(at, at + line).indexOf(rest);
    if (length < 0) return undefined;
    const mark = marked.slice(start, after);
    values.set(mark, (values.get(mark) ?? new Set()).add(served.slice(at, at + length)));
    at += length;
  }
  return served.slice(at) === marked.slice(end) ? values : undefined;
}

/** Returns the number of the first line that differs; a line with a placeholder only begins alike. */
function differingLine(marked: string, served: string): number {
  const [lines, others] = [marked.split('\n'), served.split('\n')];
  const differs = lines.findIndex((line, index) => {
    const [mark] = placeholdersIn(line);
    return mark ? !others[index]?.startsWith(line.slice(0, mark.start)) : line !== others[index];
  });
  return (differs < 0 ? Math.min(lines.length, others.length) : differs) + 1;
}
