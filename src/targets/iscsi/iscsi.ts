import { markSecrets } from '../../secrets/marks.ts';
import type { IscsiBoot, Node, Site } from '../../site/model.ts';
import { ISCSI } from '../paths.ts';
import type { Target } from '../target.ts';
import { backingOf } from './backing.ts';

/** What the iSCSI server reads: a target for each node that has a disk there. */
export const iscsi: Target = {
  name: 'iscsi',
  *emit(site, render) {
    if (site.server.iscsi.driver !== 'tgt') return;
    for (const { node, iscsi } of diskNodes(site))
      yield {
        path: `${ISCSI}/tgt/${node.name}.conf`,
        content: render('iscsi/target.tgt', targetData(site, node, iscsi)),
      };
  },
};

/** Gives the nodes whose disk is in the site's own store. */
export function diskNodes({ nodes }: Pick<Site, 'nodes'>): { node: Node; iscsi: IscsiBoot }[] {
  return nodes.flatMap((node) => (node.iscsi?.disk === undefined ? [] : [{ node, iscsi: node.iscsi }]));
}

function targetData(site: Site, node: Node, iscsi: IscsiBoot) {
  const { chap } = iscsi;
  const { store } = site.server.iscsi;
  return {
    site,
    node,
    iscsi,
    store,
    target: markSecrets(iscsi.target),
    backing: backingOf(store, iscsi.disk ?? ''),
    addresses: node.nics.flatMap(({ ip, network }) => (ip && network === node.bootNic.network ? ip : [])),
    chap: chap && {
      ...chap,
      password: markSecrets(chap.password),
      targetPassword: chap.targetPassword && markSecrets(chap.targetPassword),
    },
  };
}
