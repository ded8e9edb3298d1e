import { posix } from 'node:path';
import {
  availability,
  configSchema,
  follow,
  hasNoEffect,
  pathsOfOtherMode,
  replacementKey,
  type WrittenKey,
} from '../knowledge/config-schema.ts';
import {
  decodeFile,
  parseJsonMap,
  type TemplateFault,
  templateFault,
  WEBHOOK_NAMES,
} from '../knowledge/config-values.ts';
import type { ConfigSchema } from '../knowledge/schemas.ts';
import { type ReleaseKey, releaseKeys } from '../site/effective.ts';
import type { Node } from '../site/model.ts';
import { keyLocationOf, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { nearest } from '../values/text.ts';
import { isAtLeast } from '../values/version.ts';
import { error, type Finding, type Report, type Rule, warning } from './rule.ts';
import { nodesWhose, repeats } from './support.ts';

/** Returns a check of each key that configurations write. What is found of keys that nodes share is found once, and reported of each. */
function perKey(check: (key: ReleaseKey, report: Report) => void): Rule['check'] {
  return (site, report) => {
    const findingsIn = onceFor((keys: readonly ReleaseKey[]) => {
      const findings: Finding[] = [];
      for (const key of keys) check(key, (finding) => findings.push(finding));
      return findings;
    });
    for (const { node, keys } of releaseKeys(site))
      for (const finding of findingsIn(keys)) report({ node, ...finding });
  };
}

export const internalKey = warning('internal-key', {
  what: "A configuration leaves alone what is the installer's own.",
  why: 'The versions of what a release is made of are built into it: a node that is told others looks for images that the ISO does not carry.',
  check: perKey(({ path, key, holder, schema, available }, report) => {
    if (available !== 'present' || !schema['x-internal']) return;
    report({
      message: `${path} is the installer's own. ${schema['x-internal']}`,
      at: keyLocationOf(holder, key),
      help: 'remove it',
    });
  }),
});

export const keyGone = error('key-gone', {
  what: 'No key of a configuration is one that the release has no longer.',
  why: 'The installer drops a key that it once had without a word: what it was for does not happen.',
  check: perKey((written, report) => {
    const { release, path, key, holder, schema, available } = written;
    if (available !== 'gone') return;
    const until = schema['x-until'];
    report({
      message: until
        ? `${until} was the last Harvester release with ${path}: ${release.text} drops it without a word.`
        : `Harvester ${release.text} is a release without ${path}: it drops it without a word.`,
      at: keyLocationOf(holder, key),
      help: helpInstead(written) ?? 'remove it',
    });
  }),
});

function helpInstead({ release, schema, parent }: ReleaseKey): string | undefined {
  const other = replacementKey(schema, parent, release);
  return other && `use ${other}, which ${release.text} has: ${schema['x-instead-how']}`;
}

/** A system setting, where the installer does not drop what it does not know, but stops at it. */
const SETTING = /^system_settings\.[^.]+$/;

export const keyTooNew = error('key-too-new', {
  what: 'Every key of a configuration exists in the release that reads it.',
  why: 'The installer drops a key that came later without a word, and stops at such a system setting (harvester/harvester#6329).',
  check: perKey((written, report) => {
    const { release, path, key, holder, schema, available } = written;
    if (available !== 'too-new') return;
    const since = schema['x-since'];
    report({
      message: `${path} came with Harvester ${since}: ${release.text} ${SETTING.test(path) ? 'stops at it' : 'drops it without a word'}.`,
      at: keyLocationOf(holder, key),
      help: helpInstead(written) ?? `remove it, or install ${since} or newer`,
    });
  }),
});

export const valueTooNew = error('value-too-new', {
  what: 'Every value of a configuration is one that the release takes.',
  why: 'A value of a form that came later cannot be loaded: the installer stops before it has read the file.',
  check: perKey((written, report) => {
    const { release, path, key, holder, schema } = written;
    const { form, since } = laterForm(written);
    if (since === undefined || isAtLeast(release, since)) return;
    report({
      message: `${path} takes ${form} from Harvester ${since} on, and ${release.text} does not.`,
      at: locationOf(holder, key),
      help: `write ${schema['x-expects'] ?? 'another value'}, or install ${since} or newer`,
    });
  }),
});

/** The form of a value that not every release takes which has the key, and the first that does. */
function laterForm({ value, schema }: WrittenKey): { form: string; since?: string | undefined } {
  const type = Array.isArray(value) ? 'array' : typeof value;
  const since = schema['x-since-types']?.[type];
  if (since) return { form: type === 'object' ? 'a map' : `a ${type}`, since };
  return type === 'string'
    ? { form: value as string, since: schema['x-since-values']?.[value as string] }
    : { form: '' };
}

type Tree = { readonly [key: string]: Tree };

export const keyOfOtherMode = error('key-of-other-mode', {
  what: 'What only a create node may have does not stand on a join node itself, nor the other way round.',
  why: 'A join node ignores these keys without a word, and with a VIP even starts DHCP for it; a create node stops at a server_url.',
  check: nodesWhose('own', (own) => Object.keys(own).length > 0).each((node, report) => {
    if (node.os !== 'harvester' || !node.mode) return;
    const { name, mode, own } = node;
    const joins = mode === 'join';
    for (const path of pathsOfOtherMode(own, mode)) {
      if (isLacking(node, path)) continue;
      const key = path.at(-1) as string;
      const above = path.slice(0, -1);
      const holder = above.reduce((map, step) => map[step] ?? map, own as Tree);
      report({
        message: joins
          ? `${path.join('.')} counts on the node that creates the cluster alone, and ${name} joins: it would be ignored.`
          : `${path.join('.')} is for nodes that join, and ${name} creates the cluster: its installer would stop.`,
        at: keyLocationOf(holder, key),
        help: joins
          ? 'move it to the create node, or to defaults, from where it reaches that node only'
          : `move it to defaults, from where it reaches the nodes that join only${key === 'server_url' ? '; or remove it: it is derived' : ''}`,
      });
    }
  }),
});

/** Whether the release lacks the key altogether: that is a fault of its own. */
function isLacking(node: Draft<Node>, path: readonly string[]): boolean {
  const release = node.cluster?.version;
  const key = path.reduce<ConfigSchema | undefined>(
    (at, step) => at?.properties?.[step] && follow(at.properties[step]),
    configSchema(),
  );
  return key !== undefined && release !== undefined && availability(key, release) !== 'present';
}

export const keyWithoutEffect = warning('key-without-effect', {
  what: 'Every key of a configuration does something.',
  why: 'Some keys are read and never used, in official examples too (`default_route`, `values_content`): what they seem to say does not happen.',
  check: perKey(({ release, path, key, holder, schema, available }, report) => {
    if (available !== 'present' || !hasNoEffect(schema, release)) return;
    report({
      message: `${path} has no effect in Harvester ${release.text}. ${schema['x-no-effect']}`,
      at: keyLocationOf(holder, key),
      help: 'remove it',
    });
  }),
});

export const groupNamedLabels = error('group-named-labels', {
  what: "Where OpenCHAMI's URLs are answered, no group is called labels.",
  why: 'SMD has the names of all groups at /hsm/v2/groups/labels: that group could not be asked for.',
  check({ server, groups = [] }, report) {
    if (!server?.compat?.includes('ochami')) return;
    for (const group of groups) {
      if (group?.name !== 'labels') continue;
      report({
        message:
          "The group labels cannot be asked for (server.compat): /hsm/v2/groups/labels has all groups' names.",
        at: locationOf(group, 'name'),
        help: 'give it another name',
      });
    }
  },
});

/** What a kubelet may give its own node of what is Kubernetes' own (KEP-279). */
const OPEN: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]);
const OPEN_PREFIX = /(^|\.)(kubelet|node)\.kubernetes\.io$/;
const OWN_PREFIX = /(^|\.)(kubernetes|k8s)\.io$/;

