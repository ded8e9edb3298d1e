import { chmodSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compile } from '../../src/compile.ts';
import { type Daemons, startDaemons } from '../../src/rehearse/daemons.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Site } from '../../src/site/model.ts';
import { nginxInclude } from '../../src/targets/nginx/nginx.ts';
import { makeSite } from '../support/scratch.ts';
import { writeTree } from '../support/write-tree.ts';
import { type Answer, type Asker, openAsker, type Question } from './asker.ts';

/** A boot server with real nginx that serves the trees of sites, in a sandbox that has the IP addresses of machines. */
export interface WebBox {
  readonly sandbox: Sandbox;
  /** Adds IP addresses for the server and for all clients on one network. */
  addresses(...addresses: readonly string[]): Promise<void>;
  /** Compiles a site and deploys its tree over the existing one, without a reload of nginx. Returns the site. */
  deploy(inventory: string): Promise<Site>;
  /** Installs the include of a site's secrets, or a text as the include. */
  include(site: Site, content: Readonly<Record<string, string>> | string): Promise<void>;
  /** (Re)starts nginx with the configurations of these sites. Throws with its log if it does not start. */
  start(...sites: readonly Site[]): Promise<void>;
  /** (Re)starts nginx with a file of the sandbox, at the http level. */
  serve(configuration: string): Promise<void>;
  /** Returns the whole log of nginx. */
  log(): Promise<string>;
  /** Returns nginx's log of requests to a site. */
  accessLog(site: Site): Promise<string>;
  ask(question: Partial<Question> & Pick<Question, 'from' | 'text'>): Promise<Answer>;
  /** Requests a path, by default at port 80. */
  get(
    from: string,
    path: string,
    other?: Partial<Question> & { headers?: readonly string[] },
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** Opens such a box at an IP address. */
export async function openWebBox(server: string): Promise<WebBox> {
  const sandbox = await openSandbox();
  const asker: Asker = openAsker(sandbox);
  const bound = new Set<string>();
  let daemons: Daemons | undefined;

  const box: WebBox = {
    sandbox,
    async addresses(...addresses) {
      for (const address of addresses)
        await sandbox.run(['ip', 'address', 'add', `${address}/24`, 'dev', 'lo']);
    },
    async deploy(inventory) {
      const name = /^site: (\S+)$/m.exec(inventory)?.[1] ?? '';
      const { site, tree, diagnostics } = await compile(makeSite(inventory, name));
      if (!site || !tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
      const folder = join(sandbox.folder, 'trees', name);
      await mkdir(folder, { recursive: true });
      await writeTree(folder, tree);
      chmodSync(folder, 0o755);
      if (!bound.has(name)) await sandbox.bind(folder, site.server.root);
      bound.add(name);
      return site;
    },
    async include(site, content) {
      const text =
        typeof content === 'string' ? content : nginxInclude(site, new Map(Object.entries(content)));
      const file = join(sandbox.folder, 'include');
      await writeFile(file, text);
      await sandbox.run(['install', '-D', '-m', '0600', file, site.server.secrets ?? '']);
    },
    async start(...sites) {
      const all = join(sandbox.folder, 'sites.conf');
      const includes = sites.map(({ name, server }) => `include ${server.root}/nginx/${name}.conf;\n`);
      await writeFile(all, includes.join(''));
      await box.serve(all);
    },
    async serve(configuration) {
      await daemons?.stop();
      daemons = await startDaemons(sandbox, { nginx: configuration });
    },
    log: async () => (await daemons?.nginxLog()) ?? '',
    accessLog: ({ name }) => sandbox.run(['cat', `/var/log/nginx/harvgen-${name}.log`]),
    ask: (question) => asker.ask({ to: server, port: 80, ...question }),
    get(from, path, { headers = [`Host: ${server}`], ...other } = {}) {
      const text = [`GET ${path} HTTP/1.0`, ...headers, '', ''].join('\r\n');
      return box.ask({ from, text, ...other });
    },
    async close() {
      await asker.close();
      await daemons?.stop();
      await sandbox.close();
    },
  };
  try {
    await box.addresses(server);
    return box;
  } catch (error) {
    await box.close();
    throw error;
  }
}
