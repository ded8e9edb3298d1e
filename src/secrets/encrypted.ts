import { quoteShell } from '../values/quoting.ts';

/** How the text of a program that encrypts files begins, or what it is full of, and what makes the file readable. */
const PROGRAMS: readonly {
  readonly name: string;
  readonly mark: RegExp;
  readonly decrypt: (file: string) => string;
}[] = [
  { name: 'sops', mark: /ENC\[AES256_GCM/, decrypt: (file) => `sops -d ${file}` },
  { name: 'ansible-vault', mark: /^\s*\$ANSIBLE_VAULT;/, decrypt: (file) => `ansible-vault view ${file}` },
  {
    name: 'age',
    mark: /^(age-encryption\.org\/|\s*-----BEGIN AGE ENCRYPTED FILE-----)/,
    decrypt: (file) => `age -d ${file}`,
  },
  { name: 'GnuPG', mark: /^\s*-----BEGIN PGP MESSAGE-----/, decrypt: (file) => `gpg -d ${file}` },
];

/** Says that a file is still encrypted, as sops, ansible-vault, age or GnuPG do it, and where; undefined where it is not. */
export function encrypted(text: string, file: string): { start: number; message: string } | undefined {
  for (const { name, mark, decrypt } of PROGRAMS) {
    const found = mark.exec(text);
    if (found) return { start: found.index, message: stillEncrypted(name, decrypt(commandFile(file))) };
  }
  const start = text.indexOf('$ANSIBLE_VAULT;');
  if (start < 0) return undefined;
  const message =
    'this value is still encrypted by ansible-vault: encrypt the file as a whole instead, and give it by ' +
    `\`ansible-vault view ${commandFile(file)} | harvgen … --secrets -\``;
  return { start, message };
}

/** Says what has encrypted a value as a whole, and the command that decrypts its file; undefined where nothing has. */
export function encryptionOf(value: string): { program: string; command: string } | undefined {
  const found = PROGRAMS.find(({ mark }) => mark.exec(value.trimStart())?.index === 0);
  return found && { program: found.name, command: found.decrypt('FILE') };
}

/** Gives what to say of a file that sops has encrypted. */
export function encryptedBySops(file: string): string {
  return stillEncrypted('sops', `sops -d ${commandFile(file)}`);
}

function stillEncrypted(program: string, command: string): string {
  return `this is still encrypted by ${program}: give it by \`${command} | harvgen … --secrets -\``;
}

/** Standard input has no name: whoever filled it knows the file's. */
function commandFile(file: string): string {
  return file === '-' ? 'FILE' : quoteShell(file);
}
