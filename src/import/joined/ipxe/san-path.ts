/** What a URI of iSCSI names. */
export interface SanPath {
  readonly server: string;
  /** Undefined for 3260, where the URI does not say it. */
  readonly port: number | undefined;
  readonly lun: number;
  readonly target: string;
}

/**
 * Reads `iscsi:<server>:<protocol>:<port>:<LUN>:<target>`: what is left empty is TCP, 3260 and 0; a LUN is hexadecimal, in up
 * to four pieces of which a disk of a usual target has the first alone. Gives undefined for what is none.
 * Source: iPXE, src/net/tcp/iscsi.c (iscsi_parse_root_path), src/drivers/block/scsi.c (scsi_parse_lun).
 */
export function readSanPath(uri: string): SanPath | undefined {
  const [, server = '', port = '', lunText = '', target = ''] =
    /^iscsi:(?:\/\/)?(\[[^\]]*\]|[^:[\]]*):[^:]*:([^:]*):([^:]*):(.+)$/i.exec(uri) ?? [];
  const pieces = lunText.split('-');
  const [first = ''] = pieces;
  const isDisk =
    pieces.length <= 4 &&
    pieces.every((piece) => /^[0-9a-f]{0,4}$/i.test(piece)) &&
    pieces.slice(1).every((piece) => /^0*$/.test(piece));
  if (server === '' || target === '' || !isDisk || !/^\d{0,5}$/.test(port)) return undefined;
  return {
    server,
    port: Number(port) === 0 ? undefined : Number(port),
    lun: first === '' ? 0 : Number.parseInt(first, 16),
    target,
  };
}
