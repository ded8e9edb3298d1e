// Made from schema/ by `npm run generate`: edit the schemas instead.
import type {HarvesterConfig} from './harvester-config.gen.ts';

/**
 * A Harvester release, with its leading v. A release newer than the newest that harvgen knows is treated like that one, with a warning.
 */
export type Version = string;
/**
 * The processor architecture of the machines. amd64 unless said; arm64 needs Harvester v1.3.0 or newer.
 */
export type Arch = 'amd64' | 'arm64';
export type Ipv4 = string;
export type AddressOrName = string;
export type Name = string;
/**
 * The profiles that the node takes, later ones over earlier ones.
 */
export type Profiles = Name[];
/**
 * The disks that the machine has. Facts to check the configuration against; nothing is written from them.
 */
export type Disks = {
  /**
   * The disk's device name; by-id or by-path, which do not change.
   */
  path: string;
  /**
   * Other names of the same disk: by-id, by-path, and the one that the kernel gives it.
   */
  aliases?: string[];
  /**
   * The disk's size, as its maker says it.
   */
  size?: string;
  /**
   * Whether the disk holds what must not be lost: whatever would format or wipe it is an error.
   */
  keep?: boolean;
}[];
/**
 * The groups that the node is in, in the order in which they count; each is defined under `groups` of the site.
 */
export type Groups = Name[];

/**
 * A site: its networks, its boot server, its Harvester cluster and its machines. `harvgen build` compiles it to the files that the machines install themselves from.
 */
