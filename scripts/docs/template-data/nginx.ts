import type { Node } from '../../../src/site/model.ts';
import type { Ipv4 } from '../../../src/values/addresses.ts';
import type { SiteData } from './common.ts';

/** An IP address of a node. */
export interface Caller {
  readonly ip: Ipv4;
  /** The name of the node's files: its MAC with hyphens, or its IP address if the MAC is unknown. */
  readonly key: string;
  /** All names by which the node can request its script, separated by commas: the key, other MACs, and `serial/<serial>`. */
  readonly names: string;
  /** The name of the node. */
  readonly name: string;
}

/** A node by an IPv6 address that encodes its MAC or UUID, for the `geo` of nginx. */
export interface Encoded {
  readonly address: string;
  /** The name of the node's files. */
  readonly key: string;
  /** The name of the node. */
  readonly name: string;
}

/** The clients of tenants. */
export interface TenantCaller {
  /** An IP address or a range. */
  readonly range: string;
  /** The names of the tenants, separated by commas. */
  readonly names: string;
}

/** A node of a tenant. */
export interface TenantNode {
  /** The IPv6 address that encodes its MAC, or its IP address. */
  readonly address: string;
  /** The name of the tenant. */
  readonly tenant: string;
  /** The name of the node. */
  readonly name: string;
}

/** The clients of tenants and their nodes, for the `geo` of nginx. */
export interface TenantTables {
  readonly callers: readonly TenantCaller[];
  readonly owners: readonly TenantNode[];
}

/** A script with secrets. */
export interface SealedScript {
  /** The address that encodes the request, for the `geo` of nginx. */
  readonly address: string;
  /** The name of the files of the node, for a request by MAC. */
  readonly key?: string;
  /** The name of the node. */
  readonly name: string;
}

/** A form of requests for scripts. There is one for each kind of identifier if a script has secrets. */
export interface ScriptRequest {
  /** The kind of identifier, for a comment. */
  readonly by: string;
  /** The path, as a regular expression. */
  readonly pattern: string;
  /** The address to look up among the scripts with secrets. */
  readonly asked?: string;
}

/** A host and port of nginx. */
export interface NginxListener {
  readonly host: string;
  /** The argument of `server_name`: write it with `<%~ … %>`. */
  readonly serverName: string;
  /** The port of the URL. */
  readonly port: number;
  /** The port of the URL and those of `server.ports`. */
  readonly ports: readonly number[];
  readonly isHttps: boolean;
  /** The source of the listener: `server.url`, `server.tls`, or the firmware, which supports no other port. */
  readonly by: 'url' | 'ports' | 'tls' | 'firmware';
  /** Whether it serves configurations. */
  readonly configurations: boolean;
  /** Whether it serves the boot loaders. */
  readonly loaders: boolean;
  /** Whether it serves all other files. */
  readonly others: boolean;
  /** The directories with a file for each node: `ipxe`, `config`, or both. */
  readonly folders: readonly string[];
}

/** The rendered parts for the URLs of OpenCHAMI. */
export interface OchamiParts {
  /** The tables: write them with `<%~ … %>`. */
  readonly tables: string;
  /** The locations of BSS and SMD: write them with `<%~ … %>`. */
  readonly services: string;
  /** The locations of cloud-init: write them with `<%~ … %>`. */
  readonly cloudInit: string;
  /** The response to a write. */
  readonly refusal: string;
}

/** A site file below `www/`. */
export interface ServedFile {
  /** The quoted path: write it with `<%~ … %>`. */
  readonly location: string;
  /** The media type. */
  readonly type: string;
}

/** The screen of a virtual machine. */
export interface Screen {
  /** The name of the node. */
  readonly name: string;
  /** The IP address and port of its WebSocket. */
  readonly address: string;
  readonly port: number;
}

/** The screens of virtual machines in a browser. */
export interface Consoles {
  readonly screens: readonly Screen[];
  /** A regular expression of the hosts whose pages may connect. */
  readonly hosts: string;
  /** The directory of noVNC. */
  readonly folder: string;
}

/**
 * Generates `nginx/<site>.conf`, the server blocks that serve `www/`: to each node its own files. A site template without one of the
 * checks serves the files that it protects to all clients. On a site with pods it also generates `k8s/nginx/site.conf`, with the
 * directories, ports and log of the pod.
 */
