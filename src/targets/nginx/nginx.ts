import type { Site } from '../../site/model.ts';
import { DHCP_ARCHITECTURES } from '../../tables/dhcp-architectures.ts';
import { nodeKey } from '../paths.ts';
import type { Target } from '../target.ts';
import { askedMacs, MAC_PREFIX } from './asked-macs.ts';
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
      allowedScripts: [...new Set(site.server.allowScripts)],
      macs: askedMacs(site),
      macPrefix: MAC_PREFIX,
      listeners: serversOf(site),
      secrets: [...new Set(fills.map(({ name }) => name))].sort(),
      stamp: fillStamp(fills),
      files: servedFiles(site),
      loaders: [...new Set(DHCP_ARCHITECTURES.map(({ loader }) => loader))],
    };
    yield { path: `nginx/${site.name}.conf`, content: render('nginx/site.nginx', data) };
    yield { path: fillsPath(fills), content: fillsText(site, fills) };
  },
};

/** One server of nginx for each name that it answers by, and the ports of each. */
function serversOf(site: Site) {
  const listeners = listenersOf(site.server);
  const further = listeners.filter(({ by }) => by === 'ports').map(({ port }) => port);
  return listeners
    .filter(({ by }) => by !== 'ports')
    .map((listener) => ({
      ...listener,
      ports: [listener.port, ...(listener.by === 'url' ? further : [])],
      serverName: serverName(listener.host),
      // Of those below the document root that hold a file for each node.
      folders: [...(listener.others ? ['ipxe'] : []), ...(listener.configurations ? ['config'] : [])],
    }));
}
