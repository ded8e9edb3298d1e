import type { DomainDisk, Exposed, Network, Node } from '../../../src/site/model.ts';
import type { HostDisk } from '../../../src/site/model-host.ts';
import type { ServedFolder, SiteData } from './common.ts';

/** A boot loader on the host. */
export interface HostLoader {
  /** The name of the boot file. */
  readonly loader: string;
  /** The path in the distribution. It is empty if the boot file must be built. */
  readonly source: string;
}

/** The paths of chrony in a distribution. */
export interface HostChrony {
  /** The main configuration file. */
  readonly main: string;
  /** The directory of additional configuration files. */
  readonly folder: string;
  /** The name of the service. */
  readonly service: string;
}

/** A family of distributions. */
export interface Family {
  readonly name: 'debian' | 'suse' | 'rhel';
  /** The values of `ID` or `ID_LIKE` in `/etc/os-release`. */
  readonly ids: readonly string[];
  /** The packages that the host needs. */
  readonly packages: readonly string[];
  /** The packages of boot loaders, which can be built instead, and of noVNC. */
  readonly optional: readonly string[];
  /** The package of the SELinux tools. */
  readonly selinuxPackage: string;
  readonly loaders: readonly HostLoader[];
  readonly chrony: HostChrony;
  /** The group of nginx. */
  readonly nginxGroup: string;
}

/** An architecture of virtual machines. */
export interface HostArch {
  readonly name: 'amd64' | 'arm64';
  /** The output of `uname -m`. */
  readonly machine: string;
}

/** A virtual machine of the host. */
export interface HostDomain {
  /** The name of the domain and of its node. */
  readonly name: string;
  readonly uuid: string;
  /** Whether the domain starts with the host. */
  readonly autostart: boolean;
  /** The disk images. */
  readonly images: readonly DomainDisk[];
  /** Whether the machine keeps the WWNs of its disks from an older version. */
  readonly keepsWwn: boolean;
}

/** An installation file that the host serves. */
export interface MediaFile {
  /** The path on the host. */
  readonly path: string;
  /** The maximum size in bytes. */
  readonly size: number;
}

/** The Harvester installation media that the host serves. */
export interface HostMedia {
  /** The directory on the host. */
  readonly folder: string;
  readonly files: readonly MediaFile[];
}

/**
 * Generates the part of `scripts/host-setup.sh` that checks the requirements of a host. The script consists of the parts `setup`,
 * `setup-steps`, `common`, `remove`, `check`, `packages`, `data-disks`, `disks`, `media`, `network`, `access` and `services`;
 * `scripts/down.sh` of `down`, `down-steps`, `common` and `remove`. Each script ends with a call of `main`. All parts share variables
 * and functions.
 */
export interface HostCheck extends SiteData {
  /** The supported families of distributions. */
  readonly families: readonly Family[];
  /** The architectures of the virtual machines. */
  readonly archs: readonly HostArch[];
  readonly domains: readonly HostDomain[];
  /** The virtual CPUs of all domains. */
  readonly vcpus: number;
  /** The memory of all domains in MiB. */
  readonly memory: number;
  /** The Harvester installation media, if the host serves them. */
  readonly media?: HostMedia;
  /** The files of a complete output tree. */
  readonly neededFiles: readonly string[];
  /** The bridges of virtual machines that libvirt does not create. */
  readonly bridges: readonly string[];
}

/** Generates the start of `scripts/host-setup.sh`, which sets up a machine as the libvirt host of the site. */
export interface HostSetup extends SiteData {
  /** The directory of the host's records. */
  readonly state: string;
  /** The timer of the watchdog. */
  readonly watchdog: string;
  /** The default time limit for shutting down a virtual machine, in seconds. */
  readonly shutdownSeconds: number;
  /** The steps, in order. Each is a function `step_…`. */
  readonly steps: readonly string[];
  /** The command that copies an output tree, without the two directories. */
  readonly rsync: string;
}

/** Generates the start of `scripts/down.sh`. */
export interface HostDown extends SiteData {
  /** The directory of the host's records. */
  readonly state: string;
  /** The timer of the watchdog. */
  readonly watchdog: string;
  /** The default time limit for shutting down a virtual machine, in seconds. */
  readonly shutdownSeconds: number;
  /** The unit of the firewall. */
  readonly firewall?: string;
  /** Whether the output tree contains the values of secrets. */
  readonly isFilled: boolean;
}

/** Generates the step that installs packages. */
export interface HostPackages {
  /** The supported families of distributions. */
  readonly families: readonly Family[];
}

