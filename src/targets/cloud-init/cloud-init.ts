import { marked } from '../../secrets/mark-config.ts';
import { cloudInitPath, WWW } from '../paths.ts';
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
    for (const node of site.nodes) {
      const { cloudInit } = node;
      if (!cloudInit) continue;
      const folder = `${WWW}/${cloudInitPath(node)}`;
      yield { path: `${folder}meta-data`, content: renderYaml(marked(metaDataOf(site, node, cloudInit))) };
      const network = networkConfigOf(node, cloudInit);
      if (network) yield { path: `${folder}network-config`, content: renderYaml(marked(network)) };
      yield { path: `${folder}user-data`, content: renderData(cloudInit.userData) || NO_USER_DATA };
      yield { path: `${folder}vendor-data`, content: renderData(cloudInit.vendorData) };
    }
  },
};
