import * as fc from 'fast-check';
import type { Json, JsonMap } from './random-fields.ts';

/** A plan of cloud-init data: of a group, or of a machine that boots Linux. */
export const cloudInitPlan = fc.record({
  user: fc.nat(6),
  vendor: fc.nat(3),
  meta: fc.nat(2),
  network: fc.nat(4),
  text: fc.constantFrom(
    'plain',
    'yes',
    '0644',
    '12:30',
    'two\nlines\n',
    ' a "b" \\ $HOME ${x} ',
    'ends in blanks  \n\n',
    'Zürich \u2028 🙂',
    '${node:name} is at ${node:ip}',
    '${secret:some_secret}',
    'a ${secret:some_secret} for ${node:mac}',
    'x'.repeat(300),
  ),
});

export type CloudInitPlan = typeof cloudInitPlan extends fc.Arbitrary<infer Plan> ? Plan : never;

/** Returns the cloud-init data of a plan; for a group, only the keys that groups may set. */
export function cloudInitOf({ user, vendor, meta, network, text }: CloudInitPlan, isGroup: boolean): JsonMap {
  const users: (Json | undefined)[] = [
    undefined,
    { write_files: [{ path: '/etc/x', permissions: '0600', content: text }], runcmd: [['echo', text]] },
    { write_files: [{ path: '/etc/x.yaml', content: 'a: 1\nb: "${secret:some_secret}"\n' }] },
    { 'x-notes': { on: true, yes: [null, 1, 1.5, text] }, timezone: 'UTC' },
    `#!/bin/sh\necho '${text}'\n`,
    '## template: jinja\n#cloud-config\nruncmd: [echo {{ v1.local_hostname }}]\n',
    '#cloud-config\nruncmd: [touch /x]\npackages: [a, b]\n',
  ];
  const vendors: (Json | undefined)[] = [
    undefined,
    { locale: 'C.UTF-8' },
    '#include\nhttp://10.0.0.9/more\n',
    users[4],
  ];
  const metas: (JsonMap | undefined)[] = [undefined, { rack: text }, { 'instance-id': 'x-${node:name}' }];
  const shared = { user_data: users[user], meta_data: metas[meta] };
  const own = {
    vendor_data: vendors[vendor],
    network_config: network === 4 ? { version: 2, ethernets: { eno1: { dhcp4: true } } } : undefined,
  };
  const all = Object.entries({ ...shared, ...(isGroup ? {} : own) });
  return Object.fromEntries(all.filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
