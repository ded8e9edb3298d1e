import { gunzipSync } from 'node:zlib';

/** What an encoded file decodes to, or why it cannot be decoded. */
export type FileContent = { readonly bytes: Buffer } | { readonly fault: string };

/** Decodes the content of an entry of os.write_files as the installed system does, from any of its encodings. */
export function decodeFile(content: string, encoding: string): FileContent {
  if (/^(gz|gzip)$/.test(encoding))
    return { fault: 'compressed data is not text, and a configuration holds text alone' };
  if (!/b64|base64/.test(encoding)) return { bytes: Buffer.from(content) };
  const fault = base64Fault(content);
  if (fault) return { fault };
  const bytes = Buffer.from(content, 'base64');
  return encoding.startsWith('gz') ? unzip(bytes) : { bytes };
}

/** The installed system passes over line breaks, and over nothing else. */
function base64Fault(content: string): string | undefined {
  const text = content.replace(/[\r\n]/g, '');
  if (/[ \t]/.test(text))
    return 'it holds blanks, and base64 may hold line breaks alone: write it below content: |';
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return 'it holds characters that base64 does not have';
  return text.length % 4 === 0 ? undefined : 'its length is not a multiple of four: something is cut off';
}

function unzip(bytes: Buffer): FileContent {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { fault: 'what its base64 holds is not gzip' };
  try {
    return { bytes: gunzipSync(bytes) };
  } catch {
    return { fault: 'the gzip data that its base64 holds is damaged or cut off' };
  }
}
