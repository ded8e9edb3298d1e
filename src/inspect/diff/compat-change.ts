import { SMD, SMD_READY } from '../../targets/ochami/smd.ts';
import { WWW } from '../../tree/paths.ts';
import type { SiteChange } from './change.ts';
import type { FileChange } from './file-changes.ts';

/** Says that what OpenCHAMI's services answered is answered now, or not any more. */
export function compatChange(files: readonly FileChange[]): SiteChange[] {
  const change = files.find(({ path }) => path === `${WWW}/${SMD}/${SMD_READY}`)?.change;
  const urls = "the URLs of OpenCHAMI's BSS, SMD and cloud-init server are";
  if (change === 'added') return [{ what: 'compat', after: 'ochami', text: `${urls} answered now` }];
  if (change !== 'removed') return [];
  return [
    { what: 'compat', before: 'ochami', text: `${urls} not answered any more: who asks there gets 404` },
  ];
}
