import type { Cluster, Network, Node, Site } from '../../site/model.ts';
import { consoleInConfig } from '../../site/one-of-config.ts';
import { isPlainInIpxe } from '../../values/quoting/ipxe.ts';

type Texts = readonly (string | undefined)[];

/**
 * Gives what tells the nodes of a site whose scripts can be written whatever they say, without that any is rendered: those
 * that Harvester is for and that have their own disk, where all that is put into their scripts consists of plain words.
 * What others have is found out by rendering them.
 */
export function plainNodes({ name, server }: Site): (node: Node) => boolean {
  const { url, tls, media, sign } = server;
  const isPlainSite = arePlain([name, url, tls?.url, media.url, sign?.signer]);
  const known = new Map<object, boolean>();
  const isPlain = <T extends object>(shared: T, textsOf: (shared: T) => Texts): boolean => {
    let plain = known.get(shared);
    if (plain === undefined) {
      plain = arePlain(textsOf(shared));
      known.set(shared, plain);
    }
    return plain;
  };
  return (node) => {
    const { linux, iscsi, cluster, name, ip, bootNic } = node;
    return (
      isPlainSite &&
      !linux &&
      !iscsi &&
      cluster !== undefined &&
      isPlain(cluster, ofCluster) &&
      isPlain(bootNic.network, ofNetwork) &&
      isPlainInIpxe(name) &&
      isPlainInIpxe(ip) &&
      isPlainOrNone(bootNic.mac) &&
      (bootNic.ip === ip || isPlainOrNone(bootNic.ip)) &&
      isPlainOrNone(bootNic.name) &&
      isPlainOrNone(consoleInConfig(node))
    );
  };
}

function ofCluster({ version, arch }: Cluster): Texts {
  return [version.text, arch];
}

function ofNetwork({ gateway, dns, subnet }: Network): Texts {
  return [gateway, ...dns, subnet.mask];
}

function arePlain(texts: Texts): boolean {
  return texts.every(isPlainOrNone);
}

function isPlainOrNone(text: string | undefined): boolean {
  return text === undefined || isPlainInIpxe(text);
}
