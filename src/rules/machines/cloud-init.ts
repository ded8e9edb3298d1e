import { posix } from 'node:path';
import {
  CLOUD_CONFIG_KEYS,
  CLOUD_CONFIG_LISTS,
  CLOUD_INIT_TEXTS,
  cloudInitTextOf,
  FILE_ENCODINGS,
  FILE_KEYS,
} from '../../knowledge/cloud-init.ts';
import { BOOTED } from '../../site/boot-keys.ts';
import { cloudConfigError } from '../../site/cloud-config.ts';
import { cloudInitFiles, eachCloudInitPart, writtenFiles } from '../../site/cloud-init.ts';
import type { Site } from '../../site/model.ts';
import { hasLocation, isValueMap, keyLocationOf, locationOf } from '../../source/origin.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import { removeAt, replaceValue, safeFix, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { nearest } from '../../values/text.ts';
import { error, essential, per, repeats, warning } from '../rule.ts';

/** Keys that identify a machine, with their defaults. */
const IDENTITIES: readonly [key: string, byDefault: (site: string | undefined, name: string) => string][] = [
  ['instance-id', (site, name) => `${site}.${name}`],
  ['local-hostname', (_, name) => name],
];

const TEXTS = ['content', 'owner'] as const;

/** The keys of cloud-config that set the host name, the first one first. Source: cloud-init, util.py (get_hostname_fqdn). */
const HOSTNAMES = ['hostname', 'fqdn'] as const;

const isLabel = (label: string): boolean => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label);

/** Yields the host names in parts of user-data, without those that are secrets. */
function* hostnamesIn(parts: readonly unknown[] = []) {
  for (const part of parts.filter(isValueMap))
    for (const key of HOSTNAMES) {
      const value = part[key] ?? undefined;
      if (value !== undefined && !(typeof value === 'string' && value.includes('${secret:')))
        yield { key, value, at: locationOf(part, key) };
    }
}

/** A mode in octal digits, without an octal prefix. */
const OCTAL_DIGITS = /^0?[0-7]{3,4}$/;

