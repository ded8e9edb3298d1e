/** The clients: the server, two nodes of a group, a third without a group, an administrator, and an unknown machine. */
export const SERVER = '172.16.0.254';
export const [FIRST, SECOND, LOCAL] = ['172.16.0.1', '172.16.0.2', '172.16.0.3'] as const;
export const ADMIN = '172.16.0.250';
export const UNKNOWN = '172.16.0.222';

export const MACS = {
  [FIRST]: 'b4:2e:99:a6:61:ee',
  [SECOND]: 'b4:2e:99:a6:3c:d1',
  [LOCAL]: 'b4:2e:99:a6:3c:d2',
} as const;
export const XNAMES = {
  [FIRST]: 'x1000c1s7b1n0',
  [SECOND]: 'x1000c1s7b2n0',
  [LOCAL]: 'x1000c1s7b3n0',
} as const;

/** The parameters of these machines in BSS, as one line. */
export const PARAMS =
  'nomodeset ro root=live:http://10.100.0.1:9000/boot-images/boot-images/rocky8.8-compute-fbeb4ae ip=dhcp overlayroot=tmpfs overlayroot_cfgdisk=disabled apparmor=0 console=ttyS0,115200 ip6=off ds=nocloud-net;s=http://10.100.0.1:8000/cloud-init/compute/';
export const KERNEL = 'http://10.100.0.1:9000/boot-images/efi-images/vmlinuz-4.18.0-477.21.1.el8_8.x86_64';
export const INITRD =
  'http://10.100.0.1:9000/boot-images/efi-images/initramfs-4.18.0-477.21.1.el8_8.x86_64.img';

/** A site that has replaced BSS, SMD and the cloud-init server. */
export const OCHAMI = `site: venado
server:
  url: http://${SERVER}
  compat: [ochami]
  allow: [${ADMIN}]
networks:
  nmn:
    subnet: 172.16.0.0/24
    gateway: ${SERVER}
    dns: [172.16.0.253]
    domain: mgmt.example.domain.com
    dhcp: { server: external }
groups:
  compute:
    description: Compute nodes
    cloud_init:
      user_data: { write_files: [{ path: /etc/munge/munge.key, content: "\${secret:munge_key}" }] }
      meta_data: { rack: b }
  login: {}
  gpu: { cloud_init: { user_data: { fqdn: "\${node:name}.example" } } }
profiles:
  rocky:
    boot:
      os: linux
      kernel: ${KERNEL}
      initrd: ${INITRD}
      args: ["${PARAMS}"]
nodes:
  cg01:
    xname: ${XNAMES[FIRST]}
    nid: 1
    profiles: [rocky]
    groups: [compute]
    nics:
      - { mac: "${MACS[FIRST]}", ip: ${FIRST}, boot: true }
      - { mac: "b4:2e:99:a6:06:47" }
    uuid: bf9362ad-b29c-40ed-9881-18a5dba3a26b
    bmc: { address: 172.16.0.101, mac: "b4:2e:99:a6:61:f0" }
    cloud_init: { meta_data: { region: us-west-2, availability-zone: us-west-2a, public-keys: ["ssh-rsa AAAA"] } }
  cg02:
    xname: ${XNAMES[SECOND]}
    nid: 1234567
    profiles: [rocky]
    groups: [login, compute, gpu]
    mac: "${MACS[SECOND]}"
    ip: ${SECOND}
    cloud_init: { user_data: { runcmd: [systemctl start slurmd] } }
  mgmt:
    xname: ${XNAMES[LOCAL]}
    mac: "${MACS[LOCAL]}"
    ip: ${LOCAL}
    nid: 3
    boot: { os: local }
`;

export const SECRETS = { munge_key: 'the "key" of munge' };
