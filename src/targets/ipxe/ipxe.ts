import { markChap } from '../../secrets/config-marks.ts';
import { driveText } from '../../site/disks.ts';
import { iscsiNic } from '../../site/iscsi.ts';
import type { IscsiBoot, Node, Site } from '../../site/model.ts';
import { markSecrets } from '../../source/marks.ts';
import { BOOT_SCRIPT, furtherScriptPaths, scriptPath, urlOf, WWW } from '../../tree/paths.ts';
import { pick, type Render, type Target } from '../target.ts';
import { INSTALLED_LABEL, installedFile, installer, linuxScript, signatures } from './kernel.ts';

/** What machines run: the first script, which finds the node, and a script for each node. */
export const ipxe: Target = {
  name: 'ipxe',
  *emit(site, render) {
    const data = { site, signer: site.server.sign?.signer, lookUps: lookUps(site) };
    yield { path: `${WWW}/${BOOT_SCRIPT}`, content: render('ipxe/boot.ipxe', data) };
    for (const node of site.nodes) {
      const content = scriptOf(site, node, render);
      for (const path of [scriptPath(node), ...furtherScriptPaths(node)])
        yield { path: `${WWW}/${path}`, content };
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
  const { iscsi } = node;
  const nic = iscsiNic(node);
  return {
    site,
    node,
    self: urlOf(site, scriptPath(node)),
    // A disk that is booted whatever is on it is not looked into.
    installedFile: node.cluster && installedFile(node.cluster.arch),
    installedLabel: INSTALLED_LABEL,
    // That is of use where something else than Harvester may be on it: in the site's own store there is nothing else.
    looksInside: iscsi !== undefined && iscsi.disk === undefined,
    // How the script of a node whose Harvester is on a disk by iSCSI comes to that: by a NIC of its own where there is one.
    san: iscsi && {
      ...pick(iscsiScript(site, node, iscsi), ['chap', 'unset', 'uri']),
      nic: nic?.mac ? nic : undefined,
      isOther: nic !== node.bootNic,
    },
    drive: driveText(node.drive),
    triesDisk: node.install !== 'always' || !installs,
    installer: installs ? installer(site, node) : undefined,
    signer: site.server.sign?.signer,
    signatures: signatures(site, node),
  };
}

/**
 * How the first script asks for a machine's own one: what iPXE calls what it has fetched, its setting that says what the machine is
 * known by, without which there is nothing to ask for, and the script's path below the document root, as iPXE fills it in.
 */
function lookUp(image: string, setting: string, filled: string) {
  return { image, setting, script: `ipxe/\${${filled}}.ipxe` };
}

const BY_MAC = ['netX', 'net0', 'net1', 'net2', 'net3'].map((nic) =>
  lookUp(nic, `${nic}/mac`, `${nic}/mac:hexhyp`),
);

/** With blanks in it, as boards that nobody has numbered have one, a serial number is no path. */
const BY_SERIAL = {
  image: 'serial',
  setting: 'serial',
  script: 'ipxe/serial/${serial:uristring}.ipxe',
};

/**
 * Gives the ways by which a site's nodes are found, in turn: the MAC that booted and those of the first NICs, the address, the
 * UUID and the serial number that the firmware has. A way by which no node can be found is left out.
 * Source: https://ipxe.org/cfg (settings, and their types hexhyp and uristring).
 */
export function lookUps({ nodes }: Site) {
  return [
    ...(nodes.some(({ bootNic }) => bootNic.mac) ? BY_MAC : []),
    ...(nodes.some(({ bootNic }) => !bootNic.mac) ? [lookUp('ip', 'ip', 'ip')] : []),
    ...(nodes.some(({ uuid }) => uuid) ? [lookUp('uuid', 'uuid', 'uuid')] : []),
    ...(nodes.some(({ serial }) => serial) ? [BY_SERIAL] : []),
  ];
}

/** Gives what the script of a node says that boots a disk by iSCSI; secrets in it are marks. */
export function iscsiScript(site: Site, node: Node, iscsi: IscsiBoot) {
  const { chap } = iscsi;
  return {
    site,
    node,
    iscsi,
    // Any NIC of its management network may be the one that its firmware boots from. One without a MAC has booted it.
    macs: node.bootNic.mac ? node.bond.flatMap(({ mac }) => mac ?? []) : [],
    // Of what iPXE may still have from an earlier script, what this one does not set.
    unset: [
      ...(chap ? [] : ['username', 'password']),
      ...(chap?.targetPassword ? [] : ['reverse-username', 'reverse-password']),
    ],
    chap: markChap(chap),
    uri: sanUri(iscsi),
    drive: driveText(node.drive),
    self: urlOf(site, scriptPath(node)),
  };
}

/**
 * Gives the URI of a disk as iPXE takes it: the number of the LUN is hexadecimal. Source: RFC 4173, 5, and iPXE,
 * src/drivers/block/scsi.c (scsi_parse_lun).
 */
export function sanUri({ address, port, lun, target }: IscsiBoot): string {
  return `iscsi:${address}:tcp:${port}:${lun.toString(16)}:${markSecrets(target)}`;
}

/** Gives a script of iPXE's that leads on to another one, and waits so many seconds where that does not come; `intro` is for people. */
export function leadingTo(script: string, pause: number, intro = ''): string {
  return `#!ipxe\n${intro}:start\nchain --replace --autofree ${script} || sleep ${pause}\ngoto start\n`;
}
