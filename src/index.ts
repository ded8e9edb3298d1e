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
  Network,
  Nic,
  Node,
  Site,
} from './site/model.ts';
export type { MediaSource, Server } from './site/model-server.ts';
export type { Diagnostic, Related, Severity } from './source/diagnostics/report.ts';
export type { Source, SourceLocation } from './source/source.ts';
export type { File, FilledSecret, Tree } from './tree/tree.ts';
export type { Cidr, Ipv4, Ipv4Range } from './values/addresses.ts';
export type { Mac } from './values/identifiers.ts';
export type { Version } from './values/version.ts';
