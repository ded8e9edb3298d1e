import type { Path } from '../../source/leaf.ts';
import type { SourceLocation } from '../../source/source.ts';
import type { ObjectName } from './dump.ts';

/** A difference between the inventory and a cluster. */
export interface Difference {
  readonly object: ObjectName;
  /** The path of the value in the object; empty for the whole object. */
  readonly path: Path;
  /** The nodes that the object is for, of those that differ in the same way. */
  readonly nodes: readonly string[];
  /** The source location in the inventory; undefined if the inventory lacks the value. */
  readonly at?: SourceLocation | undefined;
  readonly declared: unknown;
  readonly running: unknown;
  /** How the value of the inventory gets into the cluster. */
  readonly mend: string;
  /** How the inventory gets the value of the cluster, or the source location to edit; undefined if it cannot have the value. */
  readonly keep?: string | SourceLocation | undefined;
}

/** A key whose effect in the cluster a dump does not show, with the nodes that it is for. */
export interface Unobservable {
  readonly key: string;
  /** Whether the dump contains its file in /oem, which a node reads when it boots. */
  readonly isInFile: boolean;
  readonly nodes: readonly string[];
}

/** The comparison of a cluster with the inventory. */
export interface Drift {
  readonly site: string;
  readonly cluster: string;
  readonly differences: readonly Difference[];
  readonly unobservable: readonly Unobservable[];
}
