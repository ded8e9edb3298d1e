import { Document, type ToStringOptions } from 'yaml';
import type { Network } from '../../site/model.ts';

const OPTIONS: ToStringOptions = { lineWidth: 0 };

/** Renders a configuration of coredhcp: its plugins in the order in which they are asked, with a comment above. */
export function renderCoredhcp(network: Network, plugins: readonly object[], comment: string): string {
  const listen = network.interface === undefined ? undefined : [`%${network.interface}`];
  const document = new Document({ server4: { ...(listen && { listen }), plugins } });
  document.commentBefore = ` ${comment}`;
  return document.toString(OPTIONS);
}
