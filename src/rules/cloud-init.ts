import { posix } from 'node:path';
import {
  CLOUD_CONFIG_KEYS,
  CLOUD_CONFIG_LISTS,
  CLOUD_INIT_TEXTS,
  cloudInitTextOf,
} from '../knowledge/cloud-init.ts';
import { cloudConfigFault } from '../site/cloud-config.ts';
import { cloudInitFiles, eachCloudInitPart, isFileMap, writtenFiles } from '../site/cloud-init.ts';
import type { Site } from '../site/model.ts';
import { hasLocation, keyLocationOf, locationOf } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { nearest } from '../values/text.ts';
import { BOOTED } from './boot.ts';
import { error, essential, warning } from './rule.ts';
import { perItem, perNode, repeats } from './support.ts';

export const cloudInitWithoutLinux = warning('cloud-init-without-linux', {
  what: 'A node that says something of cloud-init itself boots Linux by its kernel.',
  why: 'Harvester reads a configuration of its own, and what is on a disk, local or by iSCSI, has no kernel line that says where to ask: it would never find it.',
  check: perNode((node, report) => {
    if (!node.os || node.os === 'linux' || !hasLocation(node, 'cloudInit')) return;
    report({
      message: `${node.name} boots ${BOOTED[node.os]}, where nothing reads what is said of cloud-init.`,
      at: locationOf(node, 'cloudInit'),
      help:
        node.os === 'iscsi'
          ? 'put it onto the disk, before its image is made or once it is booted; or take cloud_init out'
          : 'give it `boot: {os: linux, …}`, or take cloud_init out',
    });
  }),
});

export const cloudInitFirstLine = error('cloud-init-first-line', {
  what: 'A text of `user_data` or `vendor_data` begins in a way that tells cloud-init what it is.',
  why: 'What begins otherwise cloud-init passes over, with a warning in a log on the machine; beside other parts it takes it for cloud-config.',
  check: perItem(eachCloudInitPart, ({ name, part, at }, report) => {
    if (typeof part !== 'string' || cloudInitTextOf(part)) return;
    report({
      message: `This text of ${name} begins in no way that cloud-init knows: it would be passed over.`,
      at,
      help: `begin it with ${CLOUD_INIT_TEXTS.map(({ begins }) => begins).join(', ')}; or write cloud-config as a map`,
    });
  }),
});

export const cloudInitTextAlone = essential('cloud-init-text-alone', {
  what: 'What cloud-init follows or takes apart itself, an include, an archive or MIME, is all that `user_data` or `vendor_data` says, and refers to no secret.',
  why: 'Several parts are handed on as a cloud-config-archive, in which cloud-init neither follows an include nor takes apart another archive. A secret is filled in within quotes, and these have none.',
  check: perItem(eachCloudInitPart, ({ name, part, at, parts }, report) => {
    if (typeof part !== 'string') return;
    const kind = cloudInitTextOf(part);
    if (!kind?.alone) return;
    if (parts.length > 1) {
      const other = name === 'user_data' ? 'vendor_data' : 'user_data';
      report({
        message: `${kind.begins} is one of several parts of ${name}, among which cloud-init does not follow it.`,
        at,
        help: `say what it stands for here, or move it to ${other}`,
      });
    } else if (part.includes('${secret:')) {
      report({
        message: `${kind.begins} is handed on as it is, and this one refers to a secret, which nothing can quote there.`,
        at,
        help: 'write cloud-config as a map, or a script, and refer to the secret there',
      });
    }
  }),
});

/** What says who a machine is, and what it is unless it is said. */
const IDENTITIES: readonly [key: string, unsaid: (site: string | undefined, name: string) => string][] = [
  ['instance-id', (site, name) => `${site}.${name}`],
  ['local-hostname', (_, name) => name],
];

export const cloudInitSharedIdentity = warning('cloud-init-shared-identity', {
  what: 'No two nodes have the same `instance-id` or `local-hostname` in the `meta_data` that cloud-init finds.',
  why: 'Machines of one host name are one to all that tell them by it, and of one instance-id to what gathers their data by it.',
  check({ name: site, nodes = [] }, report) {
    for (const [key, unsaid] of IDENTITIES) {
      const holders = nodes.flatMap((node) => {
        const { metaData } = node?.cloudInit ?? {};
        if (!node?.name || !metaData) return [];
        const said: unknown = metaData[key] ?? undefined;
        const own = unsaid(site, node.name);
        if (said === undefined) return { node, own, value: own, at: undefined };
        // What is no scalar is no identity either: it is the same where it says the same.
        const value = typeof said === 'object' ? JSON.stringify(said) : String(said);
        return { node, own, value, at: locationOf(metaData, key) };
      });
      for (const { one, first } of repeats(holders, ({ value }) => value)) {
        const at = one.at ?? first.at;
        if (!at) continue;
        const isElsewhere = one.at && first.at && locationKey(one.at) !== locationKey(first.at);
        report({
          node: one.at ? one.node : first.node,
          dedupe: true,
          message: `${first.node.name} and ${one.node.name} have the same ${key}.`,
          at,
          related: isElsewhere ? [{ message: `${first.node.name} has it at`, at: first.at }] : [],
          help: `leave it out, and each has its own: ${one.own}; or have \${node:name} in it`,
        });
      }
    }
  },
});

