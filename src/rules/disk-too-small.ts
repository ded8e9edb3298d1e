import { diskMinima, FIRST_RELEASE_SKIPPING_SIZES } from '../knowledge/tables/harvester-hardware.ts';
import { diskLimits } from '../site/disk-limits.ts';
import { sizeOf } from '../site/disks.ts';
import { checksSizes } from '../site/installer-checks.ts';
import { isUnknown } from '../site/is-unknown.ts';
import type { Node } from '../site/model.ts';
import { isBroken, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { wholeGib } from '../values/size.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import type { Finding, Rule } from './rule.ts';

export const diskTooSmall: Rule = {
  code: 'disk-too-small',
  severity: 'error',
  what: 'The disks that a machine declares are large enough for the release.',
  why: 'The installer stops with "device size too small", and before v1.8.0 nothing talks it out of that (harvester/harvester#6064).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const release = node?.os === 'harvester' ? node.cluster?.version : undefined;
      if (!node || !release || isBroken(node, 'role')) continue;
      if (isUnknown(node, 'install.data_disk') || isUnknown(node, 'install.role')) continue;
      if (checksSizes(node)) checkSizes(node, release, report);
    }
  },
};

function checkSizes(node: Draft<Node>, release: Version, report: (finding: Finding) => void): void {
  const install = node.config?.install;
  if (!install) return;
  const limits = diskLimits(node, release);
  const { beside } = diskMinima(release);
  for (const key of ['device', 'data_disk'] as const) {
    const size = sizeOf(node, key);
    const gib = size && wholeGib(size.bytes);
    if (gib === undefined || gib >= limits[key]) continue;
    const ways = [`a larger disk: ${limits[key]}Gi is enough, ${limits[key]}GB is not`];
    if (key === 'device' && limits.device > beside && gib >= beside)
      ways.push(`a data_disk beside it, with which ${beside}Gi is enough`);
    if (isAtLeast(release, FIRST_RELEASE_SKIPPING_SIZES))
      ways.push('`config: {install: {skipchecks: true}}`, on a machine that is for tests');
    report({
      node,
      message: `${key === 'device' && node.iscsi ? 'The disk by iSCSI (boot.size)' : `The disk of ${key}`} has ${size?.text} (${gib} whole GiB), and Harvester ${release.text} wants ${limits[key]} GiB there: the installer would stop with "device size too small".`,
      at: size?.at ?? placeOf(install, key),
      related: [{ message: `it is the ${key} by`, at: placeOf(install, key) }],
      help: ways.join('; or '),
    });
  }
}