export interface NginxSite extends SiteData {
  /** The prefix of variables, zones and formats, which is unique for the site. */
  readonly id: string;
  /** The log file. */
  readonly accessLog: string;
  /** The IP addresses of nodes. */
  readonly callers: readonly Caller[];
  /** The size of the table of connections in MB, by the number of IP addresses of nodes. */
  readonly connectionsZone: number;
  /** The IP addresses and subnets that may download any node's files. */
  readonly allowed: readonly string[];
  /** The IP addresses and subnets that may download any node's script. */
  readonly allowedScripts: readonly string[];
  /** The clients of tenants, if a tenant allows any. */
  readonly tenants?: TenantTables;
  /** The nodes by MAC. */
  readonly macs: readonly Encoded[];
  /** The prefix of the addresses that encode a MAC. */
  readonly macPrefix: string;
  /** The nodes by UUID. */
  readonly uuids: readonly Encoded[];
  /** The scripts with secrets. */
  readonly sealed: readonly SealedScript[];
  /** The forms of requests for scripts. */
  readonly scripts: readonly ScriptRequest[];
  /** The path of the entry script of oci-harvester. */
  readonly ociScript: string;
  /** Whether a node boots by GRUB. */
  readonly grub: boolean;
  /** The directory of Linux images, if nginx serves it. */
  readonly images?: string;
  /** The hosts and ports of nginx. */
  readonly listeners: readonly NginxListener[];
  /** The names of the secrets to substitute. The list is empty if the output tree contains their values. */
  readonly secrets: readonly string[];
  /** The digest of the placeholders. The include sets the variable `<id>_fills` to it; the tree contains `nginx/fills-<stamp>`. */
  readonly stamp: string;
  /** Whether a node has cloud-init data. */
  readonly hasCloudInit: boolean;
  /** The names of the files in a node's cloud-init directory. */
  readonly cloudInitFiles: readonly string[];
  /** The path of cloud-init's configuration for systems on disks, below the document root, if there are such nodes. */
  readonly cloudInitSeed?: string;
  /** The directories of files with substituted secrets, which nginx serves to one node only: `config`, and `cloud-init` if it exists. */
  readonly filled: readonly string[];
  /** The parts for `server.compat: [ochami]`. */
  readonly ochami?: OchamiParts;
  /** The site files below `www/`. */
  readonly files: readonly ServedFile[];
  /** The screens of machines for browsers, if there are any. */
  readonly consoles?: Consoles;
  /** The file names of boot loaders. */
  readonly loaders: readonly string[];
}

/**
 * Generates `k8s/nginx/nginx.conf`, the main configuration of nginx in a pod. It determines the IP address of a client, which decides
 * what the client may download. `nginx/site.nginx.eta` generates the included server blocks.
 */
export interface K8sNginx extends SiteData {
  /** The IP addresses and subnets of the ingress controller. */
  readonly proxies: readonly string[];
  /** The only writable directory. */
  readonly temporary: string;
  /** The file of server blocks. */
  readonly serverBlocks: string;
  /** The number of connections of each worker process, by the number of nodes. */
  readonly connections: number;
  /** The port of `/ready`. It returns 200 only if the secrets in the pod match the output tree. */
  readonly readinessPort: number;
  /** The prefix of variables, as in `nginx/site.nginx.eta`. */
  readonly id: string;
  /** The digest of the placeholders, as in `nginx/site.nginx.eta`. */
  readonly stamp: string;
  /** Whether there are secrets to substitute. */
  readonly hasSecrets: boolean;
}

/** An initrd in the form of BSS. */
export interface BssInitrd {
  readonly name: string;
  readonly url: string;
}

/** The boot parameters of a node in the form of BSS. */
export interface BssBoot {
  /** The URL of the kernel. */
  readonly kernel: string;
  readonly initrds: readonly BssInitrd[];
  /** The kernel's arguments in the inventory. */
  readonly args: readonly string[];
  /** All kernel arguments in the order of BSS. */
  readonly params: readonly string[];
}

/**
 * Generates `www/boot/v1/by-node/bootscript/<node>` for each Linux node with `server.compat: [ochami]`, `<node>_<mac>` for its other
 * NICs, and `www/boot/v1/by-arch/<buildarch>` for unknown machines: scripts in the form of BSS.
 */
export interface OchamiScript extends SiteData {
  /** Undefined for unknown machines. */
  readonly node?: Node;
  readonly boot: BssBoot;
  /** All kernel arguments, split into words for iPXE. */
  readonly words: readonly string[];
  /** The URL of this script; for unknown machines, without a query. */
  readonly again: string;
}

/** Directories below `www/cloud-init/ochami/` with one media type. */
export interface TypedFolders {
  readonly folders: readonly string[];
  /** The media type. */
  readonly type: string;
  /** Whether they are empty: the file is that of the node's own directory, in the form of a service. */
  readonly own: boolean;
}