/** Generates `host/image/appliance.kiwi`, the description of an image for the libvirt host. */
export interface Appliance extends SiteData {
  /** The release of openSUSE Leap. */
  readonly release: string;
  /** The packages of the image, and those that KIWI installs first. */
  readonly packages: readonly string[];
  readonly bootstrap: readonly string[];
  /** The serial console. */
  readonly console: string;
}

/** Generates `host/image/config.sh`, which KIWI runs in the image. */
export interface ApplianceScript extends SiteData {
  /** The services to enable. */
  readonly units: readonly string[];
}

/** A data disk with its label. */
export interface LabeledDisk extends HostDisk {
  /** The label of the file system on it. */
  readonly label: string;
}

/** Generates the step that mounts the host's data disks with the functions of `host/data-disks.sh`. */
export interface HostDisks {
  readonly disks: readonly LabeledDisk[];
  /** The time limit for each disk, in seconds. */
  readonly seconds: number;
}

/** A disk image with its machine. */
export interface HostImage extends DomainDisk {
  /** The name of the domain. */
  readonly domain: string;
  /** The UUID of the domain. */
  readonly uuid: string;
  /** The WWN, unless an installed machine must not keep an older one: then `-`, as without a WWN. */
  readonly kept: string;
}

/** Generates the functions for disk images. */
export interface HostImages {
  /** The disk images of all domains. */
  readonly images: readonly HostImage[];
}

/** An iPXE binary that firmware loads. */
export interface LoaderToBuild {
  /** The name of the boot file. */
  readonly loader: string;
  /** A short description of how to build it. */
  readonly how: string;
}

/** A script that copies boot loaders other than iPXE. */
export interface LoaderScript {
  /** The path in the output tree. */
  readonly script: string;
  /** The display name of the boot loader. */
  readonly what: 'GRUB' | 'PXELINUX';
}

/** Generates the steps for installation media, boot loaders and the clock. */
export interface HostMediaStep extends SiteData {
  /** The supported families of distributions. */
  readonly families: readonly Family[];
  /** The Harvester installation media, if the host serves them. */
  readonly media?: HostMedia;
  /** The Linux images, if the host serves them. */
  readonly linux?: ServedFolder;
  /** The iPXE binaries that firmware loads. */
  readonly loaders: readonly LoaderToBuild[];
  /** The scripts that copy other boot loaders. */
  readonly puts: readonly LoaderScript[];
  /** Whether a libvirt network serves TFTP. */
  readonly tftp: boolean;
  /** Whether the host is the machines' time server. */
  readonly clock: boolean;
}

/** A network that libvirt creates. */
export interface NetworkFile extends Network {
  /** The path of its XML in the output tree. */
  readonly path: string;
}

/** Generates the steps for libvirt, leftovers of earlier trees, the firewall, dnsmasq and networks. */
export interface HostNetwork extends SiteData {
  readonly domains: readonly HostDomain[];
  /** The disk images of all domains. */
  readonly images: readonly HostImage[];
  /** The networks that libvirt creates. */
  readonly networks: readonly NetworkFile[];
  /** Whether the host is the machines' time server. */
  readonly clock: boolean;
  /** The unit of the firewall. */
  readonly firewall?: string;
  /** The unit of the site's dnsmasq. */
  readonly dnsmasq?: string;
  /** The paths of the files that this dnsmasq reads again on SIGHUP. */
  readonly dnsmasqLists: readonly string[];
  /** The nftables table of the site. */
  readonly table: string;
}

/** The ports to open on a bridge or NIC. */
export interface Opening {
  readonly bridge: string;
  /** The forward mode of a libvirt network. */
  readonly forward?: 'nat' | 'route' | 'open' | 'isolated';
  /** The ports of the web server and the time server: `80/tcp`. */
  readonly ports: readonly string[];
  /** The ports of DNS, DHCP and TFTP. */
  readonly dnsmasq: readonly string[];
}

/** A bridge of libvirt from which the host forwards traffic. */
export interface Forwarded {
  readonly bridge: string;
  /** Whether its machines keep their IP addresses, so that others can connect to them. */
  readonly routed: boolean;
}

/** Generates the step that configures SELinux, AppArmor and the host's own firewall. */
export interface HostAccess extends SiteData {
  /** The mount points of the host's data disks. */
  readonly mounts: readonly string[];
  /** Whether the host is the machines' time server. */
  readonly clock: boolean;
  /** The bridges from which the host forwards traffic. */
  readonly forwarded: readonly Forwarded[];
  /** The Harvester installation media, if the host serves them. */
  readonly media?: HostMedia;
  /** The Linux images, if the host serves them. */
  readonly linux?: ServedFolder;
  /** The unit of the site's dnsmasq. */
  readonly dnsmasq?: string;
  /** The ports to open for machines. */
  readonly openings: readonly Opening[];
  /** The exposed ports: `443/tcp`. */
  readonly outside: readonly string[];
  /** Whether nginx shows screens of machines in a browser. */
  readonly consoles: boolean;
  /** The AppArmor rules for dnsmasq. */
  readonly apparmor: readonly string[];
}

