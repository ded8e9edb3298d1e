import type { Node } from '../site/model.ts';

/** What a node boots, in words: "cn01 boots …". */
export const BOOTED: Readonly<Record<Node['os'], string>> = {
  harvester: 'Harvester',
  linux: 'Linux',
  iscsi: 'a disk by iSCSI',
  local: 'its disk',
};
