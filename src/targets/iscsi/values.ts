import type { SecretValues } from '../../secrets/source.ts';
import { iscsiSecrets } from '../../secrets/uses-of.ts';
import type { Site } from '../../site/model.ts';
import { secretNames } from '../../source/marks.ts';
import { diskNodes } from './served-disks.ts';

/** Gives the names of the secrets that the targets of a site's own iSCSI server hold, sorted. */
export function targetSecrets(site: Site): string[] {
  const names = diskNodes(site).flatMap(({ node }) =>
    iscsiSecrets(node, site.server).flatMap(({ text }) => secretNames(text)),
  );
  return [...new Set(names)].sort();
}

/** Renders the file from which put-targets.sh fills them in: a line `name value` for each, all checked. For root alone to read. */
export function iscsiValues(site: Site, values: SecretValues): string {
  return targetSecrets(site)
    .map((name) => `${name} ${values.get(name) ?? ''}\n`)
    .join('');
}
