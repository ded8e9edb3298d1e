import { Document } from 'yaml';
import { marksIn } from '../../source/marks.ts';
import { AS_IS, block, isBlock, quoted } from '../yaml-scalars.ts';

/** A part of an archive: cloud-config that was rendered, or a text of the inventory, with marks in it. */
export interface Part {
  readonly content: string;
  /** Whether what is filled in stands in double quotes of the content: it must not be in quotes of the archive, too. */
  readonly isQuoted: boolean;
}

/**
 * How cloud-init is to merge what a template has become into the cloud-config before it, unless the template says how itself:
 * lists follow each other, and what is said already holds. Source: cloud-init, cloudinit/handlers/cloud_config.py.
 */
const MERGING = { 'Merge-Type': 'list(append)+dict(no_replace,recurse_list,recurse_array)+str()' };

/** A text that is cloud-config, once it is rendered where it is a template. */
const CLOUD_CONFIG = /^(?:## template: *jinja[^\n]*\n)?#cloud-config(?!-)/i;

/**
 * Renders parts as a cloud-config-archive, in their order. MIME, which cloud-init takes too, would break what is not ASCII, or
 * hide marks in base64. Source: cloud-init, cloudinit/user_data.py (`_explode_archive`).
 */
export function renderArchive(parts: readonly Part[]): string {
  const entries = parts.map(({ content, isQuoted }) => ({
    ...(!isQuoted && CLOUD_CONFIG.test(content) && MERGING),
    content:
      isBlock(content) && (isQuoted || marksIn(content).length === 0) ? block(content) : quoted(content),
  }));
  return `#cloud-config-archive\n${new Document(entries, AS_IS).toString(AS_IS)}`;
}
