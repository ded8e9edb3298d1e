// Made from schema/ by `npm run generate`: edit the schemas instead.

/**
 * A DNS name or an IP address.
 */
export type HostOrAddress = string;
/**
 * An NTP server: a DNS name or an address, with a port where it is not 123.
 */
export type NtpServer = string;
export type Ipv4 = string;
/**
 * An absolute path outside /tmp.
 */
export type PersistentPath = string;
export type Disk = string;

/**
 * What Harvester's installer reads from the file that `harvester.install.config_url` names, for v1.1.0 to v1.9.0. The installer drops unknown keys without a word, so this schema is closed; `x-since`, `x-until` and `x-absent` tell which releases know a key.
 */
export interface HarvesterConfig {
  /**
   * The version of this file format. Required, and always 1. A quoted "1" is a load error before v1.8.0.
   */
  scheme_version?: 1;
  /**
   * The cluster to join: the VIP with https in front. Required with `join`, and an error with `create`. No path, not even a closing slash, and no port but 443; v1.1.0 and v1.1.1 need the `:443` written out.
   */
  server_url?: string;
  /**
   * The secret by which nodes know each other: the same on every node of a cluster. Required. Quote it, since a token of digits alone is a load error; one that differs from the cluster's only shows as a node that never joins.
   */
  token?: string;
  /**
   * Further DNS names or addresses for the certificate of the Kubernetes API. The VIP is always in it. Nothing checks the entries.
   */
  sans?: HostOrAddress[];
  /**
   * The installed operating system: names, accounts, files, kernel and the services of the node. Each node has its own; the others do not take it over.
   */
  os?: {
    /**
     * The host name, and from v1.6.0 the name of the Kubernetes node. Left out, it comes from DHCP, or is `harvester-` with five random characters; releases before v1.4.0 always take the random one. A name with dots passes the installer yet breaks clusters older than v1.6.0.
     */
    hostname?: string;
    /**
     * SSH public keys for the user `rancher`, or `github:<user>` to take that account's keys. The installer stops unless there is a key or a `password`; it does not look at whether a key is well-formed.
     */
    ssh_authorized_keys?: string[];
    /**
     * The password of the user `rancher`: clear text, or a crypt hash that begins with $1$, $5$, $6$ or $apr1$. The file is served over the network, so use a hash or a secret. Quote it: a password of digits alone is a load error.
     */
    password?: string;
    /**
     * Files to put on the installed system. They are written at every boot, so changes made on the node do not last.
     */
    write_files?: {
      /**
       * Where the file goes. Give each path once.
       */
      path: string;
      /**
       * What the file holds, in the given `encoding`. The installed system evaluates it as a template, after decoding it: write `{{` as `{{`{{`}}`.
       */
      content?: string;
      /**
       * How `content` is encoded. Plain text unless given.
       */
      encoding?: '' | 'b64' | 'base64' | 'gz' | 'gzip' | 'gz+base64' | 'gzip+base64' | 'gz+b64' | 'gzip+b64';
      /**
       * The owner, as `user` or `user:group`. root unless given.
       */
      owner?: string;
      /**
       * The permissions in octal; 0600 unless given. Always quote them: a bare 0644 is a number and the whole configuration then fails to load.
       */
      permissions?: string;
    }[];
    /**
     * Kernel modules to load at boot, each as the argument of `modprobe`. `kvm` and `vhost_net` always come first and need not be listed.
     */
    modules?: string[];
    /**
     * Kernel parameters to set. Quote every value: YAML turns a bare 010 into 8 before the installer makes it a string.
     */
    sysctls?: {
      [k: string]: string;
    };
    /**
     * Environment variables for the processes of the node. It is a map: a list of `NAME=value` is a load error.
     */
    environment?: {
      [k: string]: string;
    };
    /**
     * Labels that the kubelet gives its node when it registers. Quote values such as "true". Under kubernetes.io a kubelet may only set a few keys on itself; `topology.kubernetes.io/zone` is one of them.
     */
    labels?: {
      [k: string]: string;
    };
    /**
     * NTP servers, one for each entry. From v1.2.0 the first node's list also becomes the setting `ntp-servers` of the cluster. Nothing checks it, and names in one string with commas count as one server.
     */
    ntp_servers?: NtpServer[];
    /**
     * DNS servers, one IPv4 address for each entry. Required where the management interface is static. The installer does not look at the entries: several in one string count as one server.
     */
    dns_nameservers?: Ipv4[];
    /**
     * Wireless networks to join. Gone with the move to NetworkManager: v1.7.0 and newer drop the key without a word.
     */
    wifi?: {
      /**
       * The network name (SSID).
       */
      name: string;
      /**
       * The passphrase of the network.
       */
      passphrase?: string;
    }[];
    /**
     * Shell lines that run in the installed system before its first boot. No names resolve at that stage, so they cannot download by host name.
     */
    after_install_chroot_commands?: string[];
    /**
     * Directories whose content outlives a reboot; most of the root file system does not. Absolute paths, and nothing in /tmp.
     */
    persistent_state_paths?: PersistentPath[];
    /**
     * Options of the SSH server.
     */
    sshd?: {
      /**
       * Turns the SFTP subsystem on, which scp of recent OpenSSH needs. Off unless given.
       */
      sftp?: boolean;
      /**
       * Refuses passwords over SSH. Off unless given. Without `os.ssh_authorized_keys` it locks everybody out of SSH.
       */
      disable_password_auth?: boolean;
    };
    /**
     * Disks that are reached over a storage network, as with Fibre Channel or iSCSI.
     */
    externalStorageConfig?: {
      /**
       * Starts multipathd on the installed node. Off unless given, and then the node boots with `multipath=off`.
       */
      enabled?: boolean;
      /**
       * Which devices multipathd takes. As a list (v1.4.0 and newer) it names the devices to use and excludes all others, so two vendors in it exclude each other; as a map (v1.7.0 and newer, a load error before) it is the reverse, a blacklist with exceptions. Only read where `enabled` is true.
       */
      multiPathConfig?:
        | {
            /**
             * The vendor string of the devices to put under multipath. Plain: the installer adds the ! that excludes all others.
             */
            vendor: string;
            /**
             * The product string of the devices to put under multipath. Plain: the installer adds the ! that excludes all others.
             */
            product: string;
          }[]
        | {
            /**
             * Devices that multipathd leaves alone, by vendor and product. None unless given.
             */
            blacklist?: MultipathDevice[];
            /**
             * Devices that multipathd leaves alone, as regular expressions over the WWID. Write the key in camelCase: other spellings are dropped without a word.
             */
            blacklistWwids?: string[];
            /**
             * Devices that multipathd takes although `blacklist` matches them. It undoes entries by vendor and product only, not those by WWID.
             */
            blacklistExceptions?: MultipathDevice[];
            /**
             * Devices that multipathd takes although `blacklistWwids` matches them, as regular expressions over the WWID.
             */
            blacklistExceptionWwids?: string[];
          };
    };
    /**
     * Arguments for the kernel of the installed system, as one string. It replaces the default `multipath=off` instead of adding to it, so repeat that where it is still wanted.
     */
    additionalKernelArguments?: string;
  };
  /**
   * The installation itself: what the node becomes, onto which disk, over which network. Unknown keys are dropped by every release without a word.
   */
  install?: {
    /**
     * Installs without questions. The installer looks for it among the kernel arguments, as `harvester.install.automatic=true`, because it must know before it fetches this file.
     */
    automatic?: boolean;
    /**
     * Goes on where the machine is too small: under 16 CPU threads or 64 GiB of memory, a management NIC under 10 Gbit/s, or a virtual machine. Off unless given, and then each of these stops the installation. Disk sizes are waived only from v1.8.0.
     */
    skipchecks?: boolean;
    /**
     * Whether the node makes a new cluster (`create`, exactly one node) or joins one (`join`). Required.
     */
    mode?: 'create' | 'join';
    /**
     * What the node may become in its cluster. `default` unless given: Harvester then promotes nodes to management as needed. A `witness` only votes and runs no machines; it must not be the first node, which the installer does not notice.
     */
    role?: 'default' | 'management' | 'worker' | 'witness';
    /**
     * Lets the node join without taking workloads until somebody uncordons it. Off unless given. Refused with `mode: create` and with the role `witness`.
     */
    cordoned?: boolean;
    /**
     * The network over which the node is managed and joins its cluster. Its NICs become the bond `mgmt-bo` under the bridge `mgmt-br`, even where there is only one.
     */
    management_interface?: {
      /**
       * The NICs of the management bond, at least one. Each entry is a map: a bare name such as `- ens3` is a load error. NICs on the kernel command line are added to these instead of replacing them.
       *
       * @minItems 1
       */
      interfaces?: [
        {
          /**
           * The name of the NIC. Names differ between releases: v1.7.0 and newer may append `npN`, so prefer `hwAddr`. If both are given, only the name counts.
           */
          name?: string;
          /**
           * The MAC address of the NIC; the surest way to name one. The installer stops if no NIC of the machine has it.
           */
          hwAddr?: string;
        },
        ...{
          /**
           * The name of the NIC. Names differ between releases: v1.7.0 and newer may append `npN`, so prefer `hwAddr`. If both are given, only the name counts.
           */
          name?: string;
          /**
           * The MAC address of the NIC; the surest way to name one. The installer stops if no NIC of the machine has it.
           */
          hwAddr?: string;
        }[]
      ];
      /**
       * How the node gets its address: `dhcp`, or `static` with `ip`, `subnet_mask`, `gateway` and `os.dns_nameservers`. The address must never change afterwards, so `dhcp` needs a reservation. On v1.3.1 to v1.4.1 `static` still wants a default route from the PXE network's DHCP server.
       */
      method?: 'dhcp' | 'static';
      /**
       * The address of the node. Required with `method: static`. Without a prefix length; the mask is a key of its own.
       */
      ip?: string;
      /**
       * The mask of the subnet, in dotted form. Required with `method: static`. `/24` is refused, and a mask with holes is not noticed: from v1.7.0 it turns into /0.
       */
      subnet_mask?: string;
      /**
       * The default gateway. Required with `method: static`. The installer does not look at whether it lies in the subnet.
       */
      gateway?: string;
      /**
       * Options of the kernel bonding driver, each a quoted string. Left out, they are `mode: active-backup` (`balance-tlb` before v1.6.0) and `miimon: "100"`; any map replaces that whole default, so give `miimon` as well. Nothing is checked.
       */
      bond_options?: {
        /**
         * How the NICs share the traffic. `active-backup` from v1.6.0 and `balance-tlb` before, if there are no `bond_options` at all; given a map without it, the kernel picks `balance-rr`. `802.3ad` needs LACP on the switch, with a fallback while the node boots over the network.
         */
        mode?:
          | 'balance-rr'
          | 'active-backup'
          | 'balance-xor'
          | 'broadcast'
          | '802.3ad'
          | 'balance-tlb'
          | 'balance-alb';
        /**
         * How often the link of each NIC is looked at, in milliseconds. "100" if there are no `bond_options`; left out of a map, a failed link may go unnoticed.
         */
        miimon?: string;
        [k: string]:
          | string
          | 'balance-rr'
          | 'active-backup'
          | 'balance-xor'
          | 'broadcast'
          | '802.3ad'
          | 'balance-tlb'
          | 'balance-alb'
          | undefined;
      };
      /**
       * The MTU of the management network. 1500 unless given. The installer checks it only with `method: static`, and a quoted number is a load error before v1.8.0.
       */
      mtu?: number;
      /**
       * The VLAN that the management network is tagged with. Untagged unless given; 0 and 1 mean untagged too. The machine must also reach its boot server, so the PXE network usually stays untagged.
       */
      vlan_id?: number;
      /**
       * Stands in many examples to say that this network has the default route. It always has.
       */
      default_route?: boolean;
    };
    /**
     * The virtual address of the cluster: dashboard, API, and what the other nodes join. Only the first node has it. Pick a free address in the nodes' subnet, outside every DHCP pool; the installer does not notice if it is the address of a node.
     */
    vip?: string;
    /**
     * How the VIP is had: `static`, `dhcp` with a reservation for `vip_hw_addr`, or `none`. There is no default: an empty one is an error. With `dhcp`, give both `vip` and `vip_hw_addr`, or both are replaced by whatever a new lease brings.
     */
    vip_mode?: 'dhcp' | 'static' | 'none';
    /**
     * The MAC address that the VIP's DHCP reservation is for. Required with `vip_mode: dhcp` and unused otherwise. Invent one that no NIC has.
     */
    vip_hw_addr?: string;
    /**
     * The subnet for pods. 10.52.0.0/16 unless given. It must not overlap any network of the site; the installer does not check, and it cannot be changed later.
     */
    cluster_pod_cidr?: string;
    /**
     * The subnet for services. 10.53.0.0/16 unless given. Change `cluster_dns` with it; the installer checks neither, and it cannot be changed later.
     */
    cluster_service_cidr?: string;
    /**
     * The address of the cluster's own DNS. 10.53.0.10 unless given. It must lie in `cluster_service_cidr`.
     */
    cluster_dns?: string;
    /**
     * Installs an EFI boot loader even where the machine was not booted by UEFI. Off unless given.
     */
    force_efi?: boolean;
    /**
     * The disk that Harvester is installed on; all on it is lost. Required, and a whole disk of at least 250 GiB, or 180 GiB beside a `data_disk` (60 GiB on v1.1). Name it by-id or by-path: /dev/sdX may be another disk at the next boot.
     */
    device?: string;
    /**
     * A second disk for the volumes of virtual machines, at least 50 GiB; it is formatted without asking. Left out, the volumes lie on `device`; a witness must leave it out. Never name the disk of `device` by another path: it would be formatted twice.
     */
    data_disk?: string;
    /**
     * The size of the system's partition where the volumes of virtual machines share its disk. 150Gi unless given, which is also the least; a 250 GiB disk allows 176Gi. Unused with a separate `data_disk`.
     */
    persistent_partition_size?: string;
    /**
     * The disk image that mode `install` writes, which sets up a machine without a configuration. harvgen does not write that mode.
     */
    raw_disk_image_path?: string;
    /**
     * Where the installer fetches this file: from the kernel argument `harvester.install.config_url`. An https address needs a certificate of a public authority.
     */
    config_url?: string;
    /**
     * Where the ISO is fetched from. Required for an automatic installation. It must be of the same release and architecture as the kernel, and the server must answer HEAD requests; https needs a certificate of a public authority.
     */
    iso_url?: string;
    /**
     * Pulls container images over the network after the first boot instead of from the ISO. Off unless given. Needed with the net-install ISO, and never for the first node.
     */
    with_net_images?: boolean;
    /**
     * Switches the machine off after the installation instead of rebooting. Off unless given.
     */
    poweroff?: boolean;
    /**
     * Makes a support bundle under /var/log if the installation fails. Off unless given.
     */
    debug?: boolean;
    /**
     * The console of the installed system. The first active console unless given. Without /dev/: `/dev/ttyS0` is ignored without a word.
     */
    tty?: string;
    /**
     * Partitions with MBR instead of GPT. Off unless given. Only on BIOS machines and disks up to 2 TiB, so it always fails from v1.8.0, which boots by UEFI only.
     */
    force_mbr?: boolean;
    /**
     * Asks for GPT, which is what you get without `force_mbr`.
     */
    force_gpt?: boolean;
    /**
     * Asks for the partitions of the disk to be kept, before v1.1.2.
     */
    no_format?: boolean;
    /**
     * Lets the installation say less, before v1.2.2.
     */
    silent?: boolean;
    /**
     * Wipes the partition table of every disk of the machine before the installation, data disks included. Off unless given. v1.5.0 and newer ignore it: use `wipe_all_disks` or `wipe_disks_list` there.
     */
    wipe_disks?: boolean;
    /**
     * Wipes, besides `device`, every disk that bears an earlier Harvester installation (a COS_OEM partition). Off unless given. Other disks are kept.
     */
    wipe_all_disks?: boolean;
    /**
     * Disks to wipe before the installation, whatever is on them. None unless given. A disk that is missing stops the installation before v1.8.1.
     */
    wipe_disks_list?: Disk[];
    /**
     * HTTP requests that report how the installation goes. If one of them is wrong, none is sent, and the installation goes on. FAILED is not sent when the configuration itself is refused.
     */
    webhooks?: {
      /**
       * When the request is sent: as the installation starts, succeeds or fails.
       */
      event: 'STARTED' | 'SUCCEEDED' | 'FAILED';
      /**
       * The HTTP method.
       */
      method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'CONNECT' | 'OPTIONS' | 'TRACE';
      /**
       * Where the request goes, as a Go template. It knows `{{.Hostname}}`, `{{.MACAddr}}`, `{{.IPAddrV4}}` and `{{.IPAddrV6}}`; any other name is left empty.
       */
      url: string;
      /**
       * The body of the request, as a Go template with the same names as `url`. Empty unless given.
       */
      payload?: string;
      /**
       * Headers of the request. Each value is a list, even where there is one: a bare string stops the whole configuration from loading.
       */
      headers?: {
        [k: string]: string[];
      };
      /**
       * Accepts any TLS certificate of the receiver. Off unless given.
       */
      insecure?: boolean;
      /**
       * Credentials for HTTP basic authentication. Used only if neither is empty.
       */
      basicAuth?: {
        /**
         * The user name.
         */
        user: string;
        /**
         * The password of the user.
         */
        password: string;
      };
    }[];
    /**
     * Add-ons to turn on when the cluster is created. Their names have underscores here: with hyphens, as the product shows them, they are ignored without a word.
     */
    addons?: {
      /**
       * Imports virtual machines from VMware and OpenStack.
       */
      harvester_vm_import_controller?: {
        /**
         * Turns the add-on on when the cluster is created. Off unless given; it can be switched at any time later.
         */
        enabled?: boolean;
        /**
         * Meant to hold Helm values for the add-on, as YAML text. Set them on the Addon resource after the installation instead.
         */
        values_content?: string;
      };
      /**
       * Passes PCI devices of the node through to virtual machines.
       */
      harvester_pcidevices_controller?: {
        /**
         * Turns the add-on on when the cluster is created. Off unless given; it can be switched at any time later.
         */
        enabled?: boolean;
        /**
         * Meant to hold Helm values for the add-on, as YAML text. Set them on the Addon resource after the installation instead.
         */
        values_content?: string;
      };
      /**
       * Prometheus and Grafana for nodes and virtual machines. Takes a good deal of memory on small nodes.
       */
      rancher_monitoring?: {
        /**
         * Turns the add-on on when the cluster is created. Off unless given; it can be switched at any time later.
         */
        enabled?: boolean;
        /**
         * Meant to hold Helm values for the add-on, as YAML text. Set them on the Addon resource after the installation instead.
         */
        values_content?: string;
      };
      /**
       * Collects logs, audit records and events and sends them on.
       */
      rancher_logging?: {
        /**
         * Turns the add-on on when the cluster is created. Off unless given; it can be switched at any time later.
         */
        enabled?: boolean;
        /**
         * Meant to hold Helm values for the add-on, as YAML text. Set them on the Addon resource after the installation instead.
         */
        values_content?: string;
      };
      /**
       * Manages the nodes' hardware through their BMCs.
       */
      harvester_seeder?: {
        /**
         * Turns the add-on on when the cluster is created. Off unless given; it can be switched at any time later.
         */
        enabled?: boolean;
        /**
         * Meant to hold Helm values for the add-on, as YAML text. Set them on the Addon resource after the installation instead.
         */
        values_content?: string;
      };
      /**
       * Puts the NVIDIA driver on the nodes for virtual GPUs. The driver itself has to be provided by you.
       */
      nvidia_driver_toolkit?: {
        /**
         * Turns the add-on on when the cluster is created. Off unless given; it can be switched at any time later.
         */
        enabled?: boolean;
        /**
         * Meant to hold Helm values for the add-on, as YAML text. Set them on the Addon resource after the installation instead.
         */
        values_content?: string;
      };
      /**
       * Kube-OVN, for virtual private clouds and overlay networks.
       */
      kubeovn_operator?: {
        /**
         * Turns the add-on on when the cluster is created. Off unless given; it can be switched at any time later.
         */
        enabled?: boolean;
        /**
         * Meant to hold Helm values for the add-on, as YAML text. Set them on the Addon resource after the installation instead.
         */
        values_content?: string;
      };
      /**
       * Moves virtual machines between nodes to even the load out.
       */
      descheduler?: {
        /**
         * Turns the add-on on when the cluster is created. Off unless given; it can be switched at any time later.
         */
        enabled?: boolean;
        /**
         * Meant to hold Helm values for the add-on, as YAML text. Set them on the Addon resource after the installation instead.
         */
        values_content?: string;
      };
    };
    /**
     * Values for the Harvester chart, given when the cluster is created.
     */
    harvester?: {
      /**
       * The default StorageClass `harvester-longhorn`.
       */
      storage_class?: {
        /**
         * How many copies Longhorn keeps of each volume. 3 unless given. With fewer storage nodes than copies volumes stay degraded: use 1 on a single node, 2 on two nodes with a witness.
         */
        replica_count?: number;
      };
      /**
       * Values for Longhorn, the storage layer.
       */
      longhorn?: {
        /**
         * Longhorn's settings in a new cluster. Their names are camelCase: in snake_case they are ignored without a word.
         */
        default_settings?: {
          /**
           * The share of a node's CPU reserved for each Longhorn engine manager, in per cent. 12 unless given, and no more. It counts in v1.2.0 and v1.2.1 only; `guaranteedInstanceManagerCPU` takes its place.
           */
          guaranteedEngineManagerCPU?: number;
          /**
           * The share of a node's CPU reserved for each Longhorn replica manager, in per cent. 12 unless given, and no more. It counts in v1.2.0 and v1.2.1 only; `guaranteedInstanceManagerCPU` takes its place.
           */
          guaranteedReplicaManagerCPU?: number;
          /**
           * The share of a node's CPU reserved for each Longhorn instance manager, in per cent. 12 unless given, and no more; 0 reserves nothing. v1.3.0 does not know it.
           */
          guaranteedInstanceManagerCPU?: number;
          /**
           * The share of the default disk that Longhorn leaves free, in per cent. 0 unless given, and at most 30.
           */
          storageReservedPercentageForDefaultDisk?: number;
        };
      };
      /**
       * Writes down which code of Harvester's server was run. Off unless given.
       */
      enable_go_cover_dir?: boolean;
    };
  };
  /**
   * Harvester's settings in a new cluster, by name; only the first node's count. A name that the release does not know stops the installation. Settings with structured values are JSON text to the installer: write a map and it is turned into that.
   */
  system_settings?: {
    /**
     * Certificates of further authorities that Harvester trusts for outside services, as PEM text. None unless given.
     */
    'additional-ca'?: string;
    /**
     * The factor by which the memory reserved beside each guest is enlarged, from "1.0" to "10.0". "1.5" unless given; "0" turns it off.
     */
    'additional-guest-memory-overhead-ratio'?: string;
    /**
     * The version of the API browser that the server offers. Comes with the release; leave it alone.
     */
    'api-ui-version'?: string;
    /**
     * Disks that become VM storage by themselves on every node, as patterns with commas between them. None unless given. All on a matching disk is lost, on each node that ever joins.
     */
    'auto-disk-provision-paths'?: string;
    /**
     * Renews the certificates of RKE2 before they expire. Off unless given.
     */
    'auto-rotate-rke2-certs'?:
      | string
      | {
          /**
           * Turns the renewal on.
           */
          enable?: boolean;
          /**
           * How many hours before its end a certificate is renewed. 240 unless given.
           */
          expiringInHours?: number;
        };
    /**
     * Where backups of virtual machines go: an S3 bucket or an NFS share. None unless given.
     */
    'backup-target'?:
      | string
      | {
          /**
           * The kind of store: `s3` or `nfs`.
           */
          type?: string;
          /**
           * The store's address. For NFS the share as `nfs://server:/path`; for S3 it may be empty, which means AWS.
           */
          endpoint?: string;
          /**
           * The S3 access key.
           */
          accessKeyId?: string;
          /**
           * The S3 secret key.
           */
          secretAccessKey?: string;
          /**
           * The S3 bucket.
           */
          bucketName?: string;
          /**
           * The region of the S3 bucket.
           */
          bucketRegion?: string;
          /**
           * The certificate authority of the S3 endpoint, as PEM text, where it is not a public one.
           */
          cert?: string;
          /**
           * Puts the bucket into the S3 endpoint's host name. Off unless given.
           */
          virtualHostedStyle?: boolean;
          /**
           * How often the store is looked through for backups, in seconds.
           */
          refreshIntervalInSeconds?: number;
        };
    /**
     * Pod security standards for the namespaces of the cluster. Off unless given.
     */
    'cluster-pod-security-standard'?:
      | string
      | {
          /**
           * Turns the standards on.
           */
          enabled?: boolean;
          /**
           * Namespaces that are left as they are, with commas between them.
           */
          whitelistedNamespacesList?: string;
          /**
           * Namespaces under the standard `privileged`, with commas between them.
           */
          privilegedNamespacesList?: string;
          /**
           * Namespaces under the standard `restricted`, with commas between them.
           */
          restrictedNamespacesList?: string;
        };
    /**
     * The registration URL by which Rancher imports the cluster. Plain text works in every release, and newer ones then skip the check of the certificate; the map form is for v1.7.2 and newer.
     */
    'cluster-registration-url'?:
      | string
      | {
          /**
           * The registration URL from Rancher.
           */
          url?: string;
          /**
           * Skips the check of Rancher's certificate. Off unless given.
           */
          insecureSkipTLSVerify?: boolean;
        };
    /**
     * Private registries and mirrors for containerd; none unless given. The keys are those of registries.yaml but not its spelling: `InsecureSkipVerify`, not `insecure_skip_verify`. Text that is no JSON stops the installation from v1.2.2 on.
     */
    'containerd-registry'?:
      | string
      | {
          /**
           * Mirrors of a registry, by the name of that registry.
           */
          Mirrors?: {
            [k: string]: {
              /**
               * URLs of the mirrors, tried in turn.
               */
              Endpoints?: string[];
              /**
               * Rewrites image names on their way to the mirror: a regular expression to its replacement.
               */
              Rewrites?: {
                [k: string]: string;
              };
            };
          };
          /**
           * How to talk to a registry, by its host and port.
           */
          Configs?: {
            [k: string]: {
              /**
               * Credentials for the registry. Harvester takes them out of the setting once they are on the nodes.
               */
              Auth?: {
                /**
                 * The user name.
                 */
                Username?: string;
                /**
                 * The password of the user.
                 */
                Password?: string;
                /**
                 * User and password with a colon between them, in base64, in place of the two.
                 */
                Auth?: string;
                /**
                 * A token in place of user and password.
                 */
                IdentityToken?: string;
              };
              /**
               * How the registry's certificate is checked.
               */
              TLS?: {
                /**
                 * A file on the node with the certificate authority of the registry.
                 */
                CAFile?: string;
                /**
                 * A file on the node with the client certificate.
                 */
                CertFile?: string;
                /**
                 * A file on the node with the client certificate's key.
                 */
                KeyFile?: string;
                /**
                 * Accepts any certificate. Off unless given.
                 */
                InsecureSkipVerify?: boolean;
              };
            };
          };
        };
    /**
     * Which snapshot classes are used with each CSI driver, by the name of its provisioner. Longhorn alone unless given; a map of your own replaces that, so list `driver.longhorn.io` again.
     */
    'csi-driver-config'?:
      | string
      | {
          [k: string]: {
            /**
             * The VolumeSnapshotClass for snapshots of volumes and virtual machines.
             */
            volumeSnapshotClassName?: string;
            /**
             * The VolumeSnapshotClass for backups of virtual machines.
             */
            backupVolumeSnapshotClassName?: string;
          };
        };
    /**
     * CSI drivers whose volumes may grow while in use, by the name of the provisioner. Longhorn alone unless given; say true only for a driver that you have tried.
     */
    'csi-online-expand-validation'?:
      | string
      | {
          [k: string]: boolean;
        };
    /**
     * The name of the default StorageClass as a note in the settings: `longhorn` unless given. It does not make a class the default; the annotation on the StorageClass does.
     */
    'default-storage-class'?: string;
    /**
     * How many seconds a virtual machine has to shut down before it is switched off. "120" unless given.
     */
    'default-vm-termination-grace-period-seconds'?: string;
    /**
     * Which versions of Harvester's cloud provider and CSI charts guest clusters may use. Comes with the release; leave it alone.
     */
    'harvester-csi-ccm-versions'?:
      | string
      | {
          /**
           * The range of versions of the cloud provider chart.
           */
          'harvester-cloud-provider'?: string;
          /**
           * The range of versions of the CSI driver chart.
           */
          'harvester-csi-provider'?: string;
        };
    /**
     * The proxy for outside services. None unless given. `noProxy` must cover the nodes and the VIP, or the second node cannot join.
     */
    'http-proxy'?:
      | string
      | {
          /**
           * The proxy for http.
           */
          httpProxy?: string;
          /**
           * The proxy for https; usually the same address, with http in front.
           */
          httpsProxy?: string;
          /**
           * What is reached without the proxy, with commas between: the nodes' subnet, the VIP, the pod and service subnets. Harvester adds 10.0.0.0/8, .svc and .cluster.local, but no 192.168 or 172.16 network.
           */
          noProxy?: string;
        };
    /**
     * After how many minutes the token in a downloaded kubeconfig expires. "0" unless given: never.
     */
    'kubeconfig-default-token-ttl-minutes'?: string;
    /**
     * Live migration of virtual machines for the whole cluster. KubeVirt's defaults unless given. `network` and `nodeDrainTaintKey` are refused here.
     */
    'kubevirt-migration'?:
      | string
      | {
          /**
           * How many migrations may leave one node at a time. 2 unless given.
           */
          parallelOutboundMigrationsPerNode?: number;
          /**
           * How many migrations may run in the cluster at a time. 5 unless given.
           */
          parallelMigrationsPerCluster?: number;
          /**
           * Slows the guest down where its memory changes faster than it can be copied. Off unless given.
           */
          allowAutoConverge?: boolean;
          /**
           * The most that one migration may send each second, as a Kubernetes quantity. 0 unless given: no limit.
           */
          bandwidthPerMigration?: number | string;
          /**
           * How many seconds a migration may take for each GiB of memory before it is given up. 150 unless given.
           */
          completionTimeoutPerGiB?: number;
          /**
           * After how many seconds without progress a migration is given up. 150 unless given.
           */
          progressTimeout?: number;
          /**
           * Migrates even where a check says that it may harm the guest. Off unless given.
           */
          unsafeMigrationOverride?: boolean;
          /**
           * Starts the guest on the other node before all its memory is there, if need be. Off unless given; a network failure at that time kills the guest.
           */
          allowPostCopy?: boolean;
          /**
           * Pauses the guest where a migration cannot finish otherwise. Off unless given.
           */
          allowWorkloadDisruption?: boolean;
          /**
           * Sends migrations unencrypted. Off unless given.
           */
          disableTLS?: boolean;
          /**
           * Changes how the SELinux level of the target pod is chosen. Off unless given, which keeps the source's level.
           */
          matchSELinuxLevelOnMigration?: boolean;
        };
    /**
     * How much Harvester's server logs: `panic`, `fatal`, `error`, `warn`, `info`, `debug` or `trace`. `info` unless given.
     */
    'log-level'?: string;
    /**
     * Turns the V2 data engine of Longhorn on: "true" or "false", in quotes. "false" unless given. It takes 2 GiB of each node as huge pages and is experimental.
     */
    'longhorn-v2-data-engine-enabled'?: string;
    /**
     * How many times its CPU and memory a running virtual machine may grow to, from "1" to "20". "4" unless given.
     */
    'max-hotplug-ratio'?: string;
    /**
     * NTP servers of all nodes. Better written as `os.ntp_servers`, which overwrites this setting wherever it is given.
     */
    'ntp-servers'?:
      | string
      | {
          /**
           * Names or addresses, without ports and without http://, none twice.
           */
          ntpServers?: string[];
        };
    /**
     * How far CPU, memory and storage may be promised to virtual machines, in per cent of what there is. Unless given: cpu 1600, memory 150, storage 200; from v1.8.0 cpu 1000, storage 100. Give all three, each at least 100.
     */
    'overcommit-config'?:
      | string
      | {
          /**
           * CPU, in per cent.
           */
          cpu?: number;
          /**
           * Memory, in per cent. Above 100, guests may be killed when all of them use theirs.
           */
          memory?: number;
          /**
           * Storage, in per cent. Above 100, the disks may run full.
           */
          storage?: number;
        };
    /**
     * What happens in Rancher when the cluster leaves it.
     */
    'rancher-cluster'?:
      | string
      | {
          /**
           * Removes the cluster from Rancher when its namespace is deleted. Off unless given.
           */
          removeUpstreamClusterWhenNamespaceIsDeleted?: boolean;
        };
    /**
     * Where upgrades are looked for: Harvester fetches `<URL>/<version>/version.yaml`. The public download site unless given; set it in an air gap.
     */
    'release-download-url'?: string;
    /**
     * The version that the cluster takes itself for. The release sets it, and upgrades go by it; leave it alone.
     */
    'server-version'?: string;
    /**
     * The certificate of the dashboard and the API. Self-signed unless given. Nodes join over the VIP, so the certificate must be good for that too, or for the name in `server_url`.
     */
    'ssl-certificates'?:
      | string
      | {
          /**
           * The certificate of the authority, as PEM text. Only where it is not a public one.
           */
          ca?: string;
          /**
           * The certificate with its chain, as PEM text.
           */
          publicCertificate?: string;
          /**
           * The key of the certificate, as PEM text.
           */
          privateKey?: string;
        };
    /**
     * Protocols and ciphers of the dashboard and the API. TLSv1.2 with ECDSA ciphers unless given; a wrong value locks you out of both.
     */
    'ssl-parameters'?:
      | string
      | {
          /**
           * TLS versions, with spaces between them.
           */
          protocols?: string;
          /**
           * Ciphers, with colons between them.
           */
          ciphers?: string;
        };
    /**
     * A network of its own for Longhorn's traffic. The management network unless given. The cluster network has to exist first, so this is usually set after the installation.
     */
    'storage-network'?:
      | string
      | {
          /**
           * The cluster network that carries the storage traffic. It must exist on every node before the setting can take hold.
           */
          clusterNetwork?: string;
          /**
           * The VLAN of the storage traffic. Untagged unless given; the cluster network `mgmt` wants one.
           */
          vlan?: number;
          /**
           * The IPv4 subnet in CIDR form that addresses are taken from: about four addresses for each node.
           */
          range?: string;
          /**
           * Subnets inside `range` that are not given out.
           */
          exclude?: string[];
          /**
           * Keeps networks of virtual machines off this VLAN. Off unless given, and refused where the network is untagged.
           */
          exclusiveVlan?: boolean;
        };
    /**
     * After how many minutes a support bundle is deleted. "30" unless given; "0" means the default.
     */
    'support-bundle-expiration'?: string;
    /**
     * The image that makes support bundles. The one on the ISO unless given; another one has to be kept up with each upgrade. Give all three keys.
     */
    'support-bundle-image'?:
      | string
      | {
          /**
           * The name of the image.
           */
          repository?: string;
          /**
           * The tag of the image. Quote it.
           */
          tag?: string;
          /**
           * When it is pulled: `IfNotPresent`, `Always` or `Never`.
           */
          imagePullPolicy?: string;
        };
    /**
     * Namespaces that a support bundle covers besides those of the system, with commas between them. None unless given.
     */
    'support-bundle-namespaces'?: string;
    /**
     * How many minutes a support bundle waits for the nodes; what is missing then is left out. "30" unless given; "0" means the default.
     */
    'support-bundle-node-collection-timeout'?: string;
    /**
     * After how many minutes the making of a support bundle counts as failed. "10" unless given, "50" from v1.6.0; "0" means never.
     */
    'support-bundle-timeout'?: string;
    /**
     * The URL of the dashboard, where `ui-source` is not `bundled`. The public one of the release unless given.
     */
    'ui-index'?: string;
    /**
     * The folder in the Harvester container that the bundled dashboard lies in. /usr/share/harvester/harvester unless given.
     */
    'ui-path'?: string;
    /**
     * The version of the dashboard plugin that comes with the release; leave it alone.
     */
    'ui-plugin-bundled-version'?: string;
    /**
     * The URL of Harvester's plugin for Rancher's dashboard. The public one of the release unless given.
     */
    'ui-plugin-index'?: string;
    /**
     * Where the dashboard comes from: `auto`, `external` or `bundled`. `auto` unless given; `bundled` is the sure choice in an air gap.
     */
    'ui-source'?: string;
    /**
     * A note of the versions that the cluster could be upgraded to. Harvester fills in what it needs itself; leave it alone.
     */
    'upgradable-versions'?: string;
    /**
     * Asks outside for new releases: "true" or "false", in quotes. "true" unless given; turn it off in an air gap.
     */
    'upgrade-checker-enabled'?: string;
    /**
     * Where new releases are asked for, if `upgrade-checker-enabled` is "true". The public service unless given.
     */
    'upgrade-checker-url'?: string;
    /**
     * How upgrades of the cluster go. Images one node after the other and no pauses unless given. A map without `imagePreloadOption` is refused.
     */
    'upgrade-config'?:
      | string
      | {
          /**
           * How the images of the new release reach the nodes.
           */
          imagePreloadOption?: {
            /**
             * The order in which nodes load images.
             */
            strategy?: {
              /**
               * `sequential`, one node after the other; `parallel`, several at a time; or `skip`, which pulls images as they are needed and wants a registry.
               */
              type?: string;
              /**
               * How many nodes load at a time with `parallel`. 0 unless given: all of them.
               */
              concurrency?: number;
            };
          };
          /**
           * Whether nodes are upgraded without asking.
           */
          nodeUpgradeOption?: {
            /**
             * When a node may go on.
             */
            strategy?: {
              /**
               * `auto`, or `manual`, which waits before each node until somebody says so. `auto` unless given.
               */
              mode?: string;
              /**
               * The nodes to wait for with `manual`. All of them unless given; a name that is no node is refused, so this is set after the installation.
               */
              pauseNodes?: string[];
            };
          };
          /**
           * Starts virtual machines again that had to be shut down because they cannot migrate. Off unless given.
           */
          restoreVM?: boolean;
          /**
           * How many minutes an upgrade waits for its log collection, from "1" to "20", in quotes. "5" unless given.
           */
          logReadyTimeout?: string;
        };
    /**
     * Address pools for load balancers, by namespace: subnets, or ranges, with commas between them. None unless given. v1.2.0 and newer have IP pools instead; do not use it there.
     */
    'vip-pools'?:
      | string
      | {
          [k: string]: string;
        };
    /**
     * Starts virtual machines elsewhere when their node is gone. On unless given, after 300 seconds before v1.7.0 and 15 since. Give `period` with it: 0 is refused.
     */
    'vm-force-reset-policy'?:
      | string
      | {
          /**
           * Turns the policy on. A boolean, although some examples quote it.
           */
          enable?: boolean;
          /**
           * How many seconds a node may be gone before its virtual machines are moved.
           */
          period?: number;
          /**
           * How many seconds the move may take before what is left on the lost node is cleared by force. 180 unless given.
           */
          vmMigrationTimeout?: number;
        };
    /**
     * A network of its own for live migration. The management network unless given. The cluster network has to exist first, so this is usually set after the installation.
     */
    'vm-migration-network'?:
      | string
      | {
          /**
           * The cluster network that carries the migration traffic. It must exist on every node before the setting can take hold.
           */
          clusterNetwork?: string;
          /**
           * The VLAN of the migration traffic. Untagged unless given; the cluster network `mgmt` wants one.
           */
          vlan?: number;
          /**
           * The IPv4 subnet in CIDR form that addresses are taken from: at least one address for each node.
           */
          range?: string;
          /**
           * Subnets inside `range` that are not given out.
           */
          exclude?: string[];
        };
    /**
     * The VolumeSnapshotClass with which a virtual machine is restored into another namespace. `longhorn` unless given.
     */
    'volume-snapshot-class'?: string;
  };
  /**
   * The version of RKE2 on the node. The installer knows its own.
   */
  runtime_version?: string;
  /**
   * The version of the Rancher that is built in. The installer knows its own.
   */
  rancher_version?: string;
  /**
   * The version of the Harvester charts in a new cluster. The installer knows its own.
   */
  harvester_chart_version?: string;
  /**
   * The version of the monitoring charts in a new cluster. The installer knows its own.
   */
  monitoring_chart_version?: string;
  /**
   * The version of the logging charts in a new cluster. The installer knows its own.
   */
  logging_chart_version?: string;
  /**
   * The version of the chart of the Kube-OVN operator in a new cluster. The installer knows its own.
   */
  kubeovn_chart_version?: string;
  /**
   * Cluster networks to make in a new cluster, by name. v1.1.1 and newer drop the key without a word.
   */
  cluster_networks?: {
    [k: string]: {
      /**
       * Turns the network on. Off unless given.
       */
      enable?: boolean;
      /**
       * A note on the network.
       */
      description?: string;
      /**
       * What the network consists of, as in `defaultPhysicalNIC`.
       */
      config?: {
        [k: string]: string;
      };
    };
  };
}
/**
 * One device pattern of multipath.conf. A device matches if both strings match.
 */
export interface MultipathDevice {
  /**
   * The vendor string that the device reports, as a regular expression. A leading ! inverts the match.
   */
  vendor: string;
  /**
   * The product string that the device reports, as a regular expression. A leading ! inverts the match.
   */
  product: string;
}
