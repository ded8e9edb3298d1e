import type { Ipv4 } from '../values/addresses.ts';

/** The boot server: where machines download from, and the paths of files on it. */
export interface Server {
  /** The base URL for machines, without a trailing slash. */
  readonly url: string;
  /** The host of the URL. */
  readonly host: string;
  /** The port of the URL. */
  readonly port: number;
  /** The directory of the output tree on the boot server. */
  readonly root: string;
  /** Where machines download the Harvester media. */
  readonly media: MediaSource;
  /** Where machines download kernels, initrds and root file systems of Linux. */
  readonly images: MediaSource;
  /** The directory of boot loaders on the boot server. */
  readonly tftp: string;
  /** The TFTP server. */
  readonly tftpServer: 'dnsmasq' | 'tftpd-hpa' | 'xinetd' | 'systemd';
  /** The DNS server for the names of the site's machines; undefined by default, for none. */
  readonly dns?: 'dnsmasq' | 'coredns';
  readonly iscsi: IscsiServer;
  /** A file that nginx includes to substitute secrets as it serves. Undefined if the tree itself contains their values. */
  readonly secrets?: string | undefined;
  /** That file for a tree without the values, if the tree contains them. */
  readonly unfilledSecrets?: string | undefined;
  readonly tls?: Tls;
  /** Further ports of nginx. */
  readonly ports: readonly number[];
  /** The boot server of another site, for unknown MACs, without a trailing slash. */
  readonly next?: string;
  /** Responses of older boot servers, as files. */
  readonly compat: readonly ('phs' | 'phs-all' | 'oci' | 'ochami')[];
  /** IP addresses and subnets that may download any node's files. */
  readonly allow: readonly string[];
  /** IP addresses and subnets that may download any node's script, but no configuration. */
  readonly allowScripts: readonly string[];
  /** Set if the site's machines boot only signed files. */
  readonly sign?: Sign;
  /** Set if pods serve the tree. */
  readonly kubernetes?: Kubernetes;
}

/** The iSCSI server with a separate disk for each diskless node. */
export interface IscsiServer {
  /** The IP address of the server; undefined by default if the boot server has a DNS name. */
  readonly address?: Ipv4;
  readonly port: number;
  readonly driver: 'tgt' | 'lio';
  /** The prefix of the names of targets and initiators. */
  readonly iqn: string;
  /** The suffix of the name of every target; it refers to a secret. */
  readonly suffix?: string;
  readonly writeCache: boolean;
  readonly store: FileStore | RbdStore;
}

/** Images and disks as plain files. */
export interface FileStore {
  readonly kind: 'files';
  /** The prefix of the names of images and disks. */
  readonly prefix: string;
  /** The directory of images and disks. */
  readonly folder: string;
  readonly format: 'raw' | 'qcow2';
}

/** Images and disks in a Ceph pool. */
export interface RbdStore {
  readonly kind: 'rbd';
  /** The prefix of the names of images and disks. */
  readonly prefix: string;
  /** The Ceph pool. */
  readonly pool: string;
  /** The Ceph user, without `client.`. */
  readonly id: string;
  /** The configuration file of Ceph. */
  readonly conf: string;
  readonly keyring?: string;
  /** The name of an image's protected snapshot that disks are clones of. */
  readonly snapshot: string;
}

/** Pods that serve the tree. */
export interface Kubernetes {
  readonly namespace: string;
  /** The image that contains the tree; without it, ConfigMaps contain the tree. */
  readonly image?: string;
  readonly nginxImage: string;
  /** The replicas of a Deployment; undefined by default. */
  readonly replicas?: number;
  readonly service: 'LoadBalancer' | 'NodePort' | 'ClusterIP';
  /** The port of the cluster's nodes for that of `url`, of a NodePort. */
  readonly nodePort?: number;
  readonly ingress?: KubernetesIngress;
  /** The PersistentVolumeClaim with the files outside the tree. */
  readonly mediaClaim?: string;
}

/** An Ingress in front of the pods. */
export interface KubernetesIngress {
  readonly class?: string;
  readonly namespace?: string;
  /** Source IP addresses of the ingress controller. */
  readonly proxies: readonly string[];
}

/** Signatures of boot files, created outside the tree. */
export interface Sign {
  /** The common name of the signing certificate. */
  readonly signer: string;
  /** The directory of the signatures on the boot server. */
  readonly path: string;
}

/** The TLS settings of nginx. */
export interface Tls {
  /** The certificate file on the boot server. */
  readonly certificate: string;
  /** The file of the certificate's private key on the boot server. */
  readonly key: string;
  /** The base URL of configurations, without a trailing slash. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** The source of installation media: Harvester's below `url` in a directory for each version, Linux's as in the inventory. */
export interface MediaSource {
  readonly url: string;
  /** The directory on the boot server, if it serves them itself. */
  readonly path?: string;
}