export interface SiteInventory {
  /**
   * The site's name. It is also the name of the site's folder and of its folder in the output.
   */
  site: string;
  /**
   * Files that several sites share, relative to the file that says so. They lie as a layer below the site's own files; a later one wins over an earlier one.
   */
  include?: string[];
  /**
   * Which Harvester release the site installs. Needed where a node boots Harvester.
   */
  harvester?: {
    version: Version;
    arch?: Arch;
    /**
     * SHA-512 pins of the release's files, by file name. `harvgen media --pin` writes them. `scripts/fetch-media.sh` checks a pinned file against its pin, and any other against the release's own checksum file.
     */
    sha512?: {
      [k: string]: string;
    };
    /**
     * Sizes of the release's files in bytes, by file name, for `harvgen media` to list. `harvgen media --pin` writes them beside the pins.
     */
    size?: {
      [k: string]: number;
    };
  };
  /**
   * The boot server: the web server that holds the tree, and where things lie on it.
   */
  server: {
    /**
     * The address under which machines fetch the tree. Prefer the IP address: a machine may boot before it can resolve names. With https, which needs `tls` and an iPXE that speaks it, nothing but iPXE's own programs is fetched by http.
     */
    url: string;
    /**
     * Where the tree lies on the boot server. `/srv/harvgen/<site>` unless said.
     */
    root?: string;
    /**
     * Where Harvester's kernel, initrd, root file system and ISO lie on the boot server: a folder with one folder for each release (`/srv/harvgen/media` unless said), which nginx serves as `<url>/harvester/<version>/<file>`. A full URL means that machines fetch `<URL>/<version>/<file>` from there instead.
     */
    media?: string;
    /**
     * Where the kernels, initrds and root file systems of machines that boot Linux lie on the boot server: a folder (`/srv/harvgen/images` unless said), which nginx serves as `<url>/images/…`. A full URL means that machines fetch `<URL>/<file>` from there instead.
     */
    images?: string;
    /**
     * Where iPXE's own programs (undionly.kpxe, snponly.efi, …) lie on the boot server, for TFTP, and GRUB's (grubnetx64.efi, …) where nodes boot by it. nginx also serves them as `<url>/loader/…` for UEFI HTTP boot. `/srv/harvgen/tftp` unless said, and `/srv/harvgen/tftp/<site>` where boots are signed: iPXE has the site's first step built in then.
     */
    tftp?: string;
    /**
     * What serves `server.tftp`: `dnsmasq` (unless said), `tftpd-hpa` with Debian's service, `xinetd` with a stanza of the tree, or `systemd` with a socket of the tree. The last three start tftpd-hpa's `in.tftpd`.
     */
    tftp_server?: 'dnsmasq' | 'tftpd-hpa' | 'xinetd' | 'systemd';
    /**
     * The iSCSI server of the site, on which each diskless node has a disk of its own. It may be the boot server, or a machine beside it.
     */
    iscsi?: {
      /**
       * Its address; that of `server.url` unless said.
       */
      address?: string;
      /**
       * Its TCP port; 3260 unless said.
       */
      port?: number;
      /**
       * What serves the targets: `tgt` (unless said), `lio`, the kernel's own (targetcli), or `iet`, the older iSCSI Enterprise Target.
       */
      driver?: 'tgt' | 'lio' | 'iet';
      /**
       * How the names of targets and initiators begin: `iqn.2024-07.internal.harvgen` unless said.
       */
      iqn?: string;
      /**
       * What ends the name of every target, so that nobody guesses it: a secret of lower-case letters, digits, . and -. Nothing unless said.
       */
      suffix?: string;
      /**
       * How the names of images and disks in the store begin, so that several sites can share one: `<site>-` unless said.
       */
      prefix?: string;
      /**
       * Whether a disk may answer before data are on the medium, which is faster, and loses them as the server loses power. `false` unless said.
       */
      write_cache?: boolean;
      /**
       * The folder of images and disks, where they are plain files. `/srv/harvgen/disks` unless said, or `rbd` is.
       */
      files?: string;
      /**
       * What disks are as plain files: `raw` (unless said), which share blocks with their image on a file system with reflinks (XFS, btrfs), or `qcow2`, which do so everywhere.
       */
      format?: 'raw' | 'qcow2';
      /**
       * The store, where it is a pool of Ceph's.
       */
      rbd?: {
        /**
         * The pool of images and disks.
         */
        pool: string;
        /**
         * Who asks Ceph, without `client.`; `admin` unless said.
         */
        id?: string;
        /**
         * Ceph's configuration on the iSCSI server. `/etc/ceph/ceph.conf` unless said.
         */
        conf?: string;
        /**
         * The client's key there; where `conf` says it, unless said.
         */
        keyring?: string;
      };
      /**
       * What the protected snapshot of an image is called that disks are clones of, in Ceph. `harvgen` unless said.
       */
      snapshot?: string;
    };
    /**
     * The include on the boot server with which nginx fills secrets in as it serves. It is made on that machine and never in the tree. `/etc/nginx/harvgen/<site>.secrets.conf` unless said.
     */
    secrets?: string;
    /**
     * Signed boot, for iPXE built with `IMAGE_TRUST_CMD` and the authority's certificate (`TRUST=`): scripts then have it refuse any script, kernel or initrd without a signature that `scripts/sign-media.sh` makes. iPXE as distributions package it cannot do that, and boots nothing then.
     */
    sign?: {
      /**
       * The common name of the certificate that signs. A signature of any other certificate counts for nothing, even one of the same authority.
       */
      signer: string;
      /**
       * Where the signatures lie on the boot server, beside the tree. nginx serves them as `<url>/sign/…` to everybody. `/srv/harvgen/signatures/<site>` unless said.
       */
      path?: string;
    };
    /**
     * A certificate for nginx. Where `url` is http, machines then fetch their configurations, which hold the secrets, by https alone.
     */
    tls?: {
      /**
       * The certificate on the boot server, with those that lead up to its CA.
       */
      certificate: string;
      /**
       * The certificate's private key on the boot server.
       */
      key: string;
      /**
       * The address under which machines fetch their configurations: a name that the certificate is for. `url` of the server, by https, unless said.
       */
      url?: string;
    };
    /**
     * Further ports at which nginx answers as it does at that of `url`, for clients that have another one built in: phs used 10000.
     */
    ports?: number[];
    /**
     * What older boot servers answered, as files for web servers that know nothing but files. `phs`: each node's script and configuration as `ipxe/<mac>` and `config/<mac>`, with colons and without an ending. `phs-all`: the list of all nodes as `all`, without secrets, which nginx hands out to `allow` alone. `oci`: the first script as `harvester/boot.php`, which was oci-harvester's. nginx knows all of these but `all`, in any spelling, without it. `ochami`: what OpenCHAMI's BSS, SMD and cloud-init server answered, by nginx, too, and their lists as files.
     */
    compat?: ('phs' | 'phs-all' | 'oci' | 'ochami')[];
    /**
     * Addresses or subnets that may fetch the iPXE script of any node, and no configuration: those that boot images give to machines until Harvester's installer takes over. A script that holds a secret, by which a node logs in at its disk by iSCSI, they may not.
     */
    allow_scripts?: string[];
    /**
     * The boot server of another site, to which nginx sends who asks for the script or configuration of a MAC that this site does not have, by a URL without an ending: so several sites stand behind the one address that boot images have built in. It is that site's `server.url`.
     */
    next?: string;
    /**
     * Pods that serve the tree, in place of nginx on a machine of its own: with it, even if empty, `k8s/` of the tree is a kustomization, and `harvgen secrets --format kubernetes` prints its Secret. DHCP and TFTP stay on a machine of the nodes' network.
     */
    kubernetes?: {
      /**
       * The namespace of all of it. `harvgen-<site>` unless said, with - for _: that one is made. One that is said exists, and is left as it is.
       */
      namespace?: string;
      /**
       * The image that has the tree in it, built by `k8s/Containerfile`; without secrets, which the pods get as they start. Give it another tag for each build of the tree. Unless said, the tree comes to the pods in ConfigMaps.
       */
      image?: string;
      /**
       * The image of nginx, one that runs as user 101: what pods run, or what `image` is built from. `docker.io/nginxinc/nginx-unprivileged`, at a release that harvgen is tested with, unless said: say it for a registry of your own.
       */
      nginx_image?: string;
      /**
       * How many pods serve. 2 unless said. With a NodePort one is on every node of the cluster, and it has no effect.
       */
      replicas?: number;
      /**
       * How machines come to the pods. nginx must see the address of each, since that decides what it may fetch: `LoadBalancer` (unless said) has the address of `server.url`, `NodePort` that of the cluster's nodes, on each of which a pod is then, and `ClusterIP`, which is what holds where `ingress` is said, is for those behind that.
       */
      service?: 'LoadBalancer' | 'NodePort' | 'ClusterIP';
      /**
       * The port of the cluster's nodes that leads to that of `server.url`, of a NodePort. Unless said it is the URL's, where Kubernetes has that to give.
       */
      node_port?: number;
      /**
       * An Ingress for `server.url`, at port 80.
       */
      ingress?: {
        /**
         * The class of the ingress controller; the cluster's default unless said.
         */
        class?: string;
        /**
         * The namespace of the ingress controller: the network policy lets its pods ask. Needed with network plugins, such as Cilium, to which addresses in a policy are never those of pods.
         */
        namespace?: string;
        /**
         * The addresses or subnets from which the ingress controller asks nginx. Of these, and of nobody else, nginx believes for whom they ask (`X-Forwarded-For`).
         *
         * @minItems 1
         */
        proxies: [string, ...string[]];
      };
      /**
       * The PersistentVolumeClaim with what lies beside the tree, in folders as in URLs: `harvester/<version>/…` (needed where `server.media` is a folder), `loader/…` (iPXE's programs, for UEFI HTTP boot) and `sign/…` (signatures). Where `server.media` is a URL, the latter two alone are served from it.
       */
      media_claim?: string;
    };
    /**
     * Further addresses or subnets that may fetch the files of any node, such as an administrator's workstation.
     */
    allow?: string[];
  };
  /**
   * The libvirt host that the site's virtual machines live on. It is the site's boot server, too: `scripts/host-setup.sh` makes it from a bare Linux. With it, every node that has `vm` gets a libvirt domain of its own.
   */
  host?: {
    /**
     * The name or address by which people and their tools reach the host, for the tree's README and the scripts that run elsewhere; the machines themselves use `server.url`.
     */
    address?: string;
    /**
     * How domains run: `kvm` (unless said), for which a host that is a virtual machine itself must allow nested virtualization, or `qemu`, which emulates the CPU: right for tests of the boot, too slow for Harvester.
     */
    domain_type?: 'kvm' | 'qemu';
    /**
     * The host's CPU threads, to check that the nodes fit.
     */
    threads?: number;
    /**
     * The host's memory, to check that the nodes fit.
     */
    memory?: string;
    /**
     * The folder on the host for disk images; the host's data disks are mounted in it, each by its name. `/var/lib/libvirt/images` unless said: where AppArmor and SELinux let QEMU read.
     */
    images?: string;
    /**
     * The host's data disks, by name: `scripts/host-setup.sh` makes a file system on those that are blank, and mounts it.
     */
    disks?: {
      /**
       * A data disk of the host.
       */
      [k: string]: {
        /**
         * The disk's device name; one that stays the same at each boot, such as those below /dev/disk/by-id.
         */
        device: string;
        /**
         * The disk's size, to check that the images on it fit.
         */
        size?: string;
        /**
         * What a blank disk is formatted with: `ext4` (unless said) or `xfs`. A disk that holds anything is never formatted.
         */
        filesystem?: 'ext4' | 'xfs';
      };
    };
    /**
     * Ports of the host that lead to a cluster's VIP, which only the host can reach: each has a systemd unit of its own.
     */
    expose?: {
      /**
       * The port of the host.
       */
      port: number;
      /**
       * The port of the VIP; the same unless said.
       */
      to?: number;
      /**
       * The cluster whose VIP it is, where the site has several.
       */
      cluster?: string;
      /**
       * The host's address to listen at; all of them unless said.
       */
      address?: string;
      /**
       * The addresses and subnets that may connect; everybody unless said.
       *
       * @minItems 1
       */
      allow?: [string, ...string[]];
    }[];
  };
  /**
   * The site's networks, by name.
   */
  networks: {
    [k: string]: Network;
  };
  cluster?: Cluster;
  /**
   * The site's Harvester clusters, by name. With more than one, each node names its own with `cluster`.
   */
  clusters?: {
    [k: string]: Cluster1;
  };
  /**
   * Whether the site has no way to the internet. What a machine would fetch from there is then warned of: public DNS and time servers, `github:` keys, media on the internet.
   */
  air_gapped?: boolean;
  defaults?: Layer;
  /**
   * Named layers between `defaults` and a node. A node takes those that it lists, later ones over earlier ones.
   */
  profiles?: {
    [k: string]: Layer1;
  };
  /**
   * Groups of nodes, as OpenCHAMI has them: what cloud-init finds on their members.
   */
  groups?: {
    [k: string]: {
      /**
       * What the group is for.
       */
      description?: string;
      /**
       * What cloud-init finds on the group's members.
       */
      cloud_init?: {
        /**
         * A map is cloud-config. A text is handed on as it is; its first line says what it is (`#!/bin/sh`, `## template: jinja`).
         */
        user_data?:
          | {
              [k: string]: unknown;
            }
          | string;
        /**
         * What meta-data says of the group.
         */
        meta_data?: {
          [k: string]: unknown;
        };
      };
    };
  };
  /**
   * Who machines belong to, where they are not all one's: each tenant has a network of its own.
   */
  tenants?: {
    [k: string]: {
      /**
       * The network of the tenant's machines, which is nobody else's.
       */
      network: string;
      /**
       * Who that is.
       */
      description?: string;
      /**
       * Further addresses and subnets that may fetch the files of this tenant's nodes.
       */
      allow?: string[];
    };
  };
  /**
   * What the disks of diskless nodes are clones of, by name.
   */
  images?: {
    [k: string]: {
      /**
       * The file that a golden image is made of, raw or qcow2, on the iSCSI server: below `import/` of the folder of disks, or an absolute path. Without it and `snapshot_of` the image is in the store already.
       */
      source?: string;
      /**
       * The node of whose disk the image is made, as that was when `scripts/images.sh image` was run.
       */
      snapshot_of?: string;
      /**
       * The image that this one was made from: what that node booted, unless said.
       */
      parent?: string;
      /**
       * Whose image it is. Without it, and without `public`, it is of all nodes that have no tenant.
       */
      tenant?: string;
      /**
       * Whether nodes of every tenant may boot it. `false` unless said.
       */
      public?: boolean;
    };
  };
  /**
   * The machines, by host name. `cg[01-06]` names six that differ by number alone.
   */
  nodes: {
    [k: string]: Node;
  };
  silence?: Silence;
}
/**
 * One network of the site.
 */
