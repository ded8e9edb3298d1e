import { fileURLToPath } from 'node:url';
import { targets } from '../../src/targets/index.ts';
import { ISCSI_HARVESTER, onBootVolume } from './iscsi-harvester-plant.ts';
import { bootsOf, ISCSI_PLANT } from './iscsi-plant.ts';
import { LINUX_PLANT } from './linux-plant.ts';
import { NESTED } from './nested-plant.ts';
import { OCHAMI } from './ochami-plant.ts';
import { edited, PLANT } from './plant.ts';
import { RACK } from './rack.ts';
import { makeSite } from './scratch.ts';

const sample = (name: string) => fileURLToPath(new URL(`../../sites/${name}`, import.meta.url));

/** Returns the folders of sites that together render every template, with every key of its data, and request every target. */
export function everySite(): string[] {
  return [
    makeSite({
      'site.yaml': edited(PLANT, ['server:\n', 'server:\n  sign: { signer: boot.plant }\n']),
      'files/www/a.txt': '',
    }),
    makeSite(edited(PLANT, ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n'])),
    makeSite(RACK),
    makeSite(
      edited(OCHAMI, ['groups:\n', 'unknown_machines: { boot: { kernel: k, initrd: i } }\ngroups:\n']),
      'venado',
    ),
    makeSite(edited(PLANT, ['.42 }', '.42, bmc: { address: 192.168.179.42, protocol: redfish } }'])),
    makeSite(NESTED),
    makeSite(
      edited(PLANT, [
        '  mgmt:\n',
        `  a: { subnet: 10.0.1.0/24, interface: eth1, dhcp: { server: isc } }
  b: { subnet: 10.0.2.0/24, dhcp: { server: external, hosts_files: true } }
  mgmt:
    interface: eth0
`,
      ]).replace('dhcp:\n      pool', 'dhcp:\n      hosts_files: true\n      pool'),
    ),
    makeSite(edited(NESTED, ['site: plant\n', 'site: plant\nair_gapped: true\n'])),
    makeSite(
      edited(NESTED, [
        '  address: lab.example.org\n',
        '  user_data_url: https://files.example.org/cloud-config\n',
      ]),
    ),
    makeSite(
      edited(
        NESTED,
        ['lab.example.org', '2001:db8::7'],
        ['  threads: 32\n', '  threads: 32\n  luns: { backup: { size: 200Gi } }\n'],
        ['192.168.150.42 }', '192.168.150.42, vm: { vnc: { websocket: 5701 } } }'],
      ),
    ),
    makeSite(
      edited(
        PLANT,
        ['dhcp:\n      pool: 192.168.178.200-192.168.178.250', 'dhcp: { server: external }'],
        [
          '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
          '{ nics: [{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }, { mac: 52:54:00:aa:02:02, network: mgmt }] }',
        ],
      ),
    ),
    makeSite(
      edited(
        NESTED,
        ['{ server: libvirt,', '{ server: dnsmasq,'],
        ['    gateway: 192.168.150.1\n', '    gateway: 192.168.150.1\n    interface: br0\n'],
      ),
    ),
    makeSite(
      edited(
        LINUX_PLANT,
        [
          'groups:\n',
          'unknown_machines: { boot: { kernel: k, initrd: i }, by_arch: { arm64: { kernel: a } } }\ngroups:\n',
        ],
        ['networks:\n', '  dns: dnsmasq\nnetworks:\n  dmz: { subnet: 10.2.0.0/24, dns: [10.1.0.1] }\n'],
        ['    dns: [10.1.0.2]\n', '    dns: [10.1.0.1]\n    domain: demo.example.org\n    interface: eno1\n'],
      ),
    ),
    makeSite(`site: plant
server: { url: http://10.20.0.1, iscsi: { format: qcow2 } }
images: { rocky9: { source: rocky9.qcow2 } }
networks:
  mgmt: { subnet: 10.20.0.0/24, gateway: 10.20.0.254, dns: [10.20.0.254], dhcp: { server: external } }
nodes: { cn01: { mac: 52:54:00:aa:01:01, ip: 10.20.0.11, boot: { os: iscsi, image: rocky9 }, cloud_init: { user_data: { locale: C } } } }
`),
    ...['driver: lio', 'rbd: { pool: bmi }'].map((line) =>
      makeSite(edited(ISCSI_PLANT, ['  iscsi:\n', `  iscsi:\n    ${line}\n`])),
    ),
    ...['tftpd-hpa', 'xinetd', 'systemd'].map((server) =>
      makeSite(
        edited(
          ISCSI_PLANT,
          ['  iscsi:\n', `  tftp_server: ${server}\n  iscsi:\n`],
          ['firmware: bios }', 'firmware: bios, boot: { loader: pxelinux } }'],
        ),
      ),
    ),
    makeSite(
      onBootVolume([
        'ip: 192.168.178.41,',
        'ip: 192.168.178.41, uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332,',
      ]),
    ),
    makeSite(ISCSI_HARVESTER),
    makeSite(edited(ISCSI_PLANT, ['  iscsi:\n', '  iscsi:\n    driver: lio\n    write_cache: true\n'])),
    makeSite(
      edited(
        ISCSI_PLANT,
        ...bootsOf(
          'image: rocky9',
          'target: iqn.2015-02.oracle.boot:uefi, server: 10.2.0.9',
          'image: rocky9',
        ),
      ),
    ),
    makeSite(
      edited(
        PLANT,
        ['server:\n', 'server:\n  sign: { signer: boot.plant }\n'],
        [
          'version: v1.4.1',
          `version: v1.4.1\n  sha512: { harvester-v1.4.1-vmlinuz-amd64: ${'a'.repeat(128)} }`,
        ],
      ),
    ),
    makeSite(
      edited(PLANT, [
        'server:\n',
        `server:
  tls: { certificate: /etc/ssl/plant.pem, key: /etc/ssl/plant.key, url: "https://boot.example.org" }
  kubernetes: { media_claim: media }
`,
      ]),
    ),
    makeSite(
      edited(PLANT, [
        '  mgmt:\n',
        `  spare: { subnet: 10.0.1.0/24, interface: eth1, dhcp: { server: isc } }
  mgmt:
    interface: eth1
`,
      ]).replace('dhcp:\n      pool', 'dhcp:\n      server: isc\n      pool'),
    ),
    makeSite(
      edited(
        RACK,
        ['dhcp: { server: external }', 'domain: demo.example.org, dhcp: { server: coredhcp }'],
        ['compat: [ochami]', 'compat: [ochami], dns: coredns'],
        ['cg02: {', 'cg02: { groups: [compute], serial: CZ2, uuid: 4c4c4544-0042-3510-8057-b7c04f4d3333,'],
        ['10.1.0.102', '10.1.0.102, protocol: redfish'],
      ),
    ),
    makeSite(
      edited(
        RACK,
        ['10.1.0.101 }', '10.1.0.101, mac: 52:54:00:7c:52:f1 }'],
        ['10.1.0.102 }', '10.1.0.101, mac: 52:54:00:7c:52:f1 }'],
        ['7b1n0', '7b0n1'],
        ['initrd: initrd.img }', 'initrd: initrd.img, loader: grub }'],
      ),
    ),
    makeSite(
      edited(
        NESTED,
        ['networks:\n', 'networks:\n  data: { subnet: 10.9.0.0/24, interface: br9, mtu: 9000 }\n'],
        ['[{ size: 300Gi }]', '[{ size: 300Gi, bus: scsi }]'],
        [
          '  harvester-3: { mac: 52:54:00:0c:01:03, ip: 192.168.150.43 }',
          `  harvester-3: { nics: [{ mac: "52:54:00:0c:01:03", ip: 192.168.150.43 }, { mac: "52:54:00:0c:02:03", network: data }] }
  login:
    mac: 52:54:00:0c:01:04
    ip: 192.168.150.44
    boot: { os: linux, loader: grub, kernel: vmlinuz, initrd: initrd.img }
    vm: { secure_boot: true }`,
        ],
        ['memory: 128Gi', 'memory: 256Gi'],
      ),
    ),
    makeSite(edited(PLANT, ['server:\n', 'server:\n  compat: [phs, phs-all, oci]\n'])),
    makeSite(edited(PLANT, ['    dhcp:\n', '    dhcp:\n      server: kea\n'])),
    makeSite(edited(ISCSI_PLANT, ['  iscsi:\n', '  iscsi:\n    driver: lio\n    rbd: { pool: bmi }\n'])),
    makeSite(
      edited(
        PLANT,
        ['http://192.168.178.7', 'http://192.168.178.7:30080'],
        ['server:\n', 'server:\n  kubernetes: { media_claim: media, service: NodePort }\n'],
      ),
    ),
    makeSite(
      edited(PLANT, [
        'server:\n',
        `server:
  kubernetes:
    media_claim: media
    service: ClusterIP
    ingress: { class: nginx, proxies: [10.42.0.0/16] }
`,
      ]),
    ),
    ...targets.flatMap(({ compat }) =>
      compat ? makeSite(edited(PLANT, ['server:\n', `server:\n  compat: [${compat}]\n`])) : [],
    ),
    sample('location_x'),
    sample('location_y'),
    sample('location_z'),
    sample('harvester_cloud'),
    sample('oci'),
  ];
}