/** A text that Python reads as a number in base 8, as cloud-init does; or a secret, which may be one. */
const OCTAL_TEXT = /^\s*(0[oO])?[0-7]+\s*$|\$\{secret:/;

export const cloudInitRules = [
  warning('cloud-init-without-linux', {
    what: 'A node that sets `cloud_init` must not boot Harvester.',
    why: 'Harvester reads its own configuration, and never requests cloud-init data.',
  }).check(per.node, (node, report) => {
    if (node.os !== 'harvester' || !hasLocation(node, 'cloudInit')) return;
    report(locationOf(node, 'cloudInit'), {
      message: `${node.name} sets cloud_init but boots ${BOOTED[node.os]}: nothing there reads it.`,
      help: 'add `boot: {os: linux, …}`, or remove cloud_init',
    });
  }),
  error('cloud-init-first-line', {
    what: 'A text of `user_data` or `vendor_data` must have a first line that cloud-init recognizes.',
    why: 'On the machine, cloud-init ignores other texts and logs a warning; next to other parts, it reads them as cloud-config.',
  }).check(per.item(eachCloudInitPart), ({ name, part, at }, report) => {
    if (typeof part !== 'string' || cloudInitTextOf(part)) return;
    report(at, {
      message: `This text of ${name} has no first line that cloud-init recognizes: cloud-init ignores it.`,
      help: `begin it with ${CLOUD_INIT_TEXTS.map(({ begins }) => begins).join(', ')}; or write cloud-config as a map`,
    });
  }),
  essential('cloud-init-text-alone', {
    what: 'An include, an archive or MIME must be the only part of `user_data` or `vendor_data`, and refer to no secret.',
    why: 'Several parts are joined in a cloud-config-archive, in which cloud-init neither follows an include nor unpacks another archive. Secrets are substituted within quotes, which these formats lack.',
  }).check(per.item(eachCloudInitPart), ({ name, part, at, parts }, report) => {
    if (typeof part !== 'string') return;
    const format = cloudInitTextOf(part);
    if (!format?.alone) return;
    if (parts.length > 1) {
      const other = name === 'user_data' ? 'vendor_data' : 'user_data';
      report(at, {
        message: `${format.begins} is one of several parts of ${name}: cloud-init does not process it there.`,
        help: `replace it with its content, or move it to ${other}`,
      });
    } else if (part.includes('${secret:'))
      report(at, {
        message: `${format.begins} is passed on unchanged, but this text refers to a secret: nothing can quote the secret there.`,
        help: 'write cloud-config as a map, or a script, and refer to the secret in it',
      });
  }),
  error('cloud-init-hostname', {
    what: 'A `hostname` or `fqdn` in `user_data` must consist of letters, digits and hyphens, a `fqdn` also of dots.',
    why: 'The machine keeps the name of its image if systemd rejects the name; otherwise, DNS and Kubernetes reject it.',
  }).check(per.itemOnce(eachCloudInitPart), ({ name, part }, report) => {
    for (const { key, value, at } of hostnamesIn([part])) {
      if (typeof value === 'string' && value.length <= 253 && value.split('.').every(isLabel)) continue;
      report(at, {
        message: `${key} of ${name} cannot be ${typeof value === 'object' ? typeOf(value).words : `"${value}"`}: it is not a host name.`,
        help: `write letters, digits and hyphens, or remove ${key} to get the name of the node`,
      });
    }
  }),
  warning('cloud-init-shared-identity', {
    what: 'Nodes must not share an `instance-id` or `local-hostname` in their `meta_data`, or a `hostname` or `fqdn` in their `user_data`.',
    why: 'Services that identify machines by host name, or collect their data by instance-id, treat these machines as one.',
  }).check(({ name: site, nodes = [] }, report) => {
    for (const [key, byDefault] of IDENTITIES) {
      const holders = nodes.flatMap((node) => {
        const { metaData } = node?.cloudInit ?? {};
        if (!node?.name || (!metaData && key === 'instance-id')) return [];
        const own = byDefault(site, node.name);
        const [inUserData] = key === 'instance-id' ? [] : hostnamesIn(node.cloudInit?.userData);
        const set: unknown = inUserData ? inUserData.value : (metaData?.[key] ?? undefined);
        if (set === undefined || !metaData) return { node, key, own, value: own, at: undefined };
        // A map or list is invalid here; it is compared by its content.
        const text = typeof set === 'object' ? JSON.stringify(set) : String(set);
        const value = inUserData ? (text.split('.')[0] as string) : text;
        return {
          node,
          own,
          value,
          ...(inUserData
            ? { key: inUserData.key, at: inUserData.at }
            : { key, at: locationOf(metaData, key) }),
        };
      });
      for (const { later, first } of repeats(holders, ({ value }) => value)) {
        const at = later.at ?? first.at;
        if (!at) continue;
        const isElsewhere = later.at && first.at && locationKey(later.at) !== locationKey(first.at);
        report(at, {
          node: later.at ? later.node : first.node,
          dedupe: true,
          message: `${first.node.name} and ${later.node.name} have the same ${later.at ? later.key : first.key}: services treat them as one machine.`,
          related: isElsewhere ? [{ message: `${first.node.name} sets it at`, at: first.at }] : [],
          fix: suggestedFix(removeAt(at)),
          help: `remove it to get the default, ${later.own}; or include \${node:name} in the value`,
        });
      }
    }
  }),
  error('cloud-config-not-a-map', {
    what: 'A text of `user_data` or `vendor_data` that begins with `#cloud-config` must be a YAML map.',
    why: 'Otherwise, cloud-init drops the whole text and logs a warning on the machine.',
  }).check(per.item(eachCloudInitPart), ({ name, part, at }, report) => {
    const error = typeof part === 'string' ? cloudConfigError(part) : undefined;
    if (error === undefined) return;
    report(at, {
      message: `This cloud-config of ${name} ${error}: cloud-init drops it.`,
      help: 'write it as a map instead of a text, so that each error is reported at its line',
    });
  }),
  warning('cloud-config-unknown-key', {
    what: 'A key of cloud-config must be known to cloud-init or begin with `x-`.',
    why: 'On the machine, cloud-init drops unknown keys; newer releases report them in a log.',
  }).check(per.item(eachCloudInitPart), ({ name, part }, report) => {
    if (typeof part !== 'object') return;
    for (const key of Object.keys(part)) {
      if (CLOUD_CONFIG_KEYS.includes(key) || key.startsWith('x-')) continue;
      const likely = nearest(key, CLOUD_CONFIG_KEYS, 0.3);
      report(keyLocationOf(part, key), {
        message: `${name} has the key ${key}, which no module of cloud-init reads${likely ? `: did you mean ${likely}?` : '.'}`,
        help: 'see https://docs.cloud-init.io/en/latest/reference/modules.html',
      });
    }
  }),
  error('cloud-config-not-a-list', {
    what: '`bootcmd`, `runcmd`, `write_files`, `mounts` and `ssh_authorized_keys` of cloud-config must be lists.',
    why: 'For any other value, their modules fail or read each letter of a text as an item, and log a warning on the machine. The value also replaces the lists of groups instead of extending them.',
  }).check(per.item(eachCloudInitPart), ({ name, part }, report) => {
    if (typeof part !== 'object') return;
    for (const [key, { sample }] of Object.entries(CLOUD_CONFIG_LISTS)) {
      const value = part[key];
      if (value === undefined || value === null || Array.isArray(value)) continue;
      report(locationOf(part, key), {
        message: `${key} of ${name} is not a list: cloud-init ignores it.`,
        help: `write a list: ${key}: [${sample}]`,
      });
    }
  }),
  error('cloud-config-list-item', {
    what: 'In cloud-config, each `bootcmd` and `runcmd` item must be a text or word list, `mounts` a list, `ssh_authorized_keys` a text.',
    why: 'YAML reads a line with a colon and a blank as a map. One such command or key makes cloud-init skip all commands or keys of the list, with a warning in a log on the machine.',
  }).check(per.item(eachCloudInitPart), ({ name, part }, report) => {
    if (typeof part !== 'object') return;
    for (const [key, { items }] of Object.entries(CLOUD_CONFIG_LISTS)) {
      const list: unknown = part[key];
      // cloud-config-file-path checks the entries of write_files.
      if (!Array.isArray(list) || items.includes('map')) continue;
      for (const { holder, index } of invalidItems(list, items)) {
        const at = locationOf(holder, index);
        report(at, {
          message: `This item of ${key} of ${name} is ${typeOf(holder[index]).words}, not a ${holder === list ? items.join(' or ') : 'word'}: ${effect(key, holder === list)}.`,
          help: remedy(at, holder[index], key),
        });
      }
    }
  }),
  error('cloud-config-file-path', {
    what: 'An entry of `write_files` of cloud-init must be a map with the absolute path of the file.',
    why: 'Without a path, cloud-init writes nothing and logs a warning on the machine; a relative path depends on the directory that cloud-init started in. If an entry is not a map, the whole module fails.',
  }).check(per.item(cloudInitFiles), ({ name, entry, at }, report) => {
    const path = isValueMap(entry) ? entry.path : undefined;
    if (typeof path !== 'string' || path === '')
      report(at, {
        message: `This entry of write_files of ${name} has no path: cloud-init does not write it.`,
        help: 'write { path: /etc/example, content: … }',
      });
    else if (!path.startsWith('/') && !path.startsWith('${secret:'))
      report(locationOf(entry as { path: string }, 'path'), {
        message: `The path ${path} of write_files of ${name} does not begin with /: it depends on the directory that cloud-init started in.`,
        fix: suggestedFix(setKey(entry as object, 'path', `/${path}`)),
        help: `write /${path}`,
      });
  }),
  error('cloud-config-file-key', {
    what: 'An entry of `write_files` must have keys and an encoding known to cloud-init, and texts as its content and owner.',
    why: 'On the machine, cloud-init drops unknown keys and writes content with an unknown encoding unchanged, with at most a warning in a log. If the content is not a text, it fails and writes no later file.',
  }).check(per.item(cloudInitFiles), ({ name, entry }, report) => {
    if (!isValueMap(entry)) return;
    const file = typeof entry.path === 'string' ? entry.path : 'a file';
    const find = (at: SourceLocation, what: string, help: string) =>
      report(at, { message: `${file} in write_files of ${name} ${what}`, help });
    for (const key of Object.keys(entry)) {
      if (FILE_KEYS.includes(key)) continue;
      const likely = nearest(key, FILE_KEYS);
      find(
        keyLocationOf(entry, key),
        `has the key ${key}, which cloud-init does not read${likely ? `: did you mean ${likely}?` : '.'}`,
        `use one of ${FILE_KEYS.join(', ')}`,
      );
    }
    for (const key of TEXTS) {
      const value = entry[key] ?? '';
      if (typeof value === 'string') continue;
      const isObject = typeof value === 'object';
      find(
        locationOf(entry, key),
        `has ${isObject ? typeOf(value).words : `${value}`} as its ${key}, not a text: cloud-init fails and writes no later file.`,
        isObject ? `write it as a text below ${key}: |` : 'write it in quotes',
      );
    }
    const encoding = entry.encoding ?? '';
    if (isEncoding(encoding)) return;
    const likely = typeof encoding === 'string' ? nearest(encoding, ['', ...FILE_ENCODINGS]) : undefined;
    find(
      locationOf(entry, 'encoding'),
      `has an unknown encoding${likely ? `: did you mean ${likely}?` : ': cloud-init writes the content unchanged.'}`,
      `use one of ${FILE_ENCODINGS.join(', ')}`,
    );
  }),
  error('cloud-config-file-twice', {
    what: 'Entries of one `write_files` list must not write the same file, unless the later one has `append: true`.',
    why: 'The entries are written in order: the later one replaces the earlier one.',
  }).check((site, report) => {
    const groupOf = groupsOfEntries(site);
    const seen = new Map<object, Map<string, SourceLocation>>();
    for (const { node, name, entry, at } of cloudInitFiles(site)) {
      if (!isValueMap(entry)) continue;
      const { path, append = false, defer = false } = entry;
      if (typeof path !== 'string' || path.includes('${secret:')) continue;
      const first = seen.get(node) ?? new Map<string, SourceLocation>();
      seen.set(node, first);
      const file = posix.normalize(path);
      // A node's entry may replace a group's entry, and a deferred entry may replace the file of an earlier entry.
      const key = JSON.stringify([name, groupOf.get(locationKey(at)), isTrue(defer), file]);
      const before = first.get(key);
      if (!before) first.set(key, locationOf(entry, 'path'));
      if (!before || isTrue(append)) continue;
      report(locationOf(entry, 'path'), {
        node,
        dedupe: true,
        message: `write_files of ${name} writes ${file} twice: this entry replaces the content of an earlier one.`,
        related: [{ message: 'it is first written at', at: before }],
        fix: suggestedFix(setKey(entry, 'append', true)),
        help: 'keep one of the two, or add `append: true` to this one',
      });
    }
  }),
  error('cloud-config-permissions', {
    what: 'The permissions in `write_files` of cloud-config must be a text of octal digits or a number that begins with `0o`.',
    why: 'An inventory is YAML 1.2, where 0644 is the number 644, which cloud-init reads as the mode 01204. It replaces a text that is not a number with 0644, which all users can read.',
  }).check(per.item(writtenFiles), ({ node, entry }, report) => {
    const { permissions } = entry as { readonly permissions?: unknown };
    if (!node.cloudInit || permissions === undefined || permissions === null) return;
    const at = locationOf(entry as { permissions: unknown }, 'permissions');
    const text = at.source.text.slice(at.start, at.end);
    const subject = `The permissions of ${entry.path ?? 'this file'} are`;
    if (typeof permissions === 'number') {
      if (!OCTAL_DIGITS.test(text)) return;
      report(at, {
        message: `${subject} the number ${permissions}: cloud-init reads it as the mode 0${permissions.toString(8)}.`,
        fix: safeFix(replaceValue(at, text.startsWith('0') ? text : `0${text}`)),
        help: `write '${text.startsWith('0') ? text : `0${text}`}', in quotes`,
      });
    } else if (typeof permissions !== 'string' || !OCTAL_TEXT.test(permissions))
      report(at, {
        message: `${subject} not octal digits: cloud-init sets 0644, which all users can read.`,
        help: "write '0600', in quotes",
      });
  }),
];

/** Yields the items of other types, and the maps and lists among the words of a command. cloud-init ignores null. */
function* invalidItems(list: readonly unknown[], types: readonly string[]) {
  for (const [index, item] of list.entries())
    if (item !== null && !types.includes(typeOf(item).type)) yield { holder: list, index };
    else if (Array.isArray(item))
      for (const [word, value] of item.entries())
        if (typeof value === 'object' && value !== null) yield { holder: item, index: word };
}

function typeOf(value: unknown): { readonly type: string; readonly words: string } {
  if (typeof value === 'string') return { type: 'text', words: 'a text' };
  if (Array.isArray(value)) return { type: 'list', words: 'a list' };
  if (typeof value === 'object') return { type: 'map', words: 'a map' };
  return { type: typeof value, words: typeof value === 'number' ? 'a number' : 'true or false' };
}

function effect(key: string, isItem: boolean): string {
  if (!isItem) return 'cloud-init passes on its Python representation';
  if (key === 'mounts') return 'cloud-init ignores it';
  return `cloud-init ${key === 'ssh_authorized_keys' ? 'installs none of the keys' : `runs nothing of ${key}`}`;
}

function remedy({ source, start, end }: SourceLocation, value: unknown, key: string): string {
  const line = source.text.slice(start, end).trim();
  const isOneLine = !line.includes('\n') && !/^[[{'"&*!#]/.test(line) && line.length > 0;
  if (key === 'mounts') return `write a list of its fields: ${CLOUD_CONFIG_LISTS.mounts?.sample}`;
  if (isOneLine) return `quote the whole line: '${line.replaceAll("'", "''")}'`;
  return Array.isArray(value)
    ? 'move its words up, next to the others'
    : 'quote the whole line, or write it as a text below `|`';
}

function isEncoding(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const encoding = value.toLowerCase().trim();
  return encoding === '' || value.includes('${secret:') || FILE_ENCODINGS.includes(encoding);
}

/** Returns the group of each entry, by the entry's location; entries of layers have no group. */
function groupsOfEntries({ groups = [] }: Draft<Site>): ReadonlyMap<string, string> {
  const groupOf = new Map<string, string>();
  for (const group of groups) {
    const { name, userData } = group ?? {};
    if (!group || name === undefined || userData === undefined) continue;
    // All entries of a cloud-config text have the location of the text.
    groupOf.set(locationKey(locationOf(group, 'userData')), name);
    const entries: unknown = typeof userData === 'object' ? userData.write_files : undefined;
    if (!Array.isArray(entries)) continue;
    for (const index of entries.keys()) groupOf.set(locationKey(locationOf(entries, index)), name);
  }
  return groupOf;
}

/** Whether cloud-init reads a value as true. Source: cloud-init, util.py (translate_bool). */
function isTrue(value: unknown): boolean {
  return (
    value === true || value === 1 || (typeof value === 'string' && /^(true|1|on|yes)$/i.test(value.trim()))
  );
}
