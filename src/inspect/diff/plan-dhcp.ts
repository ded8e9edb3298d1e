import { OWN_DHCP_SERVERS } from '../../knowledge/tables/dhcp-servers.ts';
import { listed } from '../../source/diagnostics/listed.ts';
import { COREDHCP } from '../../targets/coredhcp/coredhcp.ts';
import { DHCPD } from '../../targets/isc/isc.ts';
import { KEA } from '../../targets/kea/kea.ts';
import type { SiteChange } from './change.ts';
import type { FileChange } from './file-changes.ts';

/** What the DHCP servers beside dnsmasq read, in the tree. */
const FILES = {
  isc: [DHCPD],
  kea: [KEA],
  coredhcp: Object.values(COREDHCP),
} as const;

/** A list that dnsmasq reads again on SIGHUP. */
const LIST = /^dnsmasq\/[^/]+\.(hosts|options)$/;

/** Says what is to be done with DHCP servers that read copies of what has changed, and with dnsmasq where its lists alone have. */
export function dhcpChanges(files: readonly FileChange[]): SiteChange[] {
  const servers = (['isc', 'kea', 'coredhcp'] as const).flatMap((server): SiteChange[] => {
    const own = files.filter(({ path }) => FILES[server].some((one) => one === path));
    if (own.length === 0) return [];
    const { unit } = OWN_DHCP_SERVERS[server];
    const main = own.find(({ path }) => path === FILES[server][0])?.change;
    if (main === 'added') return [{ what: 'dhcp', text: `set up ${unit} as README.md says` }];
    if (main === 'removed')
      return [{ what: 'dhcp', text: `stop ${unit}, which has nothing of the site any more` }];
    // coredhcp reads its list in the tree; what else changes is copied.
    const copied = own.flatMap(({ path }) => (path === COREDHCP.hosts ? [] : path));
    const copy = copied.length > 0 ? `copy ${listed(copied)} as README.md says, and ` : '';
    return [{ what: 'dhcp', text: `${copy}restart ${unit}` }];
  });
  return [...servers, ...listChange(files)];
}

/** Whatever else of dnsmasq's changes takes a restart, and it reads its lists then. */
function listChange(files: readonly FileChange[]): SiteChange[] {
  const lists = files.filter(({ path }) => LIST.test(path));
  const restarts = files.some(({ path }) => path.startsWith('dnsmasq/') && path.endsWith('.conf'));
  if (lists.length === 0 || restarts) return [];
  return [{ what: 'dhcp', text: 'have dnsmasq read its lists again, by SIGHUP' }];
}
