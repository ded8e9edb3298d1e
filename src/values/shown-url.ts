/** A login, to the last @ before the path; one whose password is a reference to a secret is none. */
const LOGIN = /(:\/\/)(?![^\s/:@]*:(?:\$\{secret:[^}]*\})+@)[^\s/]+(?=@)/;

/** Gives a URL as it may be shown: without the login in it, and without its query, which may be a signature. */
export function shownUrl(url: string): string {
  return url.replace(LOGIN, '$1***').replace(/\?.*$/s, '?***');
}

/** Gives the server of a URL alone: the path of what is notified often is a password. */
export function serverOf(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/]*@)?([^\s/?#]*).*$/is, '$1$2/');
}
