import { parseDocument } from 'yaml';
import { located, type Place, setPlace } from '../origin.ts';

/** How a text begins that cloud-init reads as cloud-config, and not as an archive of several or as JSON patches. */
const CLOUD_CONFIG = /^#cloud-config(?!-)/;

/** Says whether a text is cloud-config by its beginning. */
export function isCloudConfig(text: string): boolean {
  return CLOUD_CONFIG.test(text);
}

/**
 * Reads the text of a cloud-config as cloud-init does, by YAML 1.1: a map, or nothing but comments. All values have the
 * place of the text. Gives undefined for what is no such map, or holds what a map of the inventory cannot: dates, bytes.
 */
export function readCloudConfig(text: string, at: Place): Readonly<Record<string, unknown>> | undefined {
  const document = parseDocument(text, { version: '1.1', logLevel: 'silent', prettyErrors: false });
  if (document.errors.length > 0) return undefined;
  const value: unknown = document.toJS() ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  return placed(value, at) as Readonly<Record<string, unknown>> | undefined;
}

/** Gives a value with a place for all that is in it; undefined where that is not plain. */
function placed(value: unknown, at: Place): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? undefined : value;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const result: Record<string, unknown> | unknown[] = located(
    Array.isArray(value) ? [] : Object.create(null),
    at,
  );
  for (const [key, item] of Object.entries(value)) {
    const inner = placed(item, at);
    if (inner === undefined) return undefined;
    setPlace(result, key, at);
    (result as Record<string, unknown>)[key] = inner;
  }
  return result;
}
