import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { connect } from 'node:net';
import { LIMITS, type Limits, secondsOf } from '../../src/verify/limits.ts';

/** The credentials of a log-in: those of the node, and those of the target for mutual authentication. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly targetUser?: string | undefined;
  readonly targetPassword?: string | undefined;
}

/** A target and its client. */
export interface Login {
  readonly localAddress?: string;
  readonly host: string;
  readonly port: number;
  readonly target: string;
  readonly initiator: string;
  readonly chap?: Credentials | undefined;
}

/** A session with a target, which `logOut` ends. `result` is `logged in`, `refused` and its status, or an error. */
export interface Session {
  readonly result: string;
  logOut(): Promise<void>;
}

const HEADER = 48;
const [SECURITY, OPERATIONAL, FULL] = [0, 1, 3];
/** The longest answer that is read, in bytes. Source: RFC 7143, 13.12 (8192 during a log-in). */
const LONGEST = 2 ** 16;
const TOO_LONG = 'it sends an answer that is too long';
/** A session of its own: it does not replace one of the node, which has another identifier. */
const SESSION = Buffer.from('80f00d68764e', 'hex');

/** Logs in at a target, and stays logged in. Never throws. Source: RFC 7143, sections 6 and 11; RFC 1994. */
export async function logIn(
  { localAddress, host, port, target, initiator, chap }: Login,
  { silence, whole }: Limits = LIMITS,
): Promise<Session> {
  const socket = connect({ host, port, ...(localAddress !== undefined && { localAddress }) });
  let failure = 'the server closes the connection';
  const fail = (why: string) => socket.destroy(new Error(why));
  socket.setTimeout(silence, () => fail(`it does not answer for ${secondsOf(silence)}`));
  const deadline = setTimeout(() => fail(`it does not end within ${secondsOf(whole)}`), whole);
  let received: Buffer = Buffer.alloc(0);
  let wake = () => {};
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (received.length > 2 * LONGEST) fail(TOO_LONG);
    wake();
  });
  socket.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    failure = code === 'ECONNREFUSED' ? 'it refuses the connection' : message;
  });
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve(wake()));
  });
  let statusNumber = 0;

  async function exactly(length: number): Promise<Buffer> {
    while (received.length < length) {
      if (socket.destroyed || socket.readableEnded) throw new Error(failure);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const bytes = received.subarray(0, length);
    received = received.subarray(length);
    return bytes;
  }

  async function exchange(header: Buffer, data = Buffer.alloc(0)): Promise<{ header: Buffer; text: string }> {
    header.writeUIntBE(data.length, 5, 3);
    socket.write(Buffer.concat([header, data, Buffer.alloc((4 - (data.length % 4)) % 4)]));
    const answer = await exactly(HEADER);
    const length = answer.readUIntBE(5, 3);
    if (length > LONGEST) throw new Error(TOO_LONG);
    const text = (await exactly(Math.ceil(length / 4) * 4)).toString('latin1', 0, length);
    statusNumber = answer.readUInt32BE(24);
    return { header: answer, text };
  }

  /** Sends keys of a stage, and whether it goes on to the next one. Throws the status of a refusal. */
  async function negotiate(stage: number, keys: object, next?: number): Promise<ReadonlyMap<string, string>> {
    const header = Buffer.alloc(HEADER);
    header[0] = 0x43;
    header[1] = (next === undefined ? 0 : 0x80 | next) | (stage << 2);
    SESSION.copy(header, 8);
    header.writeUInt32BE(1, 16);
    header.writeUInt32BE(statusNumber + 1, 28);
    const lines = Object.entries(keys).map(([key, value]) => `${key}=${value}\0`);
    const { header: answer, text } = await exchange(header, Buffer.from(lines.join('')));
    const status = answer.readUInt16BE(36);
    if (answer[0] !== 0x23) throw new Error('it does not speak iSCSI');
    if (status !== 0) throw new Error(`refused ${status.toString(16).padStart(4, '0')}`);
    return new Map(text.split('\0').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]));
  }

  async function authenticate({ user, password, targetUser, targetPassword }: Credentials): Promise<void> {
    const asked = await negotiate(SECURITY, { CHAP_A: 5 });
    const digest = (number: number, secret: string, challenge: Buffer) =>
      createHash('md5')
        .update(Buffer.from([number]))
        .update(secret)
        .update(challenge)
        .digest();
    const bytesOf = (text = '') =>
      text.startsWith('0b') ? Buffer.from(text.slice(2), 'base64') : Buffer.from(text.slice(2), 'hex');
    const own = digest(Number(asked.get('CHAP_I')) & 255, password, bytesOf(asked.get('CHAP_C')));
    const mutual = { number: 7, challenge: randomBytes(16) };
    const keys = {
      CHAP_N: user,
      CHAP_R: `0x${own.toString('hex')}`,
      ...(targetPassword !== undefined && {
        CHAP_I: mutual.number,
        CHAP_C: `0x${mutual.challenge.toString('hex')}`,
      }),
    };
    const answer = await negotiate(SECURITY, keys, OPERATIONAL);
    if (targetPassword === undefined) return;
    const [got, expected] = [
      bytesOf(answer.get('CHAP_R')),
      digest(mutual.number, targetPassword, mutual.challenge),
    ];
    if (
      answer.get('CHAP_N') !== targetUser ||
      got.length !== expected.length ||
      !timingSafeEqual(got, expected)
    )
      throw new Error('the target does not prove its own password');
  }

  async function logOut(): Promise<void> {
    const header = Buffer.alloc(HEADER);
    header.set([0x46, 0x80]);
    header.writeUInt32BE(2, 16);
    header.writeUInt32BE(1, 24);
    header.writeUInt32BE(statusNumber + 1, 28);
    const end = setTimeout(() => socket.destroy(), silence);
    await exchange(header).catch(() => undefined);
    socket.end();
    await closed;
    clearTimeout(end);
  }

  try {
    const hello = {
      InitiatorName: initiator,
      TargetName: target,
      SessionType: 'Normal',
      AuthMethod: chap ? 'CHAP' : 'None',
    };
    const offered = await negotiate(SECURITY, hello, chap ? undefined : OPERATIONAL);
    if (chap && offered.get('AuthMethod') !== 'CHAP') throw new Error('the target does not require CHAP');
    if (chap) await authenticate(chap);
    await negotiate(OPERATIONAL, { HeaderDigest: 'None', DataDigest: 'None' }, FULL);
    socket.setTimeout(0);
    return { result: 'logged in', logOut };
  } catch (error) {
    socket.destroy();
    return { result: (error as Error).message, logOut: async () => {} };
  } finally {
    clearTimeout(deadline);
  }
}
