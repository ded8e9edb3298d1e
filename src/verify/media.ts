import { createHash } from 'node:crypto';
import type { Medium } from '../plan/medium.ts';
import { eachOf, type Run } from './findings.ts';
import type { Web } from './http.ts';

/** The kinds of media that machines download during a boot or an installation. */
const BOOTED: readonly Medium['kind'][] = ['kernel', 'initrd', 'rootfs', 'iso', 'signature'];

/** Checks the size of every medium that machines download, and with `whole` also the digests of those that are pinned. */
export async function verifyMedia(web: Web, run: Run, whole: boolean): Promise<void> {
  const { media, progress } = run;
  const isBooted = ({ kind, served }: Medium) => BOOTED.includes(kind) || (kind === 'image' && served);
  const wanted = media.filter((medium) => /^https?:/.test(medium.url) && isBooted(medium));
  let done = 0;
  await eachOf(wanted, 4, async (medium) => {
    await verifyMedium(web, run, medium, whole && medium.sha512 !== undefined);
    done += 1;
    progress('media', done, wanted.length);
  });
}

async function verifyMedium(
  web: Web,
  { findings }: Run,
  { url, kind, nodes, size, sha512, served }: Medium,
  whole: boolean,
): Promise<void> {
  const hash = createHash('sha512');
  // An answer that is longer than the pin may have no end.
  const answer = await web.ask(
    url,
    whole ? { hash, ...(size !== undefined && { most: size }) } : { method: 'HEAD' },
  );
  if (!answer) return;
  const help = !served
    ? `correct the server of ${new URL(url).host}`
    : kind === 'signature'
      ? 'run scripts/sign-media.sh again, and copy the signatures'
      : web.remedies.media;
  const add = (message: string, detail = url) => findings.add('media', message, help, { nodes, detail });
  const length = whole ? answer.size : Number(answer.headers['content-length'] ?? Number.NaN);
  if (answer.status !== 200) add('files are missing or not readable', `${url} (${answer.status})`);
  // Some servers add a body to an answer to HEAD.
  else if (whole && answer.error !== undefined) add(`downloads are incomplete: ${answer.error}`);
  else if (size !== undefined && !Number.isNaN(length) && length !== size)
    add(
      'files have another size than their pin',
      `${url} has ${whole && length > size ? `more than ${size} bytes` : `${length} bytes instead of ${size}`}`,
    );
  else if (length === 0) add('files are empty');
  else if (whole && hash.digest('hex') !== sha512) add('files have another SHA-512 than their pin');
  else if (sha512 === undefined && size === undefined && kind !== 'signature')
    findings.notes.add('only the presence of media without a pin was checked');
}