export interface Network {
  /**
   * The network's addresses. Netmask, broadcast and prefix length are derived from it.
   */
  subnet: string;
  /**
   * The default gateway. A network that machines boot from needs one: Harvester's installer stops without a default route.
   */
  gateway?: string;
  /**
   * DNS servers of this network.
   */
  dns?: Ipv4[];
  /**
   * NTP servers of this network: addresses or names. The nodes on it use them unless their configuration says otherwise.
   */
  ntp?: AddressOrName[];
  /**
   * The DNS domain that DHCP gives out.
   */
  domain?: string;
  /**
   * The VLAN tag of the installed node on this network (`vlan_id`). The machine itself boots untagged: its switch port must carry this network untagged as well, or give it another one to boot from. A machine that boots Linux stays untagged on the NIC that boots; its other NICs have their addresses in the VLAN.
   */
  vlan?: number;
  /**
   * The MTU of the network, where it is not 1500.
   */
  mtu?: number;
  /**
   * The boot server's own NIC on this network; its DHCP server listens there only. Unless said, it answers on every NIC that has an address in the subnet. On a libvirt host it is the bridge that virtual machines are attached to; of a network that libvirt makes it is `virbr-<network>` unless said.
   */
  interface?: string;
  /**
   * The iSCSI server's address on this network, where it is not that of `server.iscsi.address`.
   */
  iscsi?: string;
  /**
   * How addresses are given out. Every node gets a reservation by MAC, but from `external`, which is not harvgen's to set up. Without this key there is no DHCP: nodes boot from the embedded script with static addresses.
   */
  dhcp?: {
    /**
     * Who serves DHCP: `dnsmasq` on the boot server (unless said), `isc` (ISC's dhcpd), `kea` or `coredhcp` there, `libvirt`, whose own dnsmasq serves the virtual network that it makes on the host, or `external`, a server that harvgen does not configure.
     */
    server?: 'dnsmasq' | 'isc' | 'kea' | 'coredhcp' | 'libvirt' | 'external';
    /**
     * Addresses for machines that the inventory does not know. Reservations lie outside of it. Without a pool, strangers get no address.
     */
    pool?: string;
    /**
     * How long a lease lasts. 12h unless said.
     */
    lease?: string;
    /**
     * Whether the reservations and what each machine boots are written as lists that dnsmasq reads again on SIGHUP, without a restart: `dnsmasq/<site>.hosts` (`dhcp-hostsfile`) and `dnsmasq/<site>.options` (`dhcp-optsfile`). Of a network with `server: external` they are for a dnsmasq of somebody else's.
     */
    hosts_files?: boolean;
  };
  /**
   * A virtual network that libvirt makes on the host. It follows from `dhcp: {server: libvirt}`, and need only be said for what differs, or for a network without DHCP.
   */
  libvirt?: {
    /**
     * What the host does with traffic that leaves the network: `nat` (unless said) sends it on under the host's own address, `route` under the machines' addresses, `open` does so without any firewall rule of libvirt's (unless said where the site is air-gapped, whose firewall is `host/firewall.nft`), `isolated` sends nothing on.
     */
    forward?: 'nat' | 'route' | 'open' | 'isolated';
    /**
     * The host's own address on the network; the gateway unless said. Without either, the host has none, and nothing but machines is on it.
     */
    address?: string;
  };
}
/**
 * The site's only Harvester cluster. Where there are several, list them under `clusters`.
 */
