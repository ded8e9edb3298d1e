import { secretsOf } from '../../secrets/marks-of.ts';
import { DHCP_ARCHITECTURES } from '../../tables/dhcp-architectures.ts';
import { nodeKey } from '../paths.ts';
import type { Target } from '../target.ts';
import { nginxId } from './id.ts';
import { servedFiles } from './served.ts';

/** The nginx server block that serves the tree: each node's files to that node's address alone. */
export const nginx: Target = {
  name: 'nginx',
  *emit(site, render) {
    const data = {
      site,
      id: nginxId(site),
      // Whichever NIC the installer's first lease comes to, the node is the same.
      callers: site.nodes.flatMap((node) =>
        node.nics.flatMap(({ ip }) => (ip ? [{ ip, key: nodeKey(node), name: node.name }] : [])),
      ),
      // Where the tree holds the values itself, there is nothing to fill in.
      secrets: site.server.secrets === undefined ? [] : secretsOf(site),
      files: servedFiles(site),
      loaders: [...new Set(DHCP_ARCHITECTURES.map(({ loader }) => loader))],
    };
    yield { path: `nginx/${site.name}.conf`, content: render('nginx/site.nginx', data) };
  },
};
