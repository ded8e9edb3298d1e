import type { Tree } from '../../tree/tree.ts';
import type { SiteChange } from './change.ts';
import type { SiteFacts } from './facts.ts';
import type { FileChange } from './file-changes.ts';

const EMBEDDED = /^embed\/[^/]+\.ipxe$/;
const BUILD = 'scripts/build-ipxe-iso.sh';
const SIGN_MEDIA = 'scripts/sign-media.sh';

/**
 * Says that images of iPXE are to be built anew, where the script that is built in changes in what machines cannot do
 * without: where they ask, the addresses of those without DHCP, and all that is signed.
 */
export function imageChange(
  before: SiteFacts,
  after: SiteFacts,
  files: readonly FileChange[],
  tree: Tree,
): SiteChange[] {
  const embedded = files.find(({ path, after }) => after && EMBEDDED.test(path));
  if (!embedded || !tree.has(BUILD)) return [];
  const asksElsewhere = before.url !== undefined && after.url !== undefined && before.url !== after.url;
  if (!asksElsewhere && !tree.has(SIGN_MEDIA) && !hasStaticNode(before) && !hasStaticNode(after)) return [];
  const old = asksElsewhere && embedded.before ? `; until then it asks ${before.url}` : '';
  const what = tree.has(SIGN_MEDIA)
    ? `iPXE has ${embedded.path} built in: build its programs and images anew, as README.md says`
    : `where machines start from an image, which has ${embedded.path} built in, build it anew`;
  return [{ what: 'image', text: `${what} (${BUILD})${old}` }];
}

function hasStaticNode({ nodes }: SiteFacts): boolean {
  return [...nodes.values()].some(({ leases }) => leases === false);
}
