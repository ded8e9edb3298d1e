/** Crypt hashes by how they begin, and how they are written as a whole: crypt(5). What is none of these is not judged. */
const WHOLE: readonly { readonly begins: RegExp; readonly form: RegExp }[] = [
  { begins: /^\$(1|apr1)\$/, form: /^\$(1|apr1)\$[^$]*\$[./0-9A-Za-z]{22}$/ },
  { begins: /^\$2[abxy]?\$/, form: /^\$2[abxy]?\$\d\d\$[./0-9A-Za-z]{53}$/ },
  { begins: /^\$5\$/, form: /^\$5\$(rounds=\d+\$)?[^$]*\$[./0-9A-Za-z]{43}$/ },
  { begins: /^\$6\$/, form: /^\$6\$(rounds=\d+\$)?[^$]*\$[./0-9A-Za-z]{86}$/ },
  { begins: /^\$g?y\$/, form: /^\$g?y\$[./0-9A-Za-z]+\$[./0-9A-Za-z]*\$[./0-9A-Za-z]{43}$/ },
];

/** Says whether a password begins as a crypt hash, and is none: cut off, too long, or changed on its way. */
export function isBrokenHash(password: string): boolean {
  const scheme = WHOLE.find(({ begins }) => begins.test(password));
  return scheme !== undefined && !scheme.form.test(password);
}
