import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The usual port, so that a bookmark works again. If it is taken, the system selects another. */
const PORT = 4278;

/** Renders a page with its version: the number of the build. */
type Render = (version: number) => string;

/** A page on this machine that reloads when it changes. It ends with `close`. */
export type LivePage = Awaited<ReturnType<typeof openLivePage>>;

/** Starts to serve a page on the loopback interface. Browsers follow it by server-sent events. */
export async function openLivePage(render: Render) {
  const clients = new Set<ServerResponse>();
  let current = render;
  let version = 1;
  // A browser with another version reloads the page, so that it misses no build between two requests.
  const send = (client: ServerResponse) => client.write(`data: ${version}\n\n`);
  const server = createServer(({ method, url = '', headers }, response) => {
    const type = { '/': 'text/html; charset=utf-8', '/events': 'text/event-stream' }[url];
    // A page of another site could reach this server by a name that it resolves to 127.0.0.1.
    const isOurs = hosts().includes(headers.host ?? '');
    if (!isOurs || method !== 'GET' || !type)
      return void response.writeHead(isOurs ? (type ? 405 : 404) : 403).end();
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
    if (url === '/') return void response.end(current(version));
    clients.add(response);
    response.on('close', () => clients.delete(response));
    send(response);
  });
  const hosts = () => {
    const { port } = server.address() as AddressInfo;
    return [`127.0.0.1:${port}`, `localhost:${port}`];
  };
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(PORT).catch(async (error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    await listen(0);
  });
  return {
    url: `http://${hosts()[0]}/`,
    /** Shows another page. It is rendered when a browser requests it. */
    show(next: Render) {
      current = next;
      version += 1;
      for (const client of clients) send(client);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
