import type { Server } from '../../site/model.ts';

/** A host and port that nginx answers at, and what it hands out there. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly isHttps: boolean;
  /** Whether it has the nodes' configurations. */
  readonly configurations: boolean;
  /** Whether it has all else that machines fetch, but for iPXE's programs. */
  readonly others: boolean;
  /** Whether it has iPXE's programs: by http alone, since firmware that boots by HTTP trusts no certificate. */
  readonly loaders: boolean;
}

const HTTP = 80;

/** Gives where nginx answers for a site: what machines fetch from `server.url`, from `server.tls.url`, and firmware. */
export function listenersOf({ url, host, port, tls }: Server): Listener[] {
  const isHttps = url.startsWith('https:');
  const isOne = !tls || (isHttps && tls.host === host && tls.port === port);
  const none = { configurations: false, others: false, loaders: false };
  return [
    { host, port, isHttps, configurations: isOne, others: true, loaders: !isHttps },
    ...(isOne ? [] : [{ ...none, host: tls.host, port: tls.port, isHttps: true, configurations: true }]),
    ...(isHttps ? [{ ...none, host, port: HTTP, isHttps: false, loaders: true }] : []),
  ];
}