export interface Cluster {
  /**
   * The cluster's virtual IP: its dashboard, its API, and what the other nodes join. In the nodes' subnet, outside every DHCP pool.
   */
  vip: string;
  /**
   * How the VIP is had: `static` (unless said), or `dhcp` with a reservation for `vip_hw_addr`.
   */
  vip_mode?: 'static' | 'dhcp';
  /**
   * The MAC address that the VIP's DHCP reservation is for. Only with `vip_mode: dhcp`, and needed there; no NIC may have it.
   */
  vip_hw_addr?: string;
  /**
   * What every node proves its membership with. Long, random, and a secret: write `${secret:cluster_token}`.
   */
  token?: string;
  /**
   * Another release or architecture than the site's.
   */
  harvester?: {
    version?: Version;
    arch?: Arch;
  };
}
/**
 * A Harvester cluster.
 */
export interface Cluster1 {
  /**
   * The cluster's virtual IP: its dashboard, its API, and what the other nodes join. In the nodes' subnet, outside every DHCP pool.
   */
  vip: string;
  /**
   * How the VIP is had: `static` (unless said), or `dhcp` with a reservation for `vip_hw_addr`.
   */
  vip_mode?: 'static' | 'dhcp';
  /**
   * The MAC address that the VIP's DHCP reservation is for. Only with `vip_mode: dhcp`, and needed there; no NIC may have it.
   */
  vip_hw_addr?: string;
  /**
   * What every node proves its membership with. Long, random, and a secret: write `${secret:cluster_token}`.
   */
  token?: string;
  /**
   * Another release or architecture than the site's.
   */
  harvester?: {
    version?: Version;
    arch?: Arch;
  };
}
/**
 * What holds for every node, unless a profile or the node itself says otherwise. Maps merge by key, lists replace.
 */
