import { namesNetwork } from '../knowledge/cluster-settings.ts';

/** The parts of an object that decide its step. */
interface Stepped {
  readonly kind: string;
  readonly name: string;
  /** The subdirectory of the kustomize folder. */
  readonly folder: string;
}

const ofKind =
  (...kinds: readonly string[]) =>
  ({ kind }: Stepped) =>
    kinds.includes(kind);

const needsNetworks = ({ kind, name }: Stepped) => kind === 'Setting' && namesNetwork(name);

/**
 * The steps in the order in which the cluster needs their objects. One without a condition is for all objects that no other step
 * takes. An upgrade is separate: the script applies it only on request.
 */
export const STEPS: readonly (readonly [name: string, takes?: (object: Stepped) => boolean])[] = [
  ['namespaces', ofKind('Namespace')],
  ['settings', (made) => !needsNetworks(made) && ['settings', 'addons', 'nodes', 'os'].includes(made.folder)],
  ['other objects'],
  ['cluster networks and storage', ({ kind, folder }) => kind === 'ClusterNetwork' || folder === 'storage'],
  ['uplinks', ofKind('VlanConfig', 'HostNetworkConfig')],
  ['VM networks', ofKind('NetworkAttachmentDefinition')],
  ['settings of networks', needsNetworks],
  ['images', ({ folder }) => folder === 'images'],
  ['VMs', ({ kind }) => /^VirtualMachine(?!Image|Backup)/.test(kind)],
  ['schedules', ofKind('ScheduleVMBackup', 'VirtualMachineBackup')],
  ['upgrade', ({ folder }) => folder === 'upgrade'],
];

/** Returns the number of the step that applies an object. */
export function stepNumber(object: Stepped): number {
  const number = STEPS.findIndex(([, takes]) => takes?.(object));
  return number < 0 ? STEPS.findIndex(([, takes]) => !takes) : number;
}

/**
 * Whether an object is a merge patch: an Addon without the required fields, which belong to the release. A server-side apply takes them
 * over from the installation, and fails without them from then on.
 */
export function isPatch({
  kind,
  body,
}: {
  readonly kind: string;
  readonly body: { readonly spec?: unknown };
}): boolean {
  return kind === 'Addon' && !('chart' in Object(body.spec));
}