/** The secrets that nginx substitutes. */
export interface HostSecrets {
  /** The include of nginx. */
  readonly include: string;
  /** The prefix of nginx variables. */
  readonly id: string;
  /** The digest of the placeholders. */
  readonly stamp: string;
  /** The names of the secrets. */
  readonly names: readonly string[];
  /** The directory of the site. */
  readonly folder: string;
  /** The host in the command that installs the secrets. */
  readonly host: string;
}

/** Generates the steps for nginx, virtual machines and units. */
export interface HostServices extends SiteData {
  /** The supported families of distributions. */
  readonly families: readonly Family[];
  /** The secrets that nginx substitutes. */
  readonly secrets?: HostSecrets;
  /** Whether the output tree contains the values of secrets. */
  readonly isFilled: boolean;
  readonly domains: readonly HostDomain[];
  /** The disk images of all domains. */
  readonly images: readonly HostImage[];
  /** The unit of the firewall. */
  readonly firewall?: string;
  /** The unit of the site's dnsmasq. */
  readonly dnsmasq?: string;
}

/** A metadata service of a cloud provider. */
export interface MetadataService {
  /** An IP address or subnet. */
  readonly address: string;
  /** The address family. */
  readonly family: 'ip' | 'ip6';
  /** The TCP ports. By default, the firewall blocks all ports. */
  readonly ports?: readonly number[];
  /** The providers, for a comment. */
  readonly who: string;
}

/** An exposed port with allowed clients. */
export interface GuardedPort extends Exposed {
  /** The name of its nftables chain. */
  readonly chain: string;
}

/** Generates `host/firewall.nft` for a host with virtual machines: what they cannot reach, and the clients of exposed ports. */
export interface HostFirewall extends SiteData {
  /** The nftables table, which the unit of the firewall deletes by this name. */
  readonly table: string;
  /** The bridges of virtual machines. */
  readonly bridges: readonly string[];
  /** The bridges that an air-gapped site closes. */
  readonly closed: readonly string[];
  /** The metadata services to block. */
  readonly metadata: readonly MetadataService[];
  /** The exposed ports with allowed clients. */
  readonly guarded: readonly GuardedPort[];
}

/** Generates `host/chrony.conf` for an air-gapped site with libvirt networks: the host is the time server. */
export interface HostChronyFile extends SiteData {
  /** The networks whose machines can use the time server. */
  readonly networks: readonly Network[];
}

/** Generates `systemd/harvgen-<site>-dnsmasq.service` if the host's machines use a dnsmasq of the site. */
export interface DnsmasqUnit extends SiteData {
  /** The configuration file. */
  readonly config: string;
  /** The file of leases. */
  readonly leases: string;
  /** The directory of this file. */
  readonly state: string;
}

/** Generates `systemd/harvgen-<site>-expose-<port>.service` for each port of `host.expose`; an IP address precedes the port in the name. */
export interface ExposeUnit extends SiteData {
  /** The port. */
  readonly exposed: Exposed;
  /** Whether the port is below 1024. */
  readonly privileged: boolean;
  /** Whether it also listens on IPv6. */
  readonly isIpv6: boolean;
  /** The unit of the firewall without its suffix, if only some clients can use the port. */
  readonly firewall?: string;
}

/** Generates `systemd/harvgen-<site>-firewall.service`, which loads the host's firewall. */
export interface FirewallUnit extends SiteData {
  /** The name of the unit without its suffix. */
  readonly unit: string;
  /** The nftables table. */
  readonly table: string;
  /** The file of rules on the host. */
  readonly rules: string;
}

/** Generates `scripts/watchdog.sh` if domains start with the host: it restarts them. */
export interface WatchdogScript extends SiteData {
  /** The nodes whose domains it restarts. */
  readonly nodes: readonly Node[];
  /** The directory of the host's records. */
  readonly state: string;
  /** The name of the watchdog's unit without its suffix. */
  readonly unit: string;
}

/** Generates `systemd/harvgen-<site>-watchdog.service`, which runs the watchdog. */
export interface WatchdogUnit extends SiteData {
  /** The path of the script on the host. */
  readonly script: string;
  /** The name of the unit without its suffix. */
  readonly unit: string;
}

/** Generates `systemd/harvgen-<site>-watchdog.timer`, which schedules the watchdog. */
export interface WatchdogTimer extends SiteData {
  /** The name of the unit without its suffix. */
  readonly unit: string;
}