export const cloudConfigNotAMap = error('cloud-config-not-a-map', {
  what: 'A text of `user_data` or `vendor_data` that begins with `#cloud-config` is YAML, and a map.',
  why: 'Otherwise cloud-init drops the whole of it, with a warning in a log on the machine.',
  check: perItem(eachCloudInitPart, ({ name, part, at }, report) => {
    const fault = typeof part === 'string' ? cloudConfigFault(part) : undefined;
    if (fault === undefined) return;
    report({
      message: `This cloud-config of ${name} ${fault}: cloud-init would drop it.`,
      at,
      help: 'write it as a map instead of a text, so that each fault is said at its line',
    });
  }),
});

const KNOWN: ReadonlySet<string> = new Set(CLOUD_CONFIG_KEYS);

export const cloudConfigUnknownKey = warning('cloud-config-unknown-key', {
  what: 'A key of cloud-config is one that cloud-init knows, or begins with `x-`.',
  why: 'What it does not know cloud-init drops; newer releases say so in a log on the machine.',
  check: perItem(eachCloudInitPart, ({ name, part }, report) => {
    if (typeof part !== 'object') return;
    for (const key of Object.keys(part)) {
      if (KNOWN.has(key) || key.startsWith('x-')) continue;
      const meant = nearest(key, CLOUD_CONFIG_KEYS, 0.3);
      report({
        message: `${name} has the key ${key}, and no module of cloud-init reads it${meant ? `: did you mean ${meant}?` : '.'}`,
        at: keyLocationOf(part, key),
        help: 'see https://docs.cloud-init.io/en/latest/reference/modules.html',
      });
    }
  }),
});

export const cloudConfigNotAList = error('cloud-config-not-a-list', {
  what: '`bootcmd`, `runcmd`, `write_files`, `mounts` and `ssh_authorized_keys` of cloud-config are lists.',
  why: 'Over anything else their modules fail, or take each letter of a text for an item, with a warning in a log on the machine; and it takes the place of the lists of groups, where a list would follow them.',
  check: perItem(eachCloudInitPart, ({ name, part }, report) => {
    if (typeof part !== 'object') return;
    for (const [key, { sample }] of Object.entries(CLOUD_CONFIG_LISTS)) {
      const value = part[key];
      if (value === undefined || value === null || Array.isArray(value)) continue;
      report({
        message: `${key} of ${name} is no list: cloud-init would do nothing of it.`,
        at: locationOf(part, key),
        help: `write a list: ${key}: [${sample}]`,
      });
    }
  }),
});

export const cloudConfigListItem = error('cloud-config-list-item', {
  what: 'A command of `bootcmd` and `runcmd` of cloud-config is a text or a list of words, an entry of `mounts` a list, and a key of `ssh_authorized_keys` a text.',
  why: 'To YAML a line with a colon and a blank in it is a map. Over one such command cloud-init runs none of them, and over one such key it installs none, with a warning in a log on the machine.',
  check: perItem(eachCloudInitPart, ({ name, part }, report) => {
    if (typeof part !== 'object') return;
    for (const [key, { items }] of Object.entries(CLOUD_CONFIG_LISTS)) {
      const list: unknown = part[key];
      // cloud-config-file-path speaks of the entries of write_files.
      if (!Array.isArray(list) || items.includes('map')) continue;
      for (const { holder, index } of strange(list, items)) {
        const at = locationOf(holder, index);
        report({
          message: `This item of ${key} of ${name} is ${kindOf(holder[index]).words}, and no ${holder === list ? items.join(' or ') : 'word'}: ${effect(key, holder === list)}.`,
          at,
          help: remedy(at, holder[index], key),
        });
      }
    }
  }),
});

/** Gives the items that are not of the kinds, and the maps and lists among the words of a command. */
function* strange(list: readonly unknown[], kinds: readonly string[]) {
  for (const [index, item] of list.entries()) {
    // Nothing at all cloud-init passes over.
    if (item === null) continue;
    if (!kinds.includes(kindOf(item).kind)) yield { holder: list, index };
    else if (Array.isArray(item))
      for (const [word, value] of item.entries())
        if (typeof value === 'object' && value !== null) yield { holder: item, index: word };
  }
}

