import { createHash } from 'node:crypto';

/** The longest name of a Service, and value of a label. Source: Kubernetes, IsDNS1035Label and IsValidLabelValue. */
const LONGEST = 63;

/**
 * Gives what a site's objects in Kubernetes are called, and its namespace unless another is said: `harvgen-<site>` with -
 * for _, and a digest where that is too long for a name.
 */
export function kubernetesName(site: string): string {
  const name = `harvgen-${site.replaceAll('_', '-')}`;
  if (name.length <= LONGEST) return name;
  const digest = createHash('sha256').update(site).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST - digest.length - 1).replace(/-+$/, '')}-${digest}`;
}
