import { createHash } from 'node:crypto';
import type { Site } from '../../site/model.ts';

/** What a variable's name takes as it is: no hyphen, and with what follows not more than nginx's hash of names takes. */
const PLAIN = /^[a-z0-9_]{1,23}$/;

/**
 * Gives what the names of nginx's variables, zones and formats for a site begin with, at most 31 characters: no other
 * site's begin so. Source: nginx, src/core/ngx_hash.c (variables_hash_bucket_size is 64, with which a name has 46).
 */
export function nginxId({ name }: Pick<Site, 'name'>): string {
  if (PLAIN.test(name)) return `harvgen_${name}`;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `harvgen${digest}_${name.slice(0, 15).replaceAll('-', '_')}`;
}
