import type { Place } from '../../source/origin.ts';
import type { ValueMap } from '../../source/value.ts';
import type { Mac } from '../../values/mac.ts';
import type { Text } from './fields.ts';

/** What phs's data file says, as phs reads it. */
export interface PhsFile {
  /** Where configurations are fetched from, without a port. Older files lack it: phs had it built in. */
  readonly server?: Text | undefined;
  /** Where media are fetched from, but for the folder. */
  readonly downloadServer?: Text | undefined;
  readonly blocks: readonly PhsBlock[];
  readonly nodes: readonly PhsNode[];
}

/** An entry of `config`: the configurations of one cluster, which nodes merge. */
export interface PhsBlock {
  readonly label?: Text | undefined;
  readonly at: Place;
  readonly create?: ValueMap | undefined;
  readonly join?: ValueMap | undefined;
}

/** An entry of `maclist`. */
export interface PhsNode {
  readonly mac: Mac;
  /** As it is written. */
  readonly macText: Text;
  /** The whole entry. */
  readonly at: Place;
  readonly ip?: Text | undefined;
  readonly netmask?: Text | undefined;
  readonly gateway?: Text | undefined;
  readonly interface?: Text | undefined;
  readonly version?: Text | undefined;
  readonly type?: Text | undefined;
  readonly config: ValueMap;
}
