/** harvgen's public API. */
export { type Compilation, type CompileOptions, compile } from './compile.ts';
export type { SiteFile } from './inventory/own-files.ts';
export type { HarvesterConfig } from './knowledge/harvester-config.gen.ts';
export type { SiteInventory } from './knowledge/site-inventory.gen.ts';
export type { SecretSource } from './secrets/source.ts';
export type {
  Cluster,
  Dhcp,
  Facts,
  MediaSource,
  Network,
  Nic,
  Node,
  Server,
  Site,
} from './site/model.ts';
export type { Diagnostic, Related, Severity } from './source/diagnostics/diagnostic.ts';
export type { Place, Source } from './source/origin.ts';
export type { File, FilledSecret, Tree } from './tree/tree.ts';
export type { Cidr, Ipv4, Ipv4Range } from './values/ipv4.ts';
export type { Mac } from './values/mac.ts';
export type { Version } from './values/version.ts';
