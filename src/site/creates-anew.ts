/**
 * Says what comes of it that a node is installed anew at every boot which creates its cluster: it joins none that is
 * there. Takes its mode and the name of its cluster, and gives the end of a sentence; nothing for a node that joins.
 */
export function createsAnew({
  mode,
  cluster,
}: {
  readonly mode?: string;
  readonly cluster?: string;
}): string {
  return mode === 'create' ? `, as a new cluster${cluster === undefined ? '' : ` ${cluster}`} each time` : '';
}
