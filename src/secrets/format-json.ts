import { displayPath } from '../diagnostics/text.ts';
import type { SiteSecrets } from './format-text.ts';

/** Renders the secrets of sites as one JSON document, without values: schema/secrets.schema.json is its form. */
export function formatSecretsJson(sites: readonly SiteSecrets[], folder: string): string {
  const plain = sites.map(({ site, secrets }) => ({
    site,
    secrets: secrets.map(({ name, isNeeded, isMissing, from, nearest, uses }) => ({
      name,
      needed: isNeeded,
      missing: isMissing,
      ...(from === undefined ? {} : { from }),
      ...(nearest === undefined ? {} : { nearest }),
      uses: uses.map((use) => ({
        key: use.path,
        file: displayPath(use.at.source.file, folder),
        ...use.at.source.position(use.at.start),
        needed: use.isNeeded,
        nodes: use.nodes,
      })),
    })),
  }));
  return `${JSON.stringify({ sites: plain }, null, 2)}\n`;
}
