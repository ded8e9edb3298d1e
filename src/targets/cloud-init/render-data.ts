import { markPart } from '../../secrets/mark-cloud-init.ts';
import { markText } from '../../secrets/mark-config.ts';
import type { CloudInitData } from '../../site/model.ts';
import { renderYaml } from '../render-yaml.ts';
import { renderArchive } from './render-archive.ts';

/** What was rendered of data that nodes share: it never changes. */
const rendered = new WeakMap<object, string>();

/**
 * Renders user-data or vendor-data: a map as cloud-config, one text as it is, and several parts as an archive, in their order; so
 * is a text that refers to a secret, which stands in quotes there. Gives an empty text for no parts.
 */
export function renderData(parts: readonly CloudInitData[]): string {
  const known = rendered.get(parts);
  if (known !== undefined) return known;
  const text = render(parts);
  rendered.set(parts, text);
  return text;
}

function render(parts: readonly CloudInitData[]): string {
  const [first, second] = parts;
  if (first === undefined) return '';
  if (second === undefined && typeof first === 'object') return renderCloudConfig(first);
  if (second === undefined && markPart(first as string) === first) return first as string;
  return renderArchive(
    parts.map((part) => ({
      content: typeof part === 'object' ? renderCloudConfig(part) : markPart(part),
      isQuoted: typeof part === 'object',
    })),
  );
}

function renderCloudConfig(map: object): string {
  return `#cloud-config\n${renderYaml(map, markText)}`;
}
