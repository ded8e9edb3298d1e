import type { Server } from '../../site/model-server.ts';
import { placeOf } from '../../source/origin.ts';
import type { Place } from '../../source/source.ts';
import type { Draft } from '../../values/draft.ts';

/** A host and port that nginx answers at, and what it hands out there. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly isHttps: boolean;
  /** What says so: `server.url`, `server.ports`, `server.tls`, or the firmware, which has no other port. */
  readonly by: 'url' | 'ports' | 'tls' | 'firmware';
  /** Whether it has the nodes' configurations. */
  readonly configurations: boolean;
  /** Whether it has all else that machines fetch, but for iPXE's programs. */
  readonly others: boolean;
  /** Whether it has iPXE's programs: by http alone, since firmware that boots by HTTP trusts no certificate. */
  readonly loaders: boolean;
}

const HTTP = 80;

/**
 * Gives where nginx answers for a site: what machines fetch from `server.url`, from the same at further ports, from
 * `server.tls.url`, and firmware.
 */
export function listenersOf({ url, host, port, ports, tls }: Server): Listener[] {
  const isHttps = url.startsWith('https:');
  const isOne = !tls || (isHttps && tls.host === host && tls.port === port);
  const none = { configurations: false, others: false, loaders: false };
  const own = { host, isHttps, configurations: isOne, others: true, loaders: !isHttps };
  const listeners: Listener[] = [{ ...own, port, by: 'url' }];
  for (const one of new Set(ports)) if (one !== port) listeners.push({ ...own, port: one, by: 'ports' });
  if (!isOne) {
    const { host, port } = tls;
    listeners.push({ ...none, host, port, isHttps: true, by: 'tls', configurations: true });
  }
  if (isHttps) listeners.push({ ...none, host, port: HTTP, isHttps: false, by: 'firmware', loaders: true });
  return listeners;
}

/** Gives the place in the inventory that has nginx answer there. */
export function listenerPlace(server: Draft<Server>, { by, port }: Listener): Place {
  if (by === 'ports' && server.ports) return placeOf(server.ports, server.ports.indexOf(port));
  return by === 'tls' && server.tls ? placeOf(server.tls, 'url') : placeOf(server, 'url');
}