export const restrictedLabel = error('restricted-label', {
  what: 'Of the labels below `kubernetes.io` and `k8s.io`, a node has those alone that a kubelet may give itself.',
  why: 'The kubelet does not start with another one (Kubernetes, KEP-279): the installation ends well, and the node never joins.',
  check: nodesWhose('config', ({ os }) => os?.labels).each((node, report) => {
    const labels = node.config.os?.labels ?? {};
    for (const label of Object.keys(labels)) {
      if (!isRestricted(label)) continue;
      report({
        message: `The label ${label} is not one that a kubelet may give its node: the kubelet would not start.`,
        at: keyLocationOf(labels, label),
        help: 'use a prefix of your own, such as example.org/, or set the label with kubectl once the node has joined',
      });
    }
  }),
});

function isRestricted(label: string): boolean {
  const [prefix = ''] = label.includes('/') ? label.split('/') : [];
  return OWN_PREFIX.test(prefix) && !OPEN.has(label) && !OPEN_PREFIX.test(prefix);
}

const SECRET = /\$\{secret:[^}]*\}/g;
const ONLY_SECRET = /^\s*\$\{secret:[^}]*\}\s*$/;

export const settingNotJson = error('setting-not-json', {
  what: 'A system setting that holds a map is written as one, or as its JSON in a string.',
  why: 'Harvester reads the string as JSON and takes nothing else: the setting does not hold, and with such a containerd-registry the installer stops ("could not parse containerd-registry as JSON").',
  check: perKey(({ release, path, key, holder, value, schema, available }, report) => {
    if (available !== 'present' || !SETTING.test(path) || typeof value !== 'string') return;
    // What became a map later is still taken as the plain text that it was.
    if (![schema.type].flat().includes('object') || schema['x-since-types']?.object) return;
    // Empty is unset, but for the one setting that the installer itself parses.
    const mayBeEmpty = key !== 'containerd-registry' || !isAtLeast(release, 'v1.2.2');
    if ((value === '' && mayBeEmpty) || ONLY_SECRET.test(value)) return;
    if (parseJsonMap(value.replace(SECRET, '0')) !== undefined) return;
    report({
      message: `${path} is a string that is no JSON of a map: Harvester would not take it.`,
      at: locationOf(holder, key),
      help: `write ${schema['x-expects']}: harvgen makes the JSON of a map`,
    });
  }),
});

