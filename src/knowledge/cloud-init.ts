import { factsOf } from './facts.ts';

/** The types of items in a list of cloud-config, and an example item. */
interface CloudConfigList {
  readonly items: readonly ('text' | 'list' | 'map')[];
  readonly sample: string;
}

/** A format of user-data and vendor-data in cloud-init, identified by the beginning of the text, ignoring case. */
export interface CloudInitText {
  readonly begins: string;
  /** Whether it must be the whole text: cloud-init does not follow it in an archive, the only form that may contain any text. */
  readonly alone?: true;
}

const FACTS = factsOf<{
  readonly keys: readonly string[];
  readonly lists: Readonly<Record<string, CloudConfigList>>;
  readonly texts: readonly CloudInitText[];
  readonly fileKeys: readonly string[];
  readonly encodings: readonly string[];
  readonly standardizedVariables: readonly string[];
  readonly otherVariables: readonly string[];
  readonly templateGlobals: readonly string[];
}>('cloud-init');

/** The keys of cloud-config that cloud-init or one of its modules reads; those that must be lists; and all formats of texts. */
export const { keys: CLOUD_CONFIG_KEYS, lists: CLOUD_CONFIG_LISTS, texts: CLOUD_INIT_TEXTS } = FACTS;

/** The keys and encodings of an entry of write_files. */
export const { fileKeys: FILE_KEYS, encodings: FILE_ENCODINGS } = FACTS;

/** The variables of templates: those below `v1`, others of cloud-init, and those of Jinja itself. */
export const { standardizedVariables, otherVariables, templateGlobals } = FACTS;

/** Returns the format of a text; undefined if it is unknown to cloud-init. */
export function cloudInitTextOf(text: string): CloudInitText | undefined {
  const plain = text.trimStart().toLowerCase();
  return CLOUD_INIT_TEXTS.find(({ begins }) => plain.startsWith(begins.toLowerCase()));
}
