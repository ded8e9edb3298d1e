import { DHCP_ARCHITECTURES } from '../../tables/dhcp-architectures.ts';
import { nodeKey } from '../paths.ts';
import type { Target } from '../target.ts';
import { fillStamp } from './fill-stamp.ts';
import { fillsPath, fillsText, nginxFills } from './fills.ts';
import { nginxId } from './id.ts';
import { listenersOf } from './listeners.ts';
import { servedFiles } from './served.ts';
import { serverName } from './server-name.ts';

/** The nginx server blocks that serve the tree: each node's files to that node's address alone. */
export const nginx: Target = {
  name: 'nginx',
  *emit(site, render) {
    const fills = nginxFills(site);
    const data = {
      site,
      id: nginxId(site),
      // Whichever NIC the installer's first lease comes to, the node is the same.
      callers: site.nodes.flatMap((node) =>
        node.nics.flatMap(({ ip }) => (ip ? [{ ip, key: nodeKey(node), name: node.name }] : [])),
      ),
      // nginx warns of what is said twice.
      allowed: [...new Set(site.server.allow)],
      listeners: listenersOf(site.server).map((listener) => ({
        ...listener,
        serverName: serverName(listener.host),
      })),
      secrets: [...new Set(fills.map(({ name }) => name))].sort(),
      stamp: fillStamp(fills),
      files: servedFiles(site),
      loaders: [...new Set(DHCP_ARCHITECTURES.map(({ loader }) => loader))],
    };
    yield { path: `nginx/${site.name}.conf`, content: render('nginx/site.nginx', data) };
    yield { path: fillsPath(fills), content: fillsText(site, fills) };
  },
};
