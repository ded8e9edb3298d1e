import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Compilation } from '../compile.ts';
import { renderPage } from '../inspect/report/page.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { reportedSites } from './report.ts';

/** The usual port, so that a bookmark works again. If it is taken, the system selects another. */
const PORT = 4278;

/** A report on this machine that reloads when it changes. It ends with `close`. */
export type LiveReport = Awaited<ReturnType<typeof openLiveReport>>;

/** Starts to serve a report on the loopback interface. Browsers follow it by server-sent events. */
export async function openLiveReport() {
  const clients = new Set<ServerResponse>();
  let sites = reportedSites([]);
  let [problems, hasFailed, version] = [[] as readonly Diagnostic[], false, 1];
  // A browser with another version reloads the page, so that it misses no build between two requests.
  const send = (client: ServerResponse) => client.write(`data: ${version}\n\n`);
  const server = createServer(({ method, url = '', headers }, response) => {
    const type = { '/': 'text/html; charset=utf-8', '/events': 'text/event-stream' }[url];
    // A page of another site could reach this server by a name that it resolves to 127.0.0.1.
    const isOurs = hosts().includes(headers.host ?? '');
    if (!isOurs || method !== 'GET' || !type)
      return void response.writeHead(isOurs ? (type ? 405 : 404) : 403).end();
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
    if (url === '/') return void response.end(page());
    clients.add(response);
    response.on('close', () => clients.delete(response));
    send(response);
  });
  // Rendered when a browser requests it.
  const page = () =>
    renderPage(sites, { folder: process.cwd(), diagnostics: problems, live: { version, hasFailed } });
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
    /** Shows a build; one that failed, above the sites of the last one without an error. */
    show(all: readonly Compilation[], diagnostics: readonly Diagnostic[], failed: boolean) {
      if (!failed) sites = reportedSites(all);
      [problems, hasFailed, version] = [diagnostics, failed, version + 1];
      for (const client of clients) send(client);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