export interface Layer {
  /**
   * The cluster that the node belongs to. Needed only where the site has several.
   */
  cluster?: string;
  /**
   * Whether the node makes the cluster (`create`, exactly one) or joins it (`join`, unless said).
   */
  mode?: 'create' | 'join';
  /**
   * The node's role in the cluster, from Harvester v1.3 on. `default` lets Harvester promote it as needed.
   */
  role?: 'default' | 'management' | 'worker' | 'witness';
  profiles?: Profiles;
  /**
   * `once` (unless said) boots the installed disk if there is one and installs otherwise; `always` reinstalls at every boot; `never` only boots the disk.
   */
  install?: 'once' | 'always' | 'never';
  /**
   * The machine's firmware. `uefi` unless said; Harvester v1.8 and newer refuse `bios`.
   */
  firmware?: 'uefi' | 'bios';
  boot?: Boot;
  /**
   * Harvester's own configuration, in its own words. What harvgen derives (host name, mode, token, server_url, VIP, management interface, ISO URL) need not be written.
   */
  config?: HarvesterConfig;
  labels?: Labels;
  disks?: Disks;
  hardware?: Hardware;
  bmc?: Bmc;
  vm?: Vm;
  oci?: Oci;
  silence?: Silence;
  cloud_init?: CloudInit;
  groups?: Groups;
  /**
   * Whose machine it is, one of the site's `tenants`. All its NICs are on that tenant's network, or on one of nobody's.
   */
  tenant?: string;
}
/**
 * What the node boots.
 */
