import type { Ipv4 } from '../values/addresses.ts';

/** The boot server: what machines fetch from, and where things lie on it. */
export interface Server {
  /** Without a slash at its end. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly root: string;
  readonly media: MediaSource;
  /** Where machines fetch kernels, initrds and root file systems of Linux. */
  readonly images: MediaSource;
  readonly tftp: string;
  readonly tftpServer: 'dnsmasq' | 'tftpd-hpa' | 'xinetd' | 'systemd';
  readonly iscsi: IscsiServer;
  /** What nginx includes to fill secrets in as it serves. Undefined where the tree itself holds their values. */
  readonly secrets?: string | undefined;
  readonly tls?: Tls;
  readonly ports: readonly number[];
  /** The boot server of another site, for MACs that this one does not have, without a slash at its end. */
  readonly next?: string;
  /** What older boot servers answered, as files. */
  readonly compat: readonly ('phs' | 'phs-all' | 'oci' | 'ochami')[];
  /** Addresses and subnets that may fetch any node's files. */
  readonly allow: readonly string[];
  /** Addresses and subnets that may fetch any node's script, and no configuration. */
  readonly allowScripts: readonly string[];
  /** Where the site's machines boot nothing but what is signed. */
  readonly sign?: Sign;
  readonly kubernetes?: Kubernetes;
}

/** The iSCSI server, on which each diskless node has a disk of its own. */
export interface IscsiServer {
  /** Undefined where the boot server is known by a name, and nothing else is said. */
  readonly address?: Ipv4;
  readonly port: number;
  readonly driver: 'tgt' | 'lio' | 'iet';
  /** How the names of targets and initiators begin. */
  readonly iqn: string;
  /** What ends the name of every target; it refers to a secret. */
  readonly suffix?: string;
  readonly writeCache: boolean;
  readonly store: FileStore | RbdStore;
}

/** Images and disks as plain files. */
export interface FileStore {
  readonly kind: 'files';
  readonly prefix: string;
  readonly folder: string;
  readonly format: 'raw' | 'qcow2';
}

/** Images and disks in a pool of Ceph's. */
export interface RbdStore {
  readonly kind: 'rbd';
  readonly prefix: string;
  readonly pool: string;
  /** Who asks, without `client.`. */
  readonly id: string;
  readonly conf: string;
  readonly keyring?: string;
  /** What the protected snapshot of an image is called that disks are clones of. */
  readonly snapshot: string;
}

/** Pods that serve the tree. */
export interface Kubernetes {
  readonly namespace: string;
  /** The image that has the tree in it; where there is none, ConfigMaps have it. */
  readonly image?: string;
  readonly nginxImage: string;
  /** Of a Deployment; undefined unless said. */
  readonly replicas?: number;
  readonly service: 'LoadBalancer' | 'NodePort' | 'ClusterIP';
  /** The port of the cluster's nodes for that of `url`, of a NodePort. */
  readonly nodePort?: number;
  readonly ingress?: KubernetesIngress;
  /** The PersistentVolumeClaim with what lies beside the tree. */
  readonly mediaClaim?: string;
}

/** An Ingress before the pods. */
export interface KubernetesIngress {
  readonly class?: string;
  readonly namespace?: string;
  /** From where the ingress controller asks. */
  readonly proxies: readonly string[];
}

/** Signatures of what machines boot, made beside the tree. */
export interface Sign {
  readonly signer: string;
  /** Where they lie on the boot server. */
  readonly path: string;
}

/** What nginx speaks https with. */
export interface Tls {
  readonly certificate: string;
  readonly key: string;
  /** Below which machines fetch their configurations, without a slash at its end. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** Where machines fetch files: Harvester's below `url` in one folder for each version, Linux' as the inventory says. */
export interface MediaSource {
  readonly url: string;
  /** The folder on the boot server, where it serves them itself. */
  readonly path?: string;
}