/** What the template engine itself turns into two braces. */
const ESCAPE = /\{\{ *`\{\{` *\}\}/g;

export const templateInValue = error('template-in-value', {
  what: 'No value of a configuration, encoded files included, holds `{{`.',
  why: 'The installed system reads its configuration through a template engine, files after their decoding: what follows `{{` is replaced by what it evaluates to (harvester/harvester#10367).',
  check: perKey(({ path, key, holder, value, available }, report) => {
    // Webhooks are the installer's, and have templates of their own: webhook-template.
    if (available !== 'present' || path.startsWith('install.webhooks')) return;
    const find = (what: string, at: SourceLocation) =>
      report({
        message: `${what}: the installed system takes it for a template, and replaces what follows.`,
        at,
        help: 'write {{`{{`}} where {{ is meant; silence the rule where the template is meant',
      });
    if (opensTemplate(key)) find(`The name ${path} holds {{`, keyLocationOf(holder, key));
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries())
        if (opensTemplate(item)) find(`${path}[${index}] holds {{`, locationOf(value, index));
    } else if (opensTemplate(value)) find(`${path} holds {{`, locationOf(holder, key));
    else if (opensTemplate(decoded(path, holder)))
      find(`${path} holds {{ once it is decoded`, locationOf(holder, key));
  }),
});

function decoded(path: string, { content, encoding }: ReleaseKey['holder']): string | undefined {
  if (!/^os\.write_files\[\d+\]\.content$/.test(path)) return undefined;
  if (typeof content !== 'string' || typeof encoding !== 'string') return undefined;
  const file = decodeFile(content, encoding);
  return 'bytes' in file ? file.bytes.toString('latin1') : undefined;
}

/** Says whether a value is a text in which a template begins, by more than the escape of two braces. */
export function opensTemplate(value: unknown): boolean {
  return typeof value === 'string' && value.replace(ESCAPE, '').includes('{{');
}