export interface Boot {
  /**
   * `harvester` (unless said); `linux`: any Linux, by its kernel, initrd and arguments; `iscsi`: a disk of its own on an iSCSI server, whatever is on it; or `local`: the disk, whatever is on it.
   */
  os?: 'harvester' | 'linux' | 'iscsi' | 'local';
  /**
   * The disk to boot, as firmware counts: 0x80 (unless said) is the first, 0x81 the second. Under UEFI it is the one with Harvester's label, and iPXE from March 2024 on tries this one first where it is said: it counts CD drives, card readers and virtual media among the disks, in the firmware's order.
   */
  drive?: number;
  /**
   * What the machine is, where it boots no Harvester: `amd64` or `arm64`. That of `harvester.arch` unless said.
   */
  arch?: 'amd64' | 'arm64';
  /**
   * Linux: the kernel, a path below `server.images`, or a URL. `${node:xname}` and its like stand for the node's own values, here and in the following.
   */
  kernel?: string;
  /**
   * Linux: the initrd, or several in their order, each a path below `server.images`, or a URL.
   */
  initrd?: string | string[];
  /**
   * Linux: the root file system. A text is what the kernel is told as `root=`. A live one is `{squashfs: …}`, fetched by the initrd (dracut's `root=live:<URL>`).
   */
  root?:
    | string
    | {
        /**
         * The file system's image: a path below `server.images`, or a URL.
         */
        squashfs: string;
        /**
         * What makes it writable, in memory: `dracut` (unless said) is dracut's own (`rd.live.overlay.overlayfs=1`), `overlayroot` the package of that name (`overlayroot=tmpfs`), `none` leaves it to the image.
         */
        overlay?: 'dracut' | 'overlayroot' | 'none';
      };
  /**
   * Linux: further arguments of the kernel, in their order. `BOOTIF=` and cloud-init's `ds=` are added unless they stand here.
   */
  args?: string[];
  /**
   * What firmware loads: `ipxe` (unless said), `grub` (Linux under UEFI), or `pxelinux` (BIOS), which loads iPXE by a menu of the node's own.
   */
  loader?: 'ipxe' | 'grub' | 'pxelinux';
  /**
   * iSCSI: the image that the node's disk is a clone of, one of the site's `images`.
   */
  image?: string;
  /**
   * iSCSI: the size of the node's disk, where it is larger than its image. Harvester's blank disk needs one.
   */
  size?: string;
  /**
   * iSCSI: the name of a target of somebody else's, in place of `image`.
   */
  target?: string;
  /**
   * iSCSI: the address of that target's server; that of the site's own (`server.iscsi`) unless said.
   */
  server?: string;
  /**
   * iSCSI: its TCP port; 3260 unless said.
   */
  port?: number;
  /**
   * iSCSI: the number of the disk at its target; 1 unless said. At targets of the site's own that tgt serves it is not 0.
   */
  lun?: number;
  /**
   * iSCSI: what the node calls itself; `<server.iscsi.iqn>:<site>:<node>` unless said. Of a node alone.
   */
  initiator?: string;
  /**
   * iSCSI: how node and target prove who they are (CHAP), or `none`. At a target of the site's own, unless said, `<site>.<node>` and a secret of its own, `${secret:chap_<node>}` with `_` for `-` and `.`. At somebody else's there is none unless said.
   */
  chap?:
    | {
        /**
         * Who the node is; `<site>.<node>` unless said. tgt knows one password for each name.
         */
        user?: string;
        /**
         * The node's password: a secret, `${secret:chap_<node>}` unless said, with `_` for `-` and `.`.
         */
        password?: string;
        /**
         * Who the target is, where it proves that to the node, too (mutual CHAP); `<site>.<node>.target` unless said.
         */
        target_user?: string;
        /**
         * The target's password: another secret than the node's. Without it the target proves nothing.
         */
        target_password?: string;
      }
    | string;
  /**
   * iSCSI: what the node does where its target cannot be reached: `retry` (unless said) says so, waits, and fetches its script anew; `disk` boots the local disk.
   */
  fallback?: 'retry' | 'disk';
  /**
   * Harvester, from v1.4 on: where the system's disk is: `local` (unless said) or `iscsi`, one at an iSCSI target, as the keys of iSCSI say.
   */
  disk?: 'local' | 'iscsi';
}
/**
 * Labels of the Kubernetes node.
 */
export interface Labels {
  [k: string]: string;
}
/**
 * What the machine has. Facts to check the release's demands against; nothing is written from them.
 */
export interface Hardware {
  /**
   * CPU threads.
   */
  threads?: number;
  /**
   * Main memory.
   */
  memory?: string;
  /**
   * The speed of the management NICs.
   */
  link_speed?: string;
}
/**
 * The machine's management controller.
 */
export interface Bmc {
  /**
   * Its address or name.
   */
  address?: string;
  /**
   * Its own MAC address.
   */
  mac?: string;
  /**
   * How it is spoken to.
   */
  protocol?: 'redfish' | 'ipmi';
  /**
   * Who to log in as.
   */
  user?: string;
  /**
   * The password: a secret.
   */
  password?: string;
}
/**
 * The virtual machine, where the node is one. On a site with `host` a libvirt domain is made of it.
 */
