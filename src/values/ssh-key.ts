const TYPES: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ssh-dss',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
]);

/** What may stand before the type of a key: `from="10.0.0.0/8",no-pty`. */
const OPTIONS = /^(?:"(?:\\.|[^"\\])*"|[^\s"])+[ \t]+/;

/** Says why a line of an authorized_keys file is not an SSH public key, as a clause; undefined where it is one. */
export function sshKeyFault(line: string): string | undefined {
  const [first = ''] = line.split(/[ \t]/, 1);
  const [type = '', base64 = ''] = (TYPES.has(first) ? line : line.replace(OPTIONS, '')).split(/[ \t]+/);
  if (!TYPES.has(type)) return `${shortened(first)} is no type of key`;
  if (base64 === '') return `nothing follows ${type}`;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return `what follows ${type} is not base64`;
  const fields = fieldsOf(Buffer.from(base64, 'base64'));
  if (base64.length % 4 !== 0 || !fields || fields.length < 2) return 'its base64 is not whole';
  const [inner = ''] = fields;
  return inner === type ? undefined : `its base64 is not of type ${type}`;
}

/** The fields of a key, each of which begins with its length; undefined where they do not fill it. */
function fieldsOf(key: Buffer): string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  while (at + 4 <= key.length) {
    const start = at + 4;
    at = start + key.readUInt32BE(at);
    fields.push(key.toString('latin1', start, at));
  }
  return at === key.length ? fields : undefined;
}

function shortened(word: string): string {
  return word.length > 24 ? `${word.slice(0, 24)}…` : word;
}

/** Says whether a text is a private key, or holds one: of OpenSSH, of PEM or of PuTTY. */
export function isPrivateKey(text: string): boolean {
  return /PRIVATE KEY-----|PuTTY-User-Key-File/.test(text);
}
