import { Document } from 'yaml';
import { markPart, markText } from '../../secrets/config-marks.ts';
import type { CloudInit, CloudInitData, Node, Site } from '../../site/model.ts';
import { marksIn } from '../../source/marks.ts';
import { cloudInitPath, WWW } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { onceFor } from '../../values/once-for.ts';
import { AS_IS, isBlock, renderYaml, scalarOf } from '../render-yaml.ts';
import type { Target } from '../target.ts';
import { networkConfigOf } from './network-config.ts';

/** Of an empty file cloud-init would warn that it cannot handle it. */
const NO_USER_DATA = '#cloud-config\n{}\n';

/** What cloud-init finds on each node that boots Linux (NoCloud). */
export const cloudInit: Target = {
  name: 'cloud-init',
  *emit(site) {
    const metaData = (node: Node) =>
      renderYaml(metaDataOf(site, node, node.cloudInit as CloudInit), markText);
    const userData = (cloudInit: CloudInit) => renderData(cloudInit.userData) || NO_USER_DATA;
    const vendorData = (cloudInit: CloudInit) => renderData(cloudInit.vendorData);
    for (const node of site.nodes) {
      const { cloudInit } = node;
      if (!cloudInit) continue;
      const folder = `${WWW}/${cloudInitPath(node)}`;
      yield new LazyFile(`${folder}meta-data`, metaData, node);
      yield new LazyFile(`${folder}network-config`, networkText, node);
      yield new LazyFile(`${folder}user-data`, userData, cloudInit);
      yield new LazyFile(`${folder}vendor-data`, vendorData, cloudInit);
    }
  },
};

/** An empty one says nothing; one that is not there is asked for again and again, for ten seconds. */
function networkText(node: Node): string {
  const network = networkConfigOf(node, node.cloudInit as CloudInit);
  return network ? renderYaml(network, markText) : '';
}

/**
 * Gives the meta-data of a node: who it is, and what its groups and the inventory say beside that. The instance-id is the
 * same at each build, since cloud-init takes a machine with another one for a new machine.
 */
export function metaDataOf(
  site: Site,
  node: Node,
  { metaData }: Pick<CloudInit, 'metaData'>,
): Readonly<Record<string, unknown>> {
  return { 'instance-id': `${site.name}.${node.name}`, 'local-hostname': node.name, ...metaData };
}

/**
 * Renders user-data or vendor-data: a map as cloud-config, one text as it is, and several parts as an archive, in their order; so
 * is a text that refers to a secret, which stands in quotes there. Gives an empty text for no parts.
 */
export function renderData(parts: readonly CloudInitData[]): string {
  return rendered(parts).text;
}

/** What was rendered of data that nodes share: it never changes. */
const rendered = onceFor((parts: readonly CloudInitData[]) => {
  const [first, second] = parts;
  if (first === undefined) return { text: '' };
  if (second !== undefined) return { text: renderArchive(parts) };
  if (typeof first === 'object') return { text: renderCloudConfig(first) };
  return { text: markPart(first) === first ? first : renderArchive(parts) };
});

function renderCloudConfig(map: object): string {
  return `#cloud-config\n${renderYaml(map, markText)}`;
}

/**
 * How cloud-init is to merge what a template has become into the cloud-config before it, unless the template says how itself:
 * lists follow each other, and what is said already holds. Source: cloud-init, cloudinit/handlers/cloud_config.py.
 */
const MERGING = { 'Merge-Type': 'list(append)+dict(no_replace,recurse_list,recurse_array)+str()' };

/** A text that is cloud-config, once it is rendered where it is a template. */
const CLOUD_CONFIG = /^(?:## template: *jinja[^\n]*\n)?#cloud-config(?!-)/i;

/**
 * Renders parts as a cloud-config-archive, in their order. MIME, which cloud-init takes too, would break what is not ASCII, or
 * hide marks in base64. Source: cloud-init, cloudinit/user_data.py (`_explode_archive`).
 */
function renderArchive(parts: readonly CloudInitData[]): string {
  const entries = parts.map((part) => {
    const isMap = typeof part === 'object';
    const content = isMap ? renderCloudConfig(part) : markPart(part);
    // What is filled in stands in double quotes: in a map those of its own, and in no others around them.
    const type =
      isBlock(content) && (isMap || marksIn(content).length === 0) ? 'BLOCK_LITERAL' : 'QUOTE_DOUBLE';
    return { ...(!isMap && CLOUD_CONFIG.test(content) && MERGING), content: scalarOf(content, type) };
  });
  return `#cloud-config-archive\n${new Document(entries, AS_IS).toString(AS_IS)}`;
}
