import { markText } from '../../secrets/mark-config.ts';
import type { CloudInit, Node } from '../../site/model.ts';
import { LazyFile } from '../../tree/lazy-file.ts';
import { cloudInitPath, WWW } from '../../tree/paths.ts';
import { renderYaml } from '../render-yaml.ts';
import type { Target } from '../target.ts';
import { metaDataOf } from './meta-data.ts';
import { networkConfigOf } from './network-config.ts';
import { renderData } from './render-data.ts';

/** Of an empty file cloud-init would warn that it cannot handle it. */
const NO_USER_DATA = '#cloud-config\n{}\n';

/** What cloud-init finds on each node that boots Linux (NoCloud). */
export const cloudInit: Target = {
  name: 'cloud-init',
  *emit(site) {
    const metaData = (node: Node) =>
      renderYaml(metaDataOf(site, node, node.cloudInit as CloudInit), markText);
    for (const node of site.nodes) {
      const { cloudInit } = node;
      if (!cloudInit) continue;
      const folder = `${WWW}/${cloudInitPath(node)}`;
      yield new LazyFile(`${folder}meta-data`, metaData, node);
      yield new LazyFile(`${folder}network-config`, networkText, node);
      yield new LazyFile(`${folder}user-data`, userDataText, cloudInit);
      yield new LazyFile(`${folder}vendor-data`, vendorDataText, cloudInit);
    }
  },
};

/** An empty one says nothing; one that is not there is asked for again and again, for ten seconds. */
function networkText(node: Node): string {
  const network = networkConfigOf(node, node.cloudInit as CloudInit);
  return network ? renderYaml(network, markText) : '';
}

function userDataText({ userData }: CloudInit): string {
  return renderData(userData) || NO_USER_DATA;
}

function vendorDataText({ vendorData }: CloudInit): string {
  return renderData(vendorData);
}