/** Generates the locations of OpenCHAMI's cloud-init server in `nginx/<site>.conf`, for the server block with configurations. */
export interface OchamiCloudInit extends SiteData {
  /** The prefix of variables, as in `nginx/site.nginx.eta`. */
  readonly id: string;
  /** The names of the secrets to substitute. */
  readonly secrets: readonly string[];
  /** The digest of the placeholders. */
  readonly stamp: string;
  /** The names of the files in a node's cloud-init directory. */
  readonly cloudInitFiles: readonly string[];
  /** The media types of directories. */
  readonly typed: readonly TypedFolders[];
}

/** An error response. */
export interface Problem {
  /** The name of its location. */
  readonly name: string;
  /** The HTTP status. */
  readonly status: number;
  /** The response body in JSON. */
  readonly problem: string;
}

/** Generates the locations of BSS and SMD in `nginx/<site>.conf`, for the server block with scripts. */
export interface OchamiServices extends SiteData {
  /** The prefix of variables, as in `nginx/site.nginx.eta`. */
  readonly id: string;
  /** The prefix of the addresses that encode a MAC. */
  readonly macPrefix: string;
  /** The URL of boot scripts. */
  readonly bootScriptUrl: string;
  /** The error responses. */
  readonly problems: readonly Problem[];
}

/** A node by an IPv6 address that encodes its MAC, xname or NID. */
export interface KnownNode {
  readonly address: string;
  /** The name of the node, the name of its files and its xname, separated by commas. */
  readonly value: string;
}

/** An IP address of a node with groups. */
export interface GroupMember {
  readonly ip: Ipv4;
  /** The names of the groups, separated by commas. */
  readonly groups: string;
}

/** Generates the tables at the `http` level of `nginx/<site>.conf` that identify the requested node and the client. */
export interface OchamiTables extends SiteData {
  /** The prefix of variables, as in `nginx/site.nginx.eta`. */
  readonly id: string;
  /** The prefix of the addresses that encode a MAC. */
  readonly macPrefix: string;
  /** The prefix of the addresses that encode an xname. */
  readonly xnamePrefix: string;
  /** The prefix of the addresses that encode a NID. */
  readonly nidPrefix: string;
  /** The prefix of the addresses that encode a NID in hexadecimal digits. */
  readonly hexPrefix: string;
  /** The nodes by each identifier. */
  readonly known: readonly KnownNode[];
  /** The IP addresses and subnets that may download lists. */
  readonly near: readonly string[];
  /** The IP addresses of nodes with groups. */
  readonly members: readonly GroupMember[];
  /** Whether `server.allow_scripts` is set. */
  readonly hasScripts: boolean;
  /** The values of iPXE's `buildarch`, and the name for all others. */
  readonly builds: readonly string[];
  readonly otherBuild: string;
  /** The filters of SMD's lists with one value. */
  readonly filters: readonly SmdFilter[];
  /** The filters with several values, as expressions of nginx. */
  readonly several: readonly string[];
  /** The types of SMD of which it has no component. */
  readonly otherTypes: readonly string[];
  /** The names of the groups. */
  readonly groups: readonly string[];
  /** The IP addresses of the NICs in SMD. */
  readonly interfaces: readonly SmdInterface[];
  /** The values of `?key=` that the meta-data of nodes has. */
  readonly keys: readonly MetaDataKey[];
  /** The status for all others: 501 if some nodes have a key that no expression can contain, otherwise 404. */
  readonly otherKeys: number;
}

/** A value of `?key=` of BSS' meta-data. */
export interface MetaDataKey {
  /** The path of the value, as an expression of nginx. */
  readonly key: string;
  /** 200 if every node has the value, otherwise 501. */
  readonly status: number;
}

/** A filter of a list of SMD. */
export interface SmdFilter {
  /** The list, a question mark and the filter, as an expression of nginx. */
  readonly pattern: string;
  /** The name of the file with the selected items, `.whole` for all, or `-` for none. */
  readonly part: string;
}

/** An IP address in SMD. */
export interface SmdInterface {
  readonly ip: string;
  /** The ID of the NIC: its MAC without separators. */
  readonly id: string;
}

/** Generates `www/index.html`, the page at `/`, which lists the content of the server but no nodes. A site file takes precedence. */
export interface WelcomePage extends SiteData {
  /** Whether a node installs Harvester. */
  readonly installs: boolean;
  /** The directory of Linux images, if nginx serves it. */
  readonly images?: string;
  /** Whether a node boots by GRUB. */
  readonly grub: boolean;
}
