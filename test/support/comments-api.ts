import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A comment of a pull request of GitHub, or a note of a merge request of GitLab, as their APIs list them. */
export interface Comment {
  readonly id: number;
  body: string;
  readonly user?: { readonly type: 'Bot' | 'User' };
  readonly author_association?: string;
  readonly author?: { readonly id: number };
  /** Whether only another program may change it. */
  readonly isForeign?: true;
}

/** A server with the comments of one request, by the protocols of both services. */
export interface CommentsApi {
  readonly url: string;
  readonly comments: Comment[];
  /** The method and path of each request. */
  readonly requests: string[];
  /** Whether the token may write: that of a pull request from a fork may not. */
  mayWrite: boolean;
  close(): void;
}

/** The token that the server accepts. */
export const TOKEN = 'a-token';

/** The user with the token, on GitLab. */
const ME = 7;

const LISTS = [/^\/repos\/org\/sites\/issues\/12\/comments$/, /^\/projects\/34\/merge_requests\/12\/notes$/];
const ONE = [
  /^\/repos\/org\/sites\/issues\/comments\/(\d+)$/,
  /^\/projects\/34\/merge_requests\/12\/notes\/(\d+)$/,
];

/** Starts a server on the loopback interface. */
export async function startCommentsApi(): Promise<CommentsApi> {
  const comments: Comment[] = [];
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    requests.push(`${request.method} ${pathname}`);
    const answer = (code: number, body: unknown) =>
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const isGitLab = pathname.startsWith('/projects/') || pathname === '/user';
    const { authorization, 'private-token': own } = request.headers;
    const isKnown = isGitLab ? own === TOKEN : authorization === `Bearer ${TOKEN}`;
    if (!isKnown) return answer(401, { message: 'Bad credentials' });
    if (request.method === 'GET') {
      if (pathname === '/user') return answer(200, { id: ME });
      if (!LISTS.some((list) => list.test(pathname))) return answer(404, { message: 'Not Found' });
      const [size, page] = ['per_page', 'page'].map((name) => Number(searchParams.get(name) ?? 1)) as [
        number,
        number,
      ];
      return answer(200, comments.slice(size * (page - 1), size * page));
    }
    if (!api.mayWrite) return answer(403, { message: 'Resource not accessible by integration' });
    const { body } = (await json(request)) as { body?: unknown };
    if (typeof body !== 'string' || body.length > 65_536)
      return answer(422, { message: 'Validation Failed' });
    if (request.method === 'POST' && LISTS.some((list) => list.test(pathname))) {
      const comment = {
        id: comments.length + 100,
        body,
        ...(isGitLab ? { author: { id: ME } } : { user: { type: 'Bot' as const } }),
      };
      comments.push(comment);
      return answer(201, comment);
    }
    const id = ONE.flatMap((one) => one.exec(pathname)?.[1] ?? [])[0];
    const comment = comments.find((one) => String(one.id) === id);
    if (!comment || request.method !== (isGitLab ? 'PUT' : 'PATCH'))
      return answer(404, { message: 'Not Found' });
    if (comment.isForeign) return answer(403, { message: 'Resource not accessible by integration' });
    comment.body = body;
    return answer(200, comment);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const api = {
    url: `http://127.0.0.1:${port}`,
    comments,
    requests,
    mayWrite: true,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return api;
}
