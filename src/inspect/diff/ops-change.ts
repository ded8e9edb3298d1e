import { CONMAN_CONF, POWERMAN_CONF, REDFISH_DEVICE } from '../../targets/ops/ops.ts';
import type { SiteChange } from './change.ts';
import type { FileChange } from './file-changes.ts';

/** What has the machines' management controllers in a configuration that is a copy, and what else of the tree it reads. */
const PROGRAMS = [
  { name: 'powerman', copied: POWERMAN_CONF, read: [REDFISH_DEVICE], how: '' },
  { name: 'conman', copied: CONMAN_CONF, read: [], how: ' behind its credentials' },
] as const;

/** Says what is to be done with powerman and ConMan, which go on with the controllers that they have been told of. */
export function opsChange(files: readonly FileChange[]): SiteChange[] {
  return PROGRAMS.flatMap(({ name, copied, read, how }): SiteChange[] => {
    const change = files.find(({ path }) => path === copied)?.change;
    const isRead = files.some(({ path }) => read.some((one) => one === path));
    if (change === 'removed')
      return [
        { what: 'ops', text: `where ${name} runs, take what it has of ${copied} away, and restart it` },
      ];
    // It may be another machine than the boot server, and a site need not have it.
    if (change) {
      const again = change === 'changed' ? ' again' : '';
      return [{ what: 'ops', text: `where ${name} runs, install ${copied}${again}${how}, and restart it` }];
    }
    return isRead ? [{ what: 'ops', text: `where ${name} runs, restart it` }] : [];
  });
}
