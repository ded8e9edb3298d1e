import type { Site } from '../../site/model.ts';
import { objectNames } from './pod.ts';

/** What tells the pods of a site from all others: it never changes, since a Deployment's selector cannot. */
export function selectorLabels(site: Site): Record<string, string> {
  return { 'app.kubernetes.io/name': 'harvgen', 'app.kubernetes.io/instance': objectNames(site).name };
}

/**
 * The labels of every object of a site. Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/.
 */
export function commonLabels(site: Site): Record<string, string> {
  return {
    ...selectorLabels(site),
    'app.kubernetes.io/component': 'boot-server',
    'app.kubernetes.io/managed-by': 'harvgen',
  };
}

/** The metadata of an object in the site's namespace; of the name that is given, or the site's own. */
export function metadataOf(
  site: Site,
  name = objectNames(site).name,
): {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly labels: Record<string, string>;
} {
  return { name, namespace: site.server.kubernetes?.namespace, labels: commonLabels(site) };
}
