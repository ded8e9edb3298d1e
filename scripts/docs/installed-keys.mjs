// docs/reference/installed-keys.md, from src/knowledge/installed-keys.ts.
import { installedKeys as allKeys, REACH_WORDS } from '../../src/knowledge/installed-keys.ts';
import { cell, code, table } from './page.mjs';

/** Returns the generated part of the page: a row for each key, or for keys that differ in nothing else. */
export function installedKeys() {
  const groups = new Map();
  for (const { key, ...row } of allKeys().values()) {
    const name =
      row.how === `Setting ${key.replace('system_settings.', '')}` ? { ...row, how: 'the Setting' } : row;
    const id = JSON.stringify(name);
    groups.set(id, [...(groups.get(id) ?? []), key]);
  }
  const rows = [...groups].map(([id, keys]) => {
    const { reach, since, how, effect, removed = '', source } = JSON.parse(id);
    const when = `${REACH_WORDS[reach]}${since ? `, from ${since}` : ''}`;
    return [
      keys.map(code).join(', '),
      when,
      cell([how, effect].filter(Boolean).join('; ')),
      cell(removed),
      cell(source),
    ];
  });
  return table(
    ['Key', 'A change reaches an installed node', 'By', 'After the key is removed', 'Source'],
    rows,
  );
}
