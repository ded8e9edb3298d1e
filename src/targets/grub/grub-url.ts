/**
 * Gives a URL as GRUB names a file on a web server: `(http,10.1.0.1)/images/vmlinuz`. Takes a URL of http, which is all that
 * GRUB speaks. Source: GRUB's manual, "File name syntax".
 */
export function grubUrl(url: string): string {
  const [, host = '', path = ''] = /^http:\/\/([^/]*?)(?::80)?(\/.*)?$/.exec(url) ?? [];
  return `(http,${host})${path}`;
}
