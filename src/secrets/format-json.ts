import { displayPath } from '../source/diagnostics/text.ts';
import type { SiteSecrets } from './format-text.ts';

/** Renders the secrets of sites as one JSON document, without values: schema/secrets.schema.json is its form. */
export function formatSecretsJson(sites: readonly SiteSecrets[], folder: string): string {
  const plain = sites.map(({ site, secrets, notNeeded }) => ({
    site,
    secrets: secrets.map(({ name, isNeeded, isMissing, from, nearest, elsewhere, uses }) => ({
      name,
      needed: isNeeded,
      missing: isMissing,
      ...(from === undefined ? {} : { from }),
      ...(nearest === undefined ? {} : { nearest }),
      ...(elsewhere === undefined ? {} : { elsewhere }),
      uses: uses.map((use) => ({
        key: use.path,
        file: displayPath(use.at.source.file, folder),
        ...use.at.source.position(use.at.start),
        needed: use.isNeeded,
        nodes: use.nodes,
      })),
    })),
    ...(notNeeded.length > 0 ? { not_needed: notNeeded } : {}),
  }));
  return `${JSON.stringify({ sites: plain }, null, 2)}\n`;
}
