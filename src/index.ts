/** harvgen's public API. */
export { type Compilation, type CompileOptions, compile } from './compile.ts';
export type { Diagnostic, Related, Severity } from './diagnostics/diagnostic.ts';
export type { HarvesterConfig } from './inventory/harvester-config.gen.ts';
export type { SiteInventory } from './inventory/site-inventory.gen.ts';
export type { Place, Source } from './origin.ts';
export type { File, FilledSecret, Tree } from './output/tree.ts';
export type { SecretSource } from './secrets/source.ts';
export type { Cidr, Ipv4, Ipv4Range } from './site/ipv4.ts';
export type { Mac } from './site/mac.ts';
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
  SiteFile,
} from './site/model.ts';
export type { Version } from './site/version.ts';
