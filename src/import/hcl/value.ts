import type { Place } from '../../source/origin.ts';

/** A value of HCL's subset for values that are written out, with its place. */
export type HclValue = HclString | HclNumber | HclBool | HclNull | HclList | HclObject;

export interface HclString {
  readonly type: 'string';
  readonly value: string;
  readonly at: Place;
}

export interface HclNumber {
  readonly type: 'number';
  readonly value: number;
  readonly at: Place;
}

export interface HclBool {
  readonly type: 'bool';
  readonly value: boolean;
  readonly at: Place;
}

export interface HclNull {
  readonly type: 'null';
  readonly at: Place;
}

export interface HclList {
  readonly type: 'list';
  readonly items: readonly HclValue[];
  readonly at: Place;
}

export interface HclObject {
  readonly type: 'object';
  readonly items: readonly Attribute[];
  readonly at: Place;
}

/** `name = value`, or an entry of an object. */
export interface Attribute {
  readonly name: string;
  /** The name's own place. */
  readonly at: Place;
  readonly value: HclValue;
}

/** What keeps a text from being read. */
export interface HclFault {
  readonly code: 'tfvars-syntax' | 'tfvars-expression';
  readonly message: string;
  readonly help: string;
  readonly at: Place;
  /** Whether it is text that belongs to nothing that could be read: it may be a piece of anything. */
  readonly isStray?: boolean;
}

/** What a text says, as far as the first thing that is wrong with it; the rest follows from that. */
export interface HclBody {
  readonly attributes: readonly Attribute[];
  readonly fault?: HclFault;
  /** The name of the attribute that the fault is in, where it is in one, and where the attribute begins. */
  readonly within?: { readonly name: string; readonly start: number };
}
