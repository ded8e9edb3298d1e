import type { JsonMap } from './random-fields.ts';
import type { HostPlan, NodePlan } from './random-plan.ts';

/** Returns the libvirt host of a plan. Takes the names of the site's clusters: with several, each port sets its cluster. */
export function hostOf(plan: HostPlan, clusters: readonly string[]): JsonMap {
  const exposed = plan.expose.map(({ api, own, address, allow }, index): JsonMap => {
    const to = api ? 6443 : 443;
    // The second port never equals the first.
    const port = own || index > 0 ? 20_000 + index : to;
    return {
      port,
      ...(port !== to && { to }),
      ...(clusters.length > 1 && { cluster: clusters[index % clusters.length] as string }),
      ...(address && { address: '203.0.113.7' }),
      ...(allow && { allow: ['203.0.113.0/24', '198.51.100.7'] }),
    };
  });
  const disks = Array.from({ length: plan.disks }, (_, index): [string, JsonMap] => [
    `data${index}`,
    {
      device: `/dev/disk/by-id/google-data${index}`,
      ...(plan.sized && { size: '64TB' }),
      ...(index > 0 && { filesystem: 'xfs' }),
    },
  ]);
  return {
    ...(plan.address && { address: 'lab.example.org' }),
    ...(plan.qemu && { domain_type: 'qemu' }),
    ...(plan.images && { images: '/srv/images' }),
    ...(plan.sized && { threads: 512, memory: '4Ti' }),
    ...(disks.length > 0 && { disks: Object.fromEntries(disks) }),
    ...(exposed.length > 0 && { expose: exposed }),
  };
}

const SIZES: Readonly<Record<NodePlan['domain']['size'], JsonMap>> = {
  explicit: { memory: '32Gi', vcpus: 8 },
  small: { preset: 'small' },
  medium: { preset: 'medium' },
  more: { preset: 'small', memory: '48Gi', vcpus: 10 },
};

/** Returns the virtual machine of a node on a host; `number` is unique to the node. */
export function domainOf(
  { size, disks, vnc, autostart }: NodePlan['domain'],
  host: HostPlan,
  number: number,
): JsonMap {
  return {
    ...SIZES[size],
    disks: disks.map(({ bus, raw, on, serial }, index) => ({
      size: index === 0 ? '300Gi' : '500GB',
      ...(bus !== 'none' && { bus }),
      ...(raw && { format: 'raw' }),
      ...(on > 0 && on <= host.disks && { on: `data${on - 1}` }),
      ...(serial ? { serial: `disk-${index}` } : index > 0 && { name: `d${index}` }),
    })),
    ...(vnc !== 'none' && { vnc: { port: 6000 + number, ...(vnc === 'open' && { listen: '0.0.0.0' }) } }),
    ...(autostart && { autostart: false }),
  };
}
