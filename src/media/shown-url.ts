/** A user's password; a reference to a secret is none. */
const PASSWORD = /(:\/\/[^\s/:@?#]*:)(?!\$\{secret:)[^\s/@]+(?=@)/;

/** Gives a URL as it may be shown: without the password in it, and without its query, which may be a signature. */
export function shownUrl(url: string): string {
  return url.replace(PASSWORD, '$1***').replace(/\?.*$/s, '?***');
}

/** Gives the server of a URL alone: the path of what is notified often is a password. */
export function serverOf(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@]*@)?([^\s/?#]*).*$/is, '$1$2/');
}
