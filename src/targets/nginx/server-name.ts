/**
 * The longest name that nginx has in its hash of names, where a port has several servers: with a longer one it does not
 * start. Source: nginx, src/core/ngx_hash.c (server_names_hash_bucket_size is 64, the processor's cache line).
 */
const LONGEST = 46;

/**
 * Gives what `server_name` says for a host of a URL: the host, or, where it is too long for the hash, an expression that
 * matches nothing else. The size of the hash cannot be set here: nginx takes that once for all of its servers.
 */
export function serverName(host: string): string {
  return host.length > LONGEST ? `"~^${host.replaceAll('.', '[.]')}$"` : host;
}
