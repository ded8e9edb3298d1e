/** What crypt makes of a password: none can be read out of it. */
const HASH = /^\$(1|5|6|apr1|2[abxy]?|y|gy|7)\$/;

/** MD5, against which thousands of millions are tried in a second. */
const MD5_HASH = /^\$(1|apr1)\$/;

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

/** Says whether a password is a hash that is broken by trying. */
export function isMd5Hash(password: string): boolean {
  return MD5_HASH.test(password);
}

/** Says whether a password is a hash of one, as crypt makes it: none can be read out of it. */
export function isCryptHash(password: string): boolean {
  return HASH.test(password);
}