const TEMPLATE = /^install\.webhooks\[\d+\]\.(url|payload)$/;
const HEADER = /^install\.webhooks\[\d+\]\.headers\../;

export const webhookTemplate = error('webhook-template', {
  what: 'The templates of a webhook, its `url` and `payload`, can be read and ask for `Hostname`, `MACAddr`, `IPAddrV4` or `IPAddrV6`.',
  why: 'With one template that cannot be read the installer sends no webhook at all, and installs on; a name that it does not know is left empty, without a word.',
  check: perKey(({ path, key, holder, value, available }, report) => {
    if (available !== 'present') return;
    if (TEMPLATE.test(path) && typeof value === 'string') {
      const fault = templateFault(value);
      if (fault) report({ ...wording(path, fault), at: locationOf(holder, key) });
    }
    if (!HEADER.test(path) || !Array.isArray(value)) return;
    for (const [index, item] of value.entries()) {
      if (typeof item !== 'string' || !item.includes('{{')) continue;
      report({
        message: `${path}[${index}] holds {{, and headers are not templates: it is sent as it is.`,
        at: locationOf(value, index),
        help: 'move it to url or payload, which are',
      });
    }
  }),
});

function wording(path: string, fault: TemplateFault): { message: string; help: string } {
  if ('unknown' in fault) {
    const meant = nearest(fault.unknown, WEBHOOK_NAMES);
    return {
      message: `${path} asks for {{.${fault.unknown}}}, which the installer does not know: it puts nothing there.`,
      help: meant ? `write {{.${meant}}}` : `it knows ${WEBHOOK_NAMES.join(', ')}`,
    };
  }
  return {
    message: `${path} is a template that cannot be read (${fault.unreadable}): the installer would send no webhook at all.`,
    help: 'write it as in {{.Hostname}}',
  };
}

/** Nodes that are to have files of `os.write_files`. */
const writing = nodesWhose('userConfig', ({ os }) => os?.write_files);

export const undecodableFile = error('undecodable-file', {
  what: 'The content of every file in `os.write_files` is of the encoding that its entry says.',
  why: 'The installer does not look into it. The installed system makes the file, fails to decode what belongs into it, and leaves it empty.',
  check: writing.each((node, report) => {
    for (const entry of node.userConfig.os?.write_files ?? []) {
      const { path, content, encoding } = entry ?? {};
      if (!entry || content === undefined || encoding === undefined) continue;
      if (content.includes('${secret:')) continue;
      const decoded = decodeFile(content, encoding);
      if (!('fault' in decoded)) continue;
      report({
        message: `The content${path === undefined ? '' : ` of ${path}`} is not of the encoding ${encoding} (${decoded.fault}): the file would be left empty.`,
        at: locationOf(entry, 'content'),
        related: [{ message: 'the encoding is set at', at: locationOf(entry, 'encoding') }],
        help: encoding.startsWith('gz')
          ? 'make it with: gzip -cn FILE | base64, and encoding: gz+b64'
          : 'make it with: base64 FILE; or remove the encoding where the content is plain text',
      });
    }
  }),
});

export const writeFileTwice = error('write-file-twice', {
  what: 'No two entries of `os.write_files` write the same file.',
  why: 'The installed system writes them in their order at every boot: of the first nothing is left.',
  check: writing.each((node, report) => {
    const entries = node.userConfig.os?.write_files ?? [];
    for (const { one, first } of repeats(entries, fileOf))
      report({
        message: `os.write_files writes ${fileOf(one)} twice: what this entry holds replaces what an earlier one does.`,
        at: locationOf(one, 'path'),
        related: [{ message: 'it is written first at', at: locationOf(first, 'path') }],
        help: 'keep one of the two',
      });
  }),
});

/** The file that an entry writes; undefined where that is not known. */
function fileOf({ path }: { readonly path?: string | undefined }): string | undefined {
  return path === undefined || path.includes('${secret:') ? undefined : posix.normalize(path);
}
