import type { Answer } from '../system/asker.ts';

/**
 * The site of the recorded answers to each GET of SMD and BSS, with each filter. Its lists were loaded into both services, which
 * were compiled from their sources of 2026: SMD (b72ba92) with Postgres, BSS (e4894b0) with its key-value store in memory.
 * `test/data/ochami-filters.json` has their answers. An answer is a status other than 200, or the identifiers of a list's items, of
 * an object, or of the node of a script. The script of unknown machines is `unknown`. A difference here is recorded beside it.
 */
export const FILTERED_SITE = `site: perlmont
server:
  url: http://10.42.0.254
  compat: [ochami]
  allow: [10.42.0.250]
networks:
  nmn:
    subnet: 10.42.0.0/24
    gateway: 10.42.0.254
    dns: [10.42.0.254]
    domain: hpc.example.net
    dhcp: { server: external }
  hsn: { subnet: 10.43.0.0/24, gateway: 10.43.0.254, dns: [10.42.0.254], dhcp: { server: external } }
groups:
  compute: { description: All compute nodes }
  gpu: { description: Nodes with GPUs }
  spare: {}
profiles:
  alma:
    boot: { os: linux, kernel: "http://10.42.0.254/images/alma/vmlinuz", initrd: "http://10.42.0.254/images/alma/initrd.img", args: [quiet, "console=tty0"] }
nodes:
  pm001:
    xname: x3000c0s5b0n0
    nid: 17
    profiles: [alma]
    groups: [compute, gpu]
    nics:
      - { mac: "9c:6b:00:11:5a:01", ip: 10.42.0.17, boot: true, name: eno1 }
      - { mac: "9c:6b:00:11:5a:02", ip: 10.43.0.17, network: hsn, name: hsn0 }
    bmc: { address: 10.42.0.117, mac: "9c:6b:00:11:5a:0f" }
  pm002:
    xname: x3000c0s5b1n0
    nid: 18
    profiles: [alma]
    groups: [compute]
    mac: "9c:6b:00:22:5a:01"
    ip: 10.42.0.18
    bmc: { address: 10.42.0.118, mac: "9c:6b:00:22:5a:0f" }
  login:
    xname: x3000c0s7b0n0
    nid: 256
    profiles: [alma]
    role: Application
    subrole: Worker
    boot: { arch: arm64, initrd: [] }
    mac: "9c:6b:00:33:5a:01"
    ip: 10.42.0.56
    bmc: { address: 10.42.0.156, mac: "9c:6b:00:33:5a:0f" }
  head:
    xname: x3001c7s31b0n0
    nid: 1024
    role: Management
    subrole: Master
    mac: "9c:6b:00:44:5a:01"
    ip: 10.42.0.200
    boot: { os: local }
`;

/**
 * The site of the recorded answers to each GET of boot-service, the successor of BSS, and to the GETs of SMD for one object with
 * filters. Its lists were loaded into both, compiled from their sources of 2026: boot-service (8d29222) with its files, and SMD
 * (b72ba92) with Postgres. `test/data/ochami-boot-service.json` has their answers in the same form.
 */
export const BOOT_SERVICE_SITE = `site: ostrava
server:
  url: http://10.42.0.254
  compat: [ochami]
  allow: [10.42.0.250]
networks:
  prov: { subnet: 10.42.0.0/24, gateway: 10.42.0.254, dns: [10.42.0.254], dhcp: { server: external } }
  data: { subnet: 10.88.0.0/24, gateway: 10.88.0.254, dns: [10.42.0.254], dhcp: { server: external } }
groups: { batch: {}, viz: { description: Render nodes } }
profiles:
  leap:
    boot: { os: linux, kernel: "http://10.42.0.254/images/leap/linux", initrd: "http://10.42.0.254/images/leap/initrd", args: [splash=silent, "console=ttyS1,57600"] }
nodes:
  b0301:
    xname: x8200c1s4b0n0
    nid: 301
    profiles: [leap]
    groups: [batch]
    nics:
      - { mac: "b4:7a:f1:03:01:aa", ip: 10.42.0.31, boot: true, name: em1 }
      - { mac: "b4:7a:f1:03:01:ab", ip: 10.88.0.31, network: data, name: em2 }
    bmc: { address: 10.42.0.131, mac: "b4:7a:f1:03:01:af" }
  b0302:
    xname: x8200c1s4b0n1
    nid: 302
    profiles: [leap]
    groups: [batch]
    mac: "b4:7a:f1:03:02:aa"
    ip: 10.42.0.32
  render:
    xname: x8200c1s9b0n0
    nid: 900
    profiles: [leap]
    groups: [viz]
    role: Service
    boot: { initrd: [] }
    mac: "b4:7a:f1:09:00:aa"
    ip: 10.42.0.90
    bmc: { address: 10.42.0.190, mac: "b4:7a:f1:09:00:af" }
  store:
    xname: x8201c0s1b0n0
    nid: 2048
    mac: "b4:7a:f1:20:48:aa"
    ip: 10.42.0.99
    boot: { os: local }
`;

/** The recorded script of `Unknown-x86_64`, with parameters for this boot and for its kernel. */
export const UNKNOWN_SCRIPT = `#!ipxe
kernel --name kernel http://10.42.0.254/images/discover/vmlinuz initrd=initrd ip=dhcp quiet ip=dhcp quiet ds=nocloud-net;s=http://10.42.0.254/cloud-init/ || goto boot_retry
initrd --name initrd http://10.42.0.254/images/discover/initrd.img || goto boot_retry
boot || goto boot_retry
:boot_retry
sleep 30
chain http://10.42.0.254/boot/v1/bootscript?mac=9c:6b:00:99:99:99&arch=\${buildarch}&ts=1795472695

`;

/** An answer in the recorded form. */
export type Short = number | string | readonly string[];

/** Returns an answer in the recorded form. An object without an identifier has its keys, another text its first line. */
export function answerOf(path: string, { status, headers, body }: Answer): Short {
  if (status !== 200) return status;
  // BSS has it in the kernel command line, boot-service in a comment.
  if (path.includes('/bootscript')) return /(?: xname=|^# Node: )(x\S+) /m.exec(body)?.[1] ?? 'unknown';
  if (path.includes('/dumpstate')) return status;
  if (!/json/.test(headers['content-type'] ?? '')) return body.split('\n')[0] ?? '';
  const content = JSON.parse(body);
  // boot-service has null for an empty list.
  const [list] = Array.isArray(content)
    ? [content]
    : Object.values(content ?? { list: [] }).map((one) => one ?? []);
  if (!Array.isArray(list)) return nameOf(content) ?? Object.keys(content);
  return list.map((one) => String(nameOf(one))).sort();
}

/** An item of a list of SMD or BSS, with its identifier. */
export interface Named {
  readonly ID?: string;
  readonly label?: string;
  readonly id?: string;
  readonly hosts?: readonly string[];
  readonly metadata?: { readonly name: string };
}

function nameOf(one: Named | string): string | undefined {
  return typeof one === 'string'
    ? one
    : (one.ID ?? one.label ?? one.id ?? one.hosts?.[0] ?? one.metadata?.name);
}
