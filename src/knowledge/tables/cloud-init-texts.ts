/** A kind of text that cloud-init takes as user-data or vendor-data, by its beginning, in whatever case. */
export interface CloudInitText {
  readonly begins: string;
  /** Whether it can be one of several parts: in an archive, which is the only form that holds any text, these are not followed. */
  readonly alone?: true;
}

/**
 * Every kind; the longer of two that begin alike comes first. Source: cloud-init, cloudinit/handlers/__init__.py
 * (`INCLUSION_TYPES_MAP`), cloudinit/user_data.py (`_explode_archive`, `convert_string`: MIME).
 */
export const CLOUD_INIT_TEXTS: readonly CloudInitText[] = [
  { begins: '#cloud-config-archive', alone: true },
  { begins: '#cloud-config-jsonp' },
  { begins: '#cloud-config' },
  { begins: '#cloud-boothook' },
  { begins: '#part-handler' },
  { begins: '#include-once', alone: true },
  { begins: '#include', alone: true },
  { begins: '## template: jinja' },
  { begins: '#!' },
  { begins: 'Content-Type: multipart/', alone: true },
  { begins: 'MIME-Version:', alone: true },
];

/** Gives what kind of text it is; undefined where cloud-init knows none that begins so. */
export function cloudInitTextOf(text: string): CloudInitText | undefined {
  const plain = text.trimStart().toLowerCase();
  return CLOUD_INIT_TEXTS.find(({ begins }) => plain.startsWith(begins.toLowerCase()));
}
