import { listed } from '../../source/diagnostics/words.ts';
import { parseAddressOrCidr } from '../../values/addresses.ts';
import { joinSpans, type Span } from '../../values/spans.ts';
import type { SiteChange, Trees } from './change.ts';

/** The list whose clients may fetch every file: other lists grant them nothing more. */
const ALLOW = 'server.allow';

/** Reports the clients that may fetch more than before by `server.allow`, `allow_scripts` or `tenants.*.allow`. */
export function accessChanges({ before: { access: old }, after: { access: now } }: Trees): SiteChange[] {
  const lists = [...(now ?? [])];
  if (!old) {
    const text = `the earlier build has no record of its clients: compare ${listed(lists.map(([key]) => key))} yourself`;
    return lists.length > 0 ? [{ what: 'access', text }] : [];
  }
  return lists.flatMap(([key, clients]): SiteChange[] => {
    const known = joinSpans([old.get(ALLOW), old.get(key)].flatMap((list = []) => list.flatMap(spanOf)));
    const added = [...new Set(clients)].filter((client) =>
      spanOf(client).some(({ start, end }) => !known.some((one) => one.start <= start && one.end >= end)),
    );
    if (added.length === 0) return [];
    return [{ what: 'access', after: added, text: `${listed(added)} may now fetch ${filesOf(key)}` }];
  });
}

/** Returns the IP addresses of a client in a list, as numbers; empty for another form. */
function spanOf(client: string): Span[] {
  const range = parseAddressOrCidr(client);
  return range ? [{ start: range.first, end: range.last + 1 }] : [];
}

function filesOf(key: string): string {
  if (key === 'server.allow_scripts') return `the script of every node (${key})`;
  const tenant = key === ALLOW ? '' : ` of ${key.split('.')[1]}`;
  return `the files of every node${tenant}, with their secrets (${key})`;
}
