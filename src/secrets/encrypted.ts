import { quoteShell } from '../values/quoting.ts';

/** Programs that encrypt files: a pattern at the beginning or anywhere in their output, and the command that decrypts it. */
const PROGRAMS: readonly {
  readonly name: string;
  readonly sign: RegExp;
  readonly decrypt: (file: string) => string;
}[] = [
  { name: 'sops', sign: /ENC\[AES256_GCM/, decrypt: (file) => `sops -d ${file}` },
  { name: 'ansible-vault', sign: /^\s*\$ANSIBLE_VAULT;/, decrypt: (file) => `ansible-vault view ${file}` },
  {
    name: 'age',
    sign: /^(age-encryption\.org\/|\s*-----BEGIN AGE ENCRYPTED FILE-----)/,
    decrypt: (file) => `age -d ${file}`,
  },
  { name: 'GnuPG', sign: /^\s*-----BEGIN PGP MESSAGE-----/, decrypt: (file) => `gpg -d ${file}` },
];

/** Returns where and how a file is still encrypted, by sops, ansible-vault, age or GnuPG, or undefined if it is not. */
export function encrypted(text: string, file: string): { start: number; message: string } | undefined {
  for (const { name, sign, decrypt } of PROGRAMS) {
    const found = sign.exec(text);
    if (found) return { start: found.index, message: stillEncrypted(name, decrypt(commandFile(file))) };
  }
  const start = text.indexOf('$ANSIBLE_VAULT;');
  const command = `ansible-vault view ${commandFile(file)} | harvgen … --secrets -`;
  const message = `this value is still encrypted by ansible-vault: encrypt the whole file instead, and run \`${command}\``;
  return start < 0 ? undefined : { start, message };
}

/** Returns the program that encrypted a whole value, and the command that decrypts its file, or undefined if none did. */
export function encryptionOf(value: string): { program: string; command: string } | undefined {
  const found = PROGRAMS.find(({ sign }) => sign.exec(value.trimStart())?.index === 0);
  return found && { program: found.name, command: found.decrypt('FILE') };
}

/** Returns the message for a file that is encrypted by sops. */
export function encryptedBySops(file: string): string {
  return stillEncrypted('sops', `sops -d ${commandFile(file)}`);
}

function stillEncrypted(program: string, command: string): string {
  return `this is still encrypted by ${program}: run \`${command} | harvgen … --secrets -\``;
}

/** Returns the file name for a command. Standard input has no name: FILE is a placeholder for it. */
function commandFile(file: string): string {
  return file === '-' ? 'FILE' : quoteShell(file);
}
