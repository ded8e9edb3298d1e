/**
 * The sizes of virtual machines that have a name. Source: rancher/harvester-cloud, projects (main.tf, locals), where
 * they are the sizes of a cluster's nodes.
 */
export const VM_PRESETS = {
  small: { vcpus: 8, memory: '32Gi' },
  medium: { vcpus: 16, memory: '64Gi' },
} as const;
