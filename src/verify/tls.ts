import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect, type PeerCertificate, rootCertificates } from 'node:tls';
import { listenersOf } from '../plan/served.ts';
import type { Run } from './findings.ts';
import type { Web } from './http.ts';
import type { Remedies } from './remedies.ts';

/** The meaning of each error of a chain. Source: OpenSSL, X509_STORE_CTX_get_error(3). */
const CHAIN_ERRORS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a root that this machine does not trust',
  UNABLE_TO_GET_ISSUER_CERT: 'has a chain that is not complete',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has an issuer that this machine does not trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'has a chain that is not complete, or an issuer that this machine does not trust',
  CERT_SIGNATURE_FAILURE: 'has a signature that its issuer did not make',
};

/** Checks the certificate of each listener with TLS: its dates, its names and its chain, up to the roots and `ca`. */
export async function verifyTls(web: Web, run: Run, ca: string | undefined): Promise<void> {
  const secure = listenersOf(run.site.server).filter(({ isHttps }) => isHttps);
  await Promise.all(secure.map(({ host, port }) => verifyListener(web.remedies, run, host, port, ca)));
}

async function verifyListener(
  remedies: Remedies,
  { site, findings, limits }: Run,
  host: string,
  port: number,
  ca: string | undefined,
): Promise<void> {
  const socket = connect({
    host,
    port,
    rejectUnauthorized: false,
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
  });
  // http.ts reports a server that does not answer. Bytes of a handshake do not prolong this time.
  socket.setTimeout(limits.silence, () => socket.destroy(new Error('silent')));
  try {
    await once(socket, 'secureConnect');
    const add = (message: string, help = remedies.certificate) =>
      findings.add('tls', `the certificate of ${host}:${port} ${message}`, help);
    compare(host, socket.getPeerCertificate(), String(socket.authorizationError ?? ''), add);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const help = `correct the listener of ${site.server.tls?.url} in ${remedies.program}`;
    if (code.startsWith('ERR_SSL') || code === 'EPROTO')
      findings.add('tls', `${host}:${port} does not speak TLS`, help);
  } finally {
    socket.destroy();
  }
}

function compare(
  host: string,
  certificate: PeerCertificate,
  error: string,
  add: (message: string, help?: string) => void,
): void {
  const { valid_from: from, valid_to: to, subjectaltname: names = '' } = certificate;
  const now = Date.now();
  if (now > Date.parse(to)) add(`is expired since ${to}: machines reject it`);
  else if (now < Date.parse(from)) add(`is valid only from ${from}: machines reject it`);
  else if (!isFor(host, names, certificate.subject?.CN))
    add(`is for ${names === '' ? 'no name' : names.slice(0, 200)}, not for ${host}: machines reject it`);
  const chain = CHAIN_ERRORS[error];
  if (chain !== undefined)
    add(
      chain,
      'install the chain with all intermediate certificates; for your own CA, add its certificate with --ca FILE',
    );
}

/** Whether the names of a certificate contain a host; a certificate without names has only its common name. */
function isFor(host: string, names: string, commonName: string | readonly string[] | undefined): boolean {
  const all = names === '' ? [`DNS:${commonName}`] : names.split(', ');
  const wild = host.replace(/^[^.]+/, '*');
  return all.some((name) =>
    isIP(host)
      ? name === `IP Address:${host}`
      : [`DNS:${host}`, `DNS:${wild}`].includes(name.toLowerCase().replace(/^dns:/, 'DNS:')),
  );
}
