import type { SecretValues } from '../../secrets/source.ts';
import type { Site } from '../../site/model.ts';
import { nginxInclude } from '../nginx/include.ts';
import { metadataOf } from './labels.ts';
import { renderManifest } from './manifest.ts';
import { objectNames, SECRETS_FILE } from './pod.ts';

/**
 * Renders the Secret from which nginx in the pods fills in. Takes the value of every secret that the site's configurations
 * hold. In base64, since whoever may list annotations of applied objects would read it there as it is.
 */
export function secretManifest(site: Site, values: SecretValues): string {
  const include = Buffer.from(nginxInclude(site, values)).toString('base64');
  return renderManifest(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadataOf(site, objectNames(site).secrets),
      type: 'Opaque',
      data: { [SECRETS_FILE]: include },
    },
    `The secrets of ${site.name}, for nginx to fill in: for the cluster alone, and into no git.`,
  );
}