function kindOf(value: unknown): { readonly kind: string; readonly words: string } {
  if (typeof value === 'string') return { kind: 'text', words: 'a text' };
  if (Array.isArray(value)) return { kind: 'list', words: 'a list' };
  if (typeof value === 'object') return { kind: 'map', words: 'a map' };
  return { kind: typeof value, words: typeof value === 'number' ? 'a number' : 'true or false' };
}

function effect(key: string, isItem: boolean): string {
  if (!isItem) return 'cloud-init would hand on how Python writes it';
  if (key === 'mounts') return 'cloud-init would pass over it';
  return `cloud-init would ${key === 'ssh_authorized_keys' ? 'install none of the keys' : `run nothing of ${key}`}`;
}

function remedy({ source, start, end }: SourceLocation, value: unknown, key: string): string {
  const line = source.text.slice(start, end).trim();
  const isOneLine = !line.includes('\n') && !/^[[{'"&*!#]/.test(line) && line.length > 0;
  if (key === 'mounts') return `write a list of its fields: ${CLOUD_CONFIG_LISTS.mounts?.sample}`;
  if (isOneLine) return `quote the whole line: '${line.replaceAll("'", "''")}'`;
  return Array.isArray(value)
    ? 'write its words beside the others'
    : 'quote the whole line, or write it as a text below `|`';
}

export const cloudConfigFilePath = error('cloud-config-file-path', {
  what: 'An entry of `write_files` of cloud-init is a map that says the path of the file, from `/` on.',
  why: 'Without one cloud-init writes nothing, with a warning in a log on the machine, and a path without the `/` counts from wherever it was started; over an entry that is no map the whole module fails.',
  check: perItem(cloudInitFiles, ({ name, entry, at }, report) => {
    const path = isFileMap(entry) ? entry.path : undefined;
    if (typeof path !== 'string' || path === '') {
      report({
        message: `This entry of write_files of ${name} has no path: cloud-init would write it nowhere.`,
        at,
        help: 'write { path: /etc/example, content: … }',
      });
    } else if (!path.startsWith('/') && !path.startsWith('${secret:')) {
      report({
        message: `The path ${path} of write_files of ${name} does not begin with /: it counts from wherever cloud-init was started.`,
        at: locationOf(entry as { path: string }, 'path'),
        help: `write /${path}`,
      });
    }
  }),
});

/** What an entry may say. Source: cloud-init, cc_write_files.py; `source` is of 24.4 and later. */
const KEYS: readonly string[] = [
  'path',
  'content',
  'encoding',
  'owner',
  'permissions',
  'append',
  'defer',
  'source',
];

/** What cloud-init fails at where it is no text. */
const TEXTS = ['content', 'owner'] as const;

/** Source: cloud-init, cc_write_files.py (canonicalize_extraction). */
const ENCODINGS: readonly string[] = [
  '',
  'text/plain',
  'b64',
  'base64',
  'gz',
  'gzip',
  'gz+b64',
  'gz+base64',
  'gzip+b64',
  'gzip+base64',
];

export const cloudConfigFileKey = error('cloud-config-file-key', {
  what: 'An entry of `write_files` of cloud-init has keys that cloud-init reads, an encoding that it knows, and text as its content and owner.',
  why: 'What it does not know it drops, and what has an unknown encoding it writes as it stands, with a warning in a log on the machine at most; over a content that is no text it fails, and writes no file after it.',
  check: perItem(cloudInitFiles, ({ name, entry }, report) => {
    if (!isFileMap(entry)) return;
    const file = typeof entry.path === 'string' ? entry.path : 'a file';
    const find = (at: SourceLocation, what: string, help: string) =>
      report({ message: `${file} in write_files of ${name} ${what}`, at, help });
    for (const key of Object.keys(entry)) {
      if (KEYS.includes(key)) continue;
      const meant = nearest(key, KEYS);
      find(
        keyLocationOf(entry, key),
        `has the key ${key}, which cloud-init does not read${meant ? `: did you mean ${meant}?` : '.'}`,
        `there are ${KEYS.join(', ')}`,
      );
    }
    for (const key of TEXTS) {
      const value = entry[key] ?? '';
      if (typeof value === 'string') continue;
      const isTree = typeof value === 'object';
      find(
        locationOf(entry, key),
        `has as its ${key} ${isTree ? kindOf(value).words : `${value}`}, which is no text: cloud-init would fail, and write no file after it.`,
        isTree ? `write it as a text below ${key}: |` : 'write it in quotes',
      );
    }
    const encoding = entry.encoding ?? '';
    if (isEncoding(encoding)) return;
    const meant = typeof encoding === 'string' ? nearest(encoding, ENCODINGS) : undefined;
    find(
      locationOf(entry, 'encoding'),
      `has an encoding that cloud-init does not know${meant ? `: did you mean ${meant}?` : ': it would write the content as it stands.'}`,
      `there are ${ENCODINGS.filter(Boolean).join(', ')}`,
    );
  }),
});

function isEncoding(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return value.includes('${secret:') || ENCODINGS.includes(value.toLowerCase().trim());
}

export const cloudConfigFileTwice = error('cloud-config-file-twice', {
  what: 'No two entries of one list of `write_files` of cloud-config write the same file, but for one that says `append: true`.',
  why: 'They are written in their order: of the first nothing is left.',
  check(site, report) {
    const groupOf = groupsOfEntries(site);
    const seen = new Map<object, Map<string, SourceLocation>>();
    for (const { node, name, entry, at } of cloudInitFiles(site)) {
      if (!isFileMap(entry)) continue;
      const { path, append = false, defer = false } = entry;
      if (typeof path !== 'string' || path.includes('${secret:')) continue;
      const first = seen.get(node) ?? new Map<string, SourceLocation>();
      seen.set(node, first);
      const file = posix.normalize(path);
      // A node's entry may replace what a group has for others, and a deferred one what stands there until then.
      const key = JSON.stringify([name, groupOf.get(locationKey(at)), isTrue(defer), file]);
      const before = first.get(key);
      if (!before) first.set(key, locationOf(entry, 'path'));
      if (!before || isTrue(append)) continue;
      report({
        node,
        dedupe: true,
        message: `write_files of ${name} writes ${file} twice: what this entry holds replaces what an earlier one does.`,
        at: locationOf(entry, 'path'),
        related: [{ message: 'it is written first at', at: before }],
        help: 'keep one of the two, or say `append: true` of this one',
      });
    }
  },
});

/** Gives the group that says each entry, by the place of the entry; those of layers are of none. */
function groupsOfEntries({ groups = [] }: Draft<Site>): ReadonlyMap<string, string> {
  const groupOf = new Map<string, string>();
  for (const group of groups) {
    const { name, userData } = group ?? {};
    if (!group || name === undefined || userData === undefined) continue;
    // All that a text of cloud-config says stands at the place of the text.
    groupOf.set(locationKey(locationOf(group, 'userData')), name);
    const entries: unknown = typeof userData === 'object' ? userData.write_files : undefined;
    if (!Array.isArray(entries)) continue;
    for (const index of entries.keys()) groupOf.set(locationKey(locationOf(entries, index)), name);
  }
  return groupOf;
}

/** Whether cloud-init takes a value for true. Source: cloud-init, util.py (translate_bool). */
function isTrue(value: unknown): boolean {
  return value === true || /^(true|1|on|yes)$/i.test(String(value).trim());
}

/** A mode that is written in octal digits, without a sign that these are octal. */
const OCTAL_DIGITS = /^0?[0-7]{3,4}$/;

/** What Python reads as a number by base 8, as cloud-init has it do; or a secret, which may be one. */
const OCTAL_TEXT = /^\s*(0[oO])?[0-7]+\s*$|\$\{secret:/;

export const cloudConfigPermissions = error('cloud-config-permissions', {
  what: 'The permissions of a file in `write_files` of cloud-config are a text of octal digits, or a number that begins with `0o`.',
  why: 'An inventory is YAML 1.2, in which 0644 is the number 644: cloud-init would take that for the mode 01204. Of a text that is no number it makes 0644, which all may read.',
  check: perItem(writtenFiles, ({ node, entry }, report) => {
    const { permissions } = entry as { readonly permissions?: unknown };
    if (!node.cloudInit || permissions === undefined || permissions === null) return;
    const at = locationOf(entry as { permissions: unknown }, 'permissions');
    const text = at.source.text.slice(at.start, at.end);
    const whose = `The permissions of ${entry.path ?? 'this file'} are`;
    if (typeof permissions === 'number') {
      if (!OCTAL_DIGITS.test(text)) return;
      report({
        message: `${whose} the number ${permissions}, which is the mode 0${permissions.toString(8)}.`,
        at,
        help: `write '${text.startsWith('0') ? text : `0${text}`}', in quotes`,
      });
    } else if (typeof permissions !== 'string' || !OCTAL_TEXT.test(permissions))
      report({
        message: `${whose} no octal digits: cloud-init would make it 0644, for all to read.`,
        at,
        help: "write '0600', in quotes",
      });
  }),
});
