import { keyPlaceOf, selfPlace } from '../../../source/origin.ts';
import type { ValueMap } from '../../../source/value.ts';
import { quoteVisibly } from '../../names.ts';
import type { GatheredGroup, Said } from '../gathered.ts';
import type { Reader } from '../reader.ts';

/** Says whether an object is a group, by its keys. */
export function isGroup(map: ValueMap): boolean {
  return ['file', 'meta-data', 'data', 'description'].some((key) => Object.hasOwn(map, key));
}

/**
 * Gives a group. Its meta-data is `meta-data`, and `data` in the README of the server, which took no notice of that.
 * Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (GroupData).
 */
export function groupOf(
  map: ValueMap,
  key: Said<string> | undefined,
  reader: Reader,
): GatheredGroup | undefined {
  const name = reader.text(map, 'name') ?? key;
  reader.rest(
    map,
    ['name', 'description', 'meta-data', 'data', 'file'],
    { versions: 'git has the versions of a site' },
    'groups ',
  );
  if (!name) {
    reader.wrong('A group', 'one with a name', selfPlace(map));
    return undefined;
  }
  const metaKey = Object.hasOwn(map, 'meta-data') ? 'meta-data' : 'data';
  const metaData = reader.mapIn(map, metaKey);
  if (metaData && metaKey === 'data')
    reader.notes.add(
      'changed',
      'data',
      'the server knows it as meta-data, and took no notice of it: it is cloud_init.meta_data now, and nodes find it',
      keyPlaceOf(map, 'data'),
    );
  const file = reader.mapIn(map, 'file');
  return {
    at: selfPlace(map),
    name,
    description: reader.text(map, 'description'),
    metaData: metaData && { value: metaData, at: keyPlaceOf(map, metaKey) },
    userData: file && contentOf(file, reader),
  };
}

/** The text of a group's file, out of base64 where it stands in that. */
function contentOf(file: ValueMap, reader: Reader): Said<string> | undefined {
  reader.rest(file, ['content', 'encoding', 'filename', 'name'], {}, 'file ');
  const { content } = file;
  if (typeof content !== 'string') {
    if (content !== undefined && content !== null)
      reader.wrong('content', 'text', keyPlaceOf(file, 'content'));
    return undefined;
  }
  const at = keyPlaceOf(file, 'content');
  const encoding = reader.text(file, 'encoding')?.value ?? 'plain';
  if (content === '') return undefined;
  if (encoding !== 'base64') return { value: content, at };
  const text = decoded(content);
  if (text === undefined)
    reader.notes.add(
      'left',
      quoteVisibly('content'),
      'it is said to be base64, and is no text in it: the server would have handed nothing out',
      at,
    );
  return text === undefined ? undefined : { value: text, at };
}

function decoded(base64: string): string | undefined {
  const plain = base64.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || plain.length % 4 === 1) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(plain, 'base64'));
  } catch {
    return undefined;
  }
}
