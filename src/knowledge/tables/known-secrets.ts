/**
 * Tokens and passwords that stand in public examples, or that whoever guesses tries first; in lower case. Sources:
 * harvester/ipxe-examples, andrehofman/harvester-bootstrapserver, docs/deploy.md, samples of other provisioning systems,
 * default logins, and what is written for want of a value.
 */
const KNOWN: ReadonlySet<string> = new Set([
  'secrettoken.123',
  'secretpassword.123',
  'token',
  'mytoken',
  'my-token',
  'clustertoken',
  'cluster-token',
  'cluster_token',
  'token-of-the-cluster',
  'password',
  'p@ssword',
  'p@ssw0rd',
  'passw0rd',
  'changeme',
  'change-me',
  'secret',
  'rancher',
  'harvester',
  'rancheros',
  'suse',
  'linux',
  'admin',
  'root',
  'test',
  'example',
  '123456',
  '12345678',
  '0123456789abcdef',
  '5up3rs3cr3t',
  'd506621a3d4acdf60d62475f1b2cb681',
  '612c99d263fe6b8acb56f0b964e07d0a',
  '9b1de1a3f0e94f1bb0c2a7de5d0b3c44',
  '5f3a0e94b7c2441d9be1a3f0d0b3c44e',
]);

/** Says whether a token or password is one that everybody knows. */
export function isKnownToAll(value: string): boolean {
  return KNOWN.has(value.toLowerCase());
}

/** What fingers do along the rows of a keyboard, and who counts or spells; each is tried backwards as well. */
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
];
const PIECES: readonly string[] = [...ROWS, ...ROWS.map((row) => Array.from(row).reverse().join(''))];

/** Shorter runs than this are no pattern: chance makes them, too. */
const RUN = 4;

/** Of so many characters one may be what is no pattern: a mark, a number. */
const OTHERS = 6;

/** Says whether a token or password is made of what is known to all and of runs along rows, but for a few characters. */
export function isPattern(value: string): boolean {
  const text = value.toLowerCase();
  let others = 0;
  for (let at = 0; at < text.length; ) {
    const length = Math.max(knownAt(text, at), runAt(text, at));
    others += length > 0 ? 0 : 1;
    at += length || 1;
  }
  return others * OTHERS <= text.length;
}

/** Gives how long what everybody knows is at a place of a text; 0 where there is none. */
function knownAt(text: string, at: number): number {
  let longest = 0;
  for (const word of KNOWN)
    if (word.length >= RUN && word.length > longest && text.startsWith(word, at)) longest = word.length;
  return longest;
}

/** Gives how long the run along a row is at a place of a text; 0 where it is short. */
function runAt(text: string, at: number): number {
  let longest = 0;
  for (const row of PIECES) {
    const start = row.indexOf(text[at] ?? '');
    if (start < 0) continue;
    let length = 1;
    while (start + length < row.length && text[at + length] === row[start + length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest < RUN ? 0 : longest;
}