export interface Vm {
  /**
   * The size of the machine in one word: `small` is 8 CPUs and 32Gi of memory, `medium` is 16 and 64Gi. `vcpus` and `memory` win over it.
   */
  preset?: 'small' | 'medium';
  /**
   * Its memory.
   */
  memory?: string;
  /**
   * Its virtual CPUs.
   */
  vcpus?: number;
  /**
   * Its disks. On a site with `host` the first is the one that Harvester is installed on, unless `config.install.device` names another.
   */
  disks?: {
    /**
     * The disk's size.
     */
    size: string;
    /**
     * The disk's bus: `virtio` (unless said), `scsi` or `sata`.
     */
    bus?: 'virtio' | 'scsi' | 'sata';
    /**
     * The image's format: `qcow2` (unless said), which grows as it is written to, or `raw`.
     */
    format?: 'qcow2' | 'raw';
    /**
     * The host's data disk that the image lies on; the folder `host.images` itself unless said.
     */
    on?: string;
    /**
     * The serial number that the machine sees: a `virtio` disk is `/dev/disk/by-id/virtio-<serial>` there. It follows from the node's MAC and the disk's place in the list unless said.
     */
    serial?: string;
  }[];
  /**
   * Its screen, by VNC. On the host's loopback and a free port unless said: reach it through `ssh -L`.
   */
  vnc?: {
    /**
     * The host's address to listen at; 127.0.0.1 unless said. VNC has no encryption and no password here: whoever reaches it has the machine's screen and keyboard.
     */
    listen?: string;
    /**
     * The host's port to listen at; a free one from 5900 on unless said, which `virsh vncdisplay` tells.
     */
    port?: number;
  };
  /**
   * Whether it starts with the host, and the watchdog brings it back when it is off or paused; true unless said.
   */
  autostart?: boolean;
  /**
   * Whether its firmware runs nothing but what is signed by a key that it has (UEFI Secure Boot).
   */
  secure_boot?: boolean;
}
/**
 * The instance of Oracle Cloud Infrastructure that the node is: what scripts/oci-launch.sh launches it with. Its address is `ip`, pinned at the launch.
 */
export interface Oci {
  /**
   * The region, as the CLI takes it. Unless said: that of the CLI's own configuration.
   */
  region?: string;
  /**
   * The compartment that the instance is made in.
   */
  compartment?: string;
  /**
   * The subnet of its NIC: the network's of the inventory, as OCI calls it.
   */
  subnet?: string;
  /**
   * The image that the launch asks for. The boot script replaces it: nothing of it is booted.
   */
  image?: string;
  /**
   * The shape: the kind of machine. Harvester installs on bare metal with disks of its own.
   */
  shape?: string;
  /**
   * The availability domain, with the prefix that the tenancy has for it.
   */
  availability_domain?: string;
  /**
   * The fault domain. Unless said, OCI chooses; a cluster's nodes are best in different ones.
   */
  fault_domain?: 'FAULT-DOMAIN-1' | 'FAULT-DOMAIN-2' | 'FAULT-DOMAIN-3';
  /**
   * Network security groups that its NIC is in.
   *
   * @minItems 1
   * @maxItems 5
   *
   * Items: A network security group.
   */
  nsgs?:
    | [string]
    | [string, string]
    | [string, string, string]
    | [string, string, string, string]
    | [string, string, string, string, string];
  /**
   * Whether it gets a public address. It does not unless said.
   */
  public_ip?: boolean;
  /**
   * Addresses and subnets from which people reach the nodes: SSH, the dashboard, the Kubernetes API. It goes into the security list. Unless said, nobody outside the subnet does.
   *
   * @minItems 1
   */
  allow?: [string, ...string[]];
  /**
   * The file, on the machine of whoever launches, with the public key of the console connection. OCI takes RSA keys alone for it.
   */
  ssh_public_key?: string;
  /**
   * Free-form tags.
   */
  tags?: {
    [k: string]: string;
  };
}
/**
 * Rules that shall say nothing here, by code, each with the reason why what they warn of is right. `harvgen rules` lists the codes. A silence of the site holds for all nodes, one of a layer or node for that node.
 */
export interface Silence {
  [k: string]: string;
}
/**
 * What cloud-init finds on a machine that boots Linux (NoCloud), over what its groups say: maps are merged by key, the lists of groups and node follow each other.
 */
export interface CloudInit {
  /**
   * A map is cloud-config. A text is handed on as it is; its first line says what it is (`#!/bin/sh`, `## template: jinja`).
   */
  user_data?:
    | {
        [k: string]: unknown;
      }
    | string;
  /**
   * As `user_data`, and what it says wins over this.
   */
  vendor_data?:
    | {
        [k: string]: unknown;
      }
    | string;
  /**
   * Further keys of meta-data, over those of the groups. `instance-id`, which follows from the site's and the node's name, and `local-hostname` may be said here, too.
   */
  meta_data?: {
    [k: string]: unknown;
  };
  /**
   * The network's configuration, of version 2, in place of the one that follows from `nics`.
   */
  network_config?: {
    [k: string]: unknown;
  };
}
/**
 * What may be said for all nodes, for a profile, or for one node.
 */
