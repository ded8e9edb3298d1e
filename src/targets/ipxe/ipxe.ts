import { driveText } from '../../site/drive.ts';
import { iscsiNic } from '../../site/iscsi-disk.ts';
import type { IscsiBoot, Nic, Node, Site } from '../../site/model.ts';
import { BOOT_SCRIPT, furtherScriptPaths, scriptPath, urlOf, WWW } from '../../tree/paths.ts';
import type { Render } from '../render.ts';
import type { Target } from '../target.ts';
import { INSTALLED_LABEL, installedFile } from './installed-file.ts';
import { installer } from './installer.ts';
import { iscsiScript } from './iscsi-script.ts';
import { linuxScript } from './linux-script.ts';
import { lookUps } from './look-ups.ts';
import { plainNodes } from './plain-nodes.ts';
import { signatures } from './signatures.ts';

/** What machines run: the first script, which finds the node, and a script for each node. */
export const ipxe: Target = {
  name: 'ipxe',
  *emit(site, render) {
    const data = { site, signer: site.server.sign?.signer, lookUps: lookUps(site) };
    yield { path: `${WWW}/${BOOT_SCRIPT}`, content: render('ipxe/boot.ipxe', data) };
    const later = render.later?.('ipxe/node.ipxe', (node: Node) => nodeData(site, node));
    const isPlain = plainNodes(site);
    for (const node of site.nodes) {
      const isLater = later && isPlain(node);
      const content = isLater ? '' : scriptOf(site, node, render);
      for (const name of [scriptPath(node), ...furtherScriptPaths(node)]) {
        const path = `${WWW}/${name}`;
        yield isLater ? later(path, node) : { path, content };
      }
    }
  },
};

function scriptOf(site: Site, node: Node, render: Render): string {
  if (node.linux) return render('ipxe/linux.ipxe', linuxScript(site, node, node.linux));
  if (node.os === 'iscsi' && node.iscsi)
    return render('ipxe/iscsi.ipxe', iscsiScript(site, node, node.iscsi));
  return render('ipxe/node.ipxe', nodeData(site, node));
}

/** What the node's script does: whether it tries the disk first, and what it installs, if anything. */
function nodeData(site: Site, node: Node) {
  const installs = node.os === 'harvester' && node.install !== 'never';
  return {
    site,
    node,
    self: urlOf(site, scriptPath(node)),
    // A disk that is booted whatever is on it is not looked into.
    installedFile: node.cluster && installedFile(node.cluster.arch),
    installedLabel: INSTALLED_LABEL,
    // That is of use where something else than Harvester may be on it: in the site's own store there is nothing else.
    looksInside: node.iscsi !== undefined && node.iscsi.disk === undefined,
    san: node.iscsi && sanData(site, node, node.iscsi),
    drive: driveText(node.drive),
    triesDisk: node.install !== 'always' || !installs,
    installer: installs ? installer(site, node) : undefined,
    signer: site.server.sign?.signer,
    signatures: signatures(site, node),
  };
}

/** What the script of a node says whose Harvester is on a disk by iSCSI: how it comes to that, by a NIC of its own where there is one. */
function sanData(site: Site, node: Node, iscsi: IscsiBoot) {
  const { chap, unset, uri } = iscsiScript(site, node, iscsi);
  const nic = iscsiNic(node) as Nic;
  return { chap, unset, uri, nic: nic.mac ? nic : undefined, isOther: nic !== node.bootNic };
}
