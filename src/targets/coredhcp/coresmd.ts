import type { Site } from '../../site/model.ts';
import { plainXname } from '../../values/xname.ts';
import type { NetworkFacts } from '../dhcp/network-facts.ts';
import { goDuration } from './go-duration.ts';

/**
 * Gives the arguments of OpenCHAMI's plugin `coresmd`, one a line: it asks the tree's web server, as if that were SMD and BSS, and
 * has TFTP of its own. A rule for each node gives it its name, which SMD does not know.
 * Source: OpenCHAMI/coresmd, plugin/coredhcp/coresmd/main.go and examples/coredhcp/rules.md.
 */
export function coresmdArguments(site: Site, { leaseSeconds }: NetworkFacts): string {
  const { url, tftp } = site.server;
  const names = site.nodes.flatMap(({ name, xname }) =>
    xname ? [`rule=id:${plainXname(xname)},hostname:${name}`] : [],
  );
  return [
    `svc_base_uri=${url}`,
    `ipxe_base_uri=${url}`,
    'cache_valid=30s',
    `lease_time=${goDuration(leaseSeconds)}`,
    'single_port=false',
    `tftp_dir=${tftp}`,
    'tftp_port=69',
    ...names,
    'rule=hostname:{id}',
    '',
  ].join('\n');
}
