import type { Arch } from '../../knowledge/tables/harvester-media.ts';
import type { Node, Site } from '../../site/model.ts';
import { placedBmcs, placedNodes } from './places.ts';

/** A component of SMD. */
export interface Component {
  readonly ID: string;
  readonly Type: 'Node' | 'NodeBMC';
  readonly State: string;
  readonly Flag: string;
  readonly Enabled: boolean;
  readonly SoftwareStatus?: string;
  readonly Role?: string;
  readonly SubRole?: string;
  readonly NID?: number;
  readonly NetType: string;
  readonly Arch: string;
  readonly Class: string;
}

const ARCHES: Readonly<Record<Arch, string>> = { amd64: 'X86', arm64: 'ARM' };

/**
 * Whether a machine runs no file can tell: it says what OpenCHAMI's own static discovery does, `On`. The other values are
 * those that SMD takes for a node of which nobody has said more. Sources: OpenCHAMI/ochami, pkg/discover/discover.go;
 * OpenCHAMI/smd, cmd/smd/smd-api.go (GetCompDefaults).
 */
const STATE = { State: 'On', Flag: 'OK', Enabled: true };
const HARDWARE = (arch: Arch) => ({ NetType: 'Sling', Arch: ARCHES[arch], Class: 'River' });

/** Gives a site's nodes and management controllers as SMD lists them at `/hsm/v2/State/Components`. */
export function components(site: Site): Component[] {
  return [
    ...placedNodes(site).map(({ node, xname }) => ({
      ID: xname,
      Type: 'Node' as const,
      ...STATE,
      SoftwareStatus: '',
      Role: roleOf(node),
      SubRole: '',
      ...(node.nid !== undefined && { NID: node.nid }),
      ...HARDWARE(node.arch),
    })),
    ...placedBmcs(site).map(({ xname, node }) => ({
      ID: xname,
      Type: 'NodeBMC' as const,
      ...STATE,
      ...HARDWARE(node.arch),
    })),
  ];
}

/** What runs Harvester carries the others; anything else is for computing, as SMD takes it to be. */
export function roleOf({ os }: Node): 'Compute' | 'Management' {
  return os === 'harvester' ? 'Management' : 'Compute';
}
