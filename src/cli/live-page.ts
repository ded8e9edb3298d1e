import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The usual port, so that a bookmark works again. If it is taken, the system selects another. */
const PORT = 4278;

/** Renders a page with its version: the number of the build. */
type Render = (version: number) => string;

/** A page on this machine that reloads when it changes, by server-sent events. It ends with `close`. */
export class LivePage {
  readonly #server: Server;
  readonly #clients = new Set<ServerResponse>();
  #render: Render;
  #version = 1;

  private constructor(render: Render) {
    this.#render = render;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Starts to serve a page on the loopback interface. */
  static async open(render: Render): Promise<LivePage> {
    const page = new LivePage(render);
    try {
      await page.#listen(PORT);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await page.#listen(0);
    }
    return page;
  }

  async #listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get #host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.#host}/`;
  }

  /** Shows another page. It is rendered when a browser requests it. */
  show(render: Render): void {
    this.#render = render;
    this.#version += 1;
    for (const client of this.#clients) this.#send(client);
  }

  /** Sends the version: a browser with another one reloads the page, so that it misses no build between two requests. */
  #send(client: ServerResponse): void {
    client.write(`data: ${this.#version}\n\n`);
  }

  #answer({ method, url, headers }: IncomingMessage, response: ServerResponse): void {
    const refuse = (status: number) => response.writeHead(status).end();
    // A page of another site could reach this server by a name that it resolves to 127.0.0.1.
    if (headers.host !== this.#host) return void refuse(403);
    if (method !== 'GET') return void refuse(405);
    const type = { '/': 'text/html; charset=utf-8', '/events': 'text/event-stream' }[url ?? ''];
    if (type === undefined) return void refuse(404);
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
    if (url === '/') return void response.end(this.#render(this.#version));
    this.#clients.add(response);
    response.on('close', () => this.#clients.delete(response));
    this.#send(response);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