export interface Layer1 {
  /**
   * The cluster that the node belongs to. Needed only where the site has several.
   */
  cluster?: string;
  /**
   * Whether the node makes the cluster (`create`, exactly one) or joins it (`join`, unless said).
   */
  mode?: 'create' | 'join';
  /**
   * The node's role in the cluster, from Harvester v1.3 on. `default` lets Harvester promote it as needed.
   */
  role?: 'default' | 'management' | 'worker' | 'witness';
  profiles?: Profiles;
  /**
   * `once` (unless said) boots the installed disk if there is one and installs otherwise; `always` reinstalls at every boot; `never` only boots the disk.
   */
  install?: 'once' | 'always' | 'never';
  /**
   * The machine's firmware. `uefi` unless said; Harvester v1.8 and newer refuse `bios`.
   */
  firmware?: 'uefi' | 'bios';
  boot?: Boot;
  /**
   * Harvester's own configuration, in its own words. What harvgen derives (host name, mode, token, server_url, VIP, management interface, ISO URL) need not be written.
   */
  config?: HarvesterConfig;
  labels?: Labels;
  disks?: Disks;
  hardware?: Hardware;
  bmc?: Bmc;
  vm?: Vm;
  oci?: Oci;
  silence?: Silence;
  cloud_init?: CloudInit;
  groups?: Groups;
  /**
   * Whose machine it is, one of the site's `tenants`. All its NICs are on that tenant's network, or on one of nobody's.
   */
  tenant?: string;
}
/**
 * One machine. It takes `mac` and `ip`, or `nics` where it has more than one NIC. Without a MAC address it is known by its address, or by what its firmware says of it: `uuid`, `serial`.
 */
export interface Node {
  /**
   * The MAC address of the NIC that the machine boots from. Where DHCP is the site's own, the machine gets its address by it.
   */
  mac?: string;
  /**
   * The machine's address: reserved for its MAC, or static. It must never change.
   */
  ip?: string;
  /**
   * The UUID that the machine's firmware has (SMBIOS; `dmidecode -s system-uuid`): its script can be found by it, too.
   */
  uuid?: string;
  /**
   * The serial number that the machine's firmware has (SMBIOS; `dmidecode -s system-serial-number`): its script can be found by it, too.
   */
  serial?: string;
  /**
   * Where the machine is, as OpenCHAMI and Cray's tools name it: cabinet, chassis, slot, BMC, node. That of its BMC follows from it.
   */
  xname?: string;
  /**
   * The machine's number in the cluster (NID).
   */
  nid?: number;
  /**
   * The machine's NICs. It boots from the one with `boot: true`, else from the first; all of them on that one's network form the management bond.
   *
   * @minItems 1
   */
  nics?: [
    {
      /**
       * The NIC's name in the installed system. Configurations are written by MAC, or by this name where that is not known; the name lets `config` refer to it, and names it on the kernel line where there is no DHCP.
       */
      name?: string;
      /**
       * The NIC's MAC address.
       */
      mac?: string;
      /**
       * The network that the NIC is on. Unless said: the one that holds `ip`, or the site's only one.
       */
      network?: string;
      /**
       * The NIC's address.
       */
      ip?: string;
      /**
       * Whether the machine boots from this NIC.
       */
      boot?: boolean;
    },
    ...{
      /**
       * The NIC's name in the installed system. Configurations are written by MAC, or by this name where that is not known; the name lets `config` refer to it, and names it on the kernel line where there is no DHCP.
       */
      name?: string;
      /**
       * The NIC's MAC address.
       */
      mac?: string;
      /**
       * The network that the NIC is on. Unless said: the one that holds `ip`, or the site's only one.
       */
      network?: string;
      /**
       * The NIC's address.
       */
      ip?: string;
      /**
       * Whether the machine boots from this NIC.
       */
      boot?: boolean;
    }[]
  ];
  /**
   * The cluster that the node belongs to. Needed only where the site has several.
   */
  cluster?: string;
  /**
   * Whether the node makes the cluster (`create`, exactly one) or joins it (`join`, unless said).
   */
  mode?: 'create' | 'join';
  /**
   * The node's role in the cluster, from Harvester v1.3 on. `default` lets Harvester promote it as needed.
   */
  role?: 'default' | 'management' | 'worker' | 'witness';
  profiles?: Profiles;
  /**
   * `once` (unless said) boots the installed disk if there is one and installs otherwise; `always` reinstalls at every boot; `never` only boots the disk.
   */
  install?: 'once' | 'always' | 'never';
  /**
   * The machine's firmware. `uefi` unless said; Harvester v1.8 and newer refuse `bios`.
   */
  firmware?: 'uefi' | 'bios';
  boot?: Boot;
  cloud_init?: CloudInit;
  groups?: Groups;
  /**
   * Whose machine it is, one of the site's `tenants`. All its NICs are on that tenant's network, or on one of nobody's.
   */
  tenant?: string;
  /**
   * Harvester's own configuration, in its own words. What harvgen derives (host name, mode, token, server_url, VIP, management interface, ISO URL) need not be written.
   */
  config?: HarvesterConfig;
  labels?: Labels;
  disks?: Disks;
  hardware?: Hardware;
  bmc?: Bmc;
  vm?: Vm;
  oci?: Oci;
  silence?: Silence;
}
