import { readFileSync } from 'node:fs';
import { SERVER } from './ochami-plant.ts';

/** A recorded answer of one of OpenCHAMI's services, and its intended differences here. */
export interface Recorded {
  /** The requested path, without the gateway's prefix. */
  readonly path: string;
  /** The gateway's prefix for it. */
  readonly gateway: '/apis/bss' | '/apis/smd' | '/apis/cloud-init';
  /** The IP address of the client. */
  readonly from: string;
  /** The status, if it is not 200. */
  readonly status?: number;
  /** The content type of the answer; undefined for none. `charset=utf-8` is omitted. */
  readonly type?: string;
  /** Text byte for byte; otherwise the data of JSON or YAML. Absent for an error whose text is not compared. */
  readonly answer?: unknown;
  /**
   * The differences here, for the reasons in docs/reference/urls.md: by the path of the field, `<omitted>` for one that is not
   * there; in a text, by the text that is replaced.
   */
  readonly here?: Readonly<Record<string, unknown>>;
  /** The status, type or answer here, if it is another one. */
  readonly instead?: Pick<Recorded, 'status' | 'type' | 'answer'>;
}

/**
 * The site of the recorded answers. Its lists were loaded into the services, with values of Redfish and a password for the BMC. All
 * were compiled from their sources of 2026: SMD (b72ba92) with Postgres, BSS (e4894b0) with its key-value store in memory, and the
 * cloud-init server (ec0f42f).
 */
export const RECORDED_SITE = `site: lynx
server:
  url: http://${SERVER}
  compat: [ochami]
  allow: [172.16.0.250]
networks:
  nmn: { subnet: 172.16.0.0/24, gateway: 172.16.0.1, dns: [172.16.0.1], domain: lynx.example, dhcp: { server: external } }
defaults:
  cloud_init:
    meta_data:
      cluster-name: lynx-one
      cloud-provider: onprem
      region: hall-2
      availability-zone: hall-2b
      public-keys: [ssh-ed25519 AAAAC3Nz ops@lynx]
groups:
  compute:
    description: All compute nodes
    cloud_init:
      meta_data: { scheduler: slurm, mounts: { home: "nfs:/home" } }
      user_data: |
        ## template: jinja
        #cloud-config
        runcmd: [[echo, "{{ ds.meta_data.instance_data.v1.vendor_data.groups.compute.scheduler }}"]]
  gpu: { cloud_init: { meta_data: { driver: "570" } } }
  spare: {}
profiles:
  alma:
    boot:
      os: linux
      kernel: http://${SERVER}/images/alma/vmlinuz-5.14
      initrd: http://${SERVER}/images/alma/initramfs.img
      args: [quiet, "console=ttyS0,115200", ip=dhcp]
nodes:
  lx0021:
    xname: x2000c0s3b0n0
    nid: 21
    profiles: [alma]
    groups: [compute]
    role: Application
    subrole: Worker
    uuid: 8c1f3a52-9d04-4b7e-a6c1-52be0d93f021
    nics:
      - { name: eno1, mac: "b8:59:9f:21:00:01", ip: 172.16.0.21 }
      - { mac: "b8:59:9f:21:00:02", network: nmn }
    bmc: { address: 172.16.0.121, mac: "b8:59:9f:21:00:0f" }
    cloud_init: { meta_data: { instance-id: i-0a21, instance-type: fat } }
  gate:
    xname: x2000c0s4b0n0
    nid: 22
    profiles: [alma]
    groups: [compute, gpu]
    mac: "b8:59:9f:22:00:01"
    ip: 172.16.0.22
    cloud_init:
      meta_data:
        instance-id: i-0a22
        public-keys: [ssh-ed25519 AAAAC3Nz ops@lynx, ssh-ed25519 AAAAC3Nz dev@lynx]
  lx0023:
    xname: x2000c0s5b0n0
    nid: 23
    profiles: [alma]
    mac: "b8:59:9f:23:00:01"
    ip: 172.16.0.23
    cloud_init: { meta_data: { instance-id: i-0a23 } }
`;

/** The answers of these services. */
export const RECORDED: readonly Recorded[] = JSON.parse(
  readFileSync(new URL('../data/ochami-answers.json', import.meta.url), 'utf8'),
);
