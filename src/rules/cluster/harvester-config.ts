import { posix } from 'node:path';
import {
  availability,
  configSchema,
  follow,
  hasNoEffect,
  pathsOfOtherMode,
  replacementKey,
  type WrittenKey,
} from '../../knowledge/config-schema.ts';
import { breaksFiles, isTrimmed, needsBase64, typeInYaml } from '../../knowledge/config-texts.ts';
import { decodeFile, parseJsonMap } from '../../knowledge/config-values.ts';
import { FIRST_RELEASE_WITH_FQDN } from '../../knowledge/harvester.ts';
import { installedKey } from '../../knowledge/installed-keys.ts';
import type { ConfigSchema } from '../../knowledge/schemas.ts';
import { WEBHOOK_NAMES, webhookTemplateFault } from '../../knowledge/webhook-template.ts';
import { effective, type ReleaseKey, releaseKeys } from '../../site/effective.ts';
import type { Node } from '../../site/model.ts';
import type { Fix } from '../../source/diagnostics/report.ts';
import { keyLocationOf, locationOf } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import {
  removeKey,
  renameKey,
  replaceValue,
  replaceWord,
  safeFix,
  suggestedFix,
} from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { onceFor } from '../../values/once-for.ts';
import { nearest } from '../../values/text.ts';
import { isAtLeast } from '../../values/version.ts';
import {
  error,
  type LocatedFinding,
  nodesSince,
  nodesWith,
  type Report,
  type Rule,
  repeats,
  warning,
} from '../rule.ts';

/** Returns a check of each key in configurations. Checks keys that nodes share once, and reports their findings for each node. */
export function perKey(check: (key: ReleaseKey, report: Report) => void): Rule['check'] {
  return (site, report) => {
    const findingsIn = onceFor((keys: readonly ReleaseKey[]) => {
      const findings: LocatedFinding[] = [];
      for (const key of keys) check(key, (at, finding) => findings.push({ at, ...finding }));
      return findings;
    });
    for (const { node, keys } of releaseKeys(site))
      for (const { at, ...finding } of findingsIn(keys)) report(at, { node, ...finding });
  };
}

/** A system setting: the installer stops at an unknown one instead of dropping it. */
const SETTING = /^system_settings\.[^.]+$/;

/** The labels with a prefix of Kubernetes that a kubelet may set on its own node (KEP-279). */
const OPEN = [
  /^(kubernetes\.io\/(hostname|os|arch)|beta\.kubernetes\.io\/(os|arch|instance-type))$/,
  /^(topology|failure-domain\.beta)\.kubernetes\.io\/(zone|region)$/,
  /^([^/]*\.)?(kubelet|node)\.kubernetes\.io\//,
];

/** The escape that the template engine replaces with two braces. */
const ESCAPE = /\{\{ *`\{\{` *\}\}/g;
const writing = nodesWith('userConfig', ({ os }) => os?.write_files);

export const harvesterConfigRules = [
  warning('internal-key', {
    what: 'A configuration must not set internal keys of the installer.',
    why: 'The versions of its components are built into a release: with other versions, a node looks for images that are not on the ISO.',
  }).check(perKey, ({ path, key, holder, schema, available }, report) => {
    if (available !== 'present' || !schema['x-internal']) return;
    report(keyLocationOf(holder, key), {
      message: `${path} is internal to the installer. ${schema['x-internal']}`,
      fix: safeFix(removeKey(holder, key)),
      help: `remove ${path}`,
    });
  }),
  error('key-gone', {
    tag: 'deprecated',
    what: 'A configuration must not have keys that were removed from the release.',
    why: 'The installer silently drops a removed key: the setting has no effect.',
  }).check(perKey, (written, report) => {
    const { release, path, key, holder, schema, available } = written;
    if (available !== 'gone') return;
    const until = schema['x-until'];
    report(keyLocationOf(holder, key), {
      message: until
        ? `${until} was the last Harvester release with ${path}: ${release.text} silently drops it.`
        : `Harvester ${release.text} has no ${path}: it silently drops the key.`,
      fix: replacementHelp(written) ? replacementFix(written) : safeFix(removeKey(holder, key)),
      help: replacementHelp(written) ?? `remove ${path}`,
    });
  }),
  error('key-too-new', {
    what: 'Every key of a configuration must exist in the release that reads it.',
    why: 'The installer silently drops a key of a newer release, and stops at a system setting of a newer release (harvester/harvester#6329).',
  }).check(perKey, (written, report) => {
    const { release, path, key, holder, schema, available } = written;
    if (available !== 'too-new') return;
    const since = schema['x-since'];
    report(keyLocationOf(holder, key), {
      message: `${path} came with Harvester ${since}: ${release.text} ${SETTING.test(path) ? 'stops at it' : 'silently drops it'}.`,
      fix: replacementHelp(written) ? replacementFix(written) : suggestedFix(removeKey(holder, key)),
      help: replacementHelp(written) ?? `remove ${path}, or install ${since} or newer`,
    });
  }),
  error('value-too-new', {
    what: 'Every value of a configuration must be valid in the release.',
    why: 'A value of a newer type cannot be loaded: the installer stops before it has read the file.',
  }).check(perKey, (written, report) => {
    const { release, path, key, holder, schema } = written;
    const { form, since } = laterForm(written);
    if (since === undefined || isAtLeast(release, since)) return;
    report(locationOf(holder, key), {
      message: `${path} accepts ${form} from Harvester ${since}: ${release.text} cannot load the configuration.`,
      help: `set ${schema['x-expects'] ?? 'another value'}, or install ${since} or newer`,
    });
  }),
  error('key-of-other-mode', {
    tag: 'unnecessary',
    what: 'A join node itself must not set keys for create nodes, nor a create node keys for join nodes.',
    why: 'A join node silently ignores these keys, and with a VIP even starts DHCP for it; a create node stops at a server_url.',
  }).check(nodesWith('own', (own) => Object.keys(own).length > 0).each, (node, report) => {
    if (node.os !== 'harvester' || !node.mode) return;
    const { name, mode, own } = node;
    const joins = mode === 'join';
    for (const path of pathsOfOtherMode(own, mode)) {
      if (isLacking(node, path)) continue;
      const key = path.at(-1) as string;
      const above = path.slice(0, -1);
      const holder = above.reduce((map, step) => map[step] ?? map, own as Tree);
      report(keyLocationOf(holder, key), {
        message: joins
          ? `${path.join('.')} applies only to the create node, but ${name} joins: it is ignored.`
          : `${path.join('.')} applies only to nodes that join, but ${name} creates the cluster: its installer stops.`,
        help: joins
          ? node.cluster?.exists
            ? 'move it to defaults, from where cluster/ applies it; or remove it'
            : 'move it to the create node; or to defaults, where it applies only to that node'
          : `move it to defaults, where it applies only to nodes that join${key === 'server_url' ? '; or remove it: it is derived' : ''}`,
      });
    }
  }),
  warning('key-without-effect', {
    tag: 'unnecessary',
    what: 'Every key of a configuration must have an effect.',
    why: 'Some keys are read but never used, even in official examples (`default_route`): the setting has no effect.',
  }).check(perKey, ({ release, path, key, holder, value, schema, available }, report) => {
    if (available !== 'present' || !hasNoEffect(schema, release)) return;
    // harvgen then omits the argument, so that the installer asks.
    if (path === 'install.automatic' && value === false) return;
    // The add-ons of the cluster apply what the installer ignores.
    if (path.startsWith('install.addons.') && installedKey(path)?.reach === 'cluster') return;
    report(keyLocationOf(holder, key), {
      message: `${path} has no effect in Harvester ${release.text}. ${schema['x-no-effect']}`,
      fix: safeFix(removeKey(holder, key)),
      help: `remove ${path}`,
    });
  }),
  error('group-named-labels', {
    what: 'If the site serves OpenCHAMI URLs, no group must have the name labels.',
    why: 'SMD serves the names of all groups at /hsm/v2/groups/labels: clients cannot request a group with this name.',
  }).check(({ server, groups = [] }, report) => {
    if (!server?.compat?.includes('ochami')) return;
    for (const group of groups)
      if (group?.name === 'labels')
        report(locationOf(group, 'name'), {
          message:
            'Clients cannot request the group labels (server.compat): /hsm/v2/groups/labels lists all group names.',
          help: 'rename the group',
        });
  }),
  error('restricted-label', {
    what: 'A label below `kubernetes.io` or `k8s.io` must be one that a kubelet may set on its own node.',
    why: 'With any other label, the kubelet does not start (Kubernetes, KEP-279): the installation succeeds, but the node never joins.',
  }).check(nodesWith('config', ({ os }) => os?.labels).each, (node, report) => {
    const labels = node.config.os?.labels ?? {};
    for (const label of Object.keys(labels))
      if (isRestricted(label))
        report(keyLocationOf(labels, label), {
          message: `A kubelet may not set the label ${label} on its node: the kubelet does not start.`,
          help: 'use your own prefix, such as example.org/, or set the label with kubectl after the node has joined',
        });
  }),
  error('setting-not-json', {
    what: 'The value of a system setting of type map must be a map, or a string with its JSON.',
    why: 'Harvester accepts only JSON in the string: otherwise, the setting has no effect. For containerd-registry, the installer stops ("could not parse containerd-registry as JSON").',
  }).check(perKey, ({ release, path, key, holder, value, schema, available }, report) => {
    if (available !== 'present' || !SETTING.test(path) || typeof value !== 'string') return;
    // A setting that became a map later still accepts plain text.
    if (![schema.type].flat().includes('object') || schema['x-since-types']?.object) return;
    // An empty string means unset, except for the setting that the installer itself parses.
    const mayBeEmpty = key !== 'containerd-registry' || !isAtLeast(release, 'v1.2.2');
    if ((value === '' && mayBeEmpty) || /^\s*\$\{secret:[^}]*\}\s*$/.test(value)) return;
    if (parseJsonMap(value.replace(/\$\{secret:[^}]*\}/g, '0')) !== undefined) return;
    report(locationOf(holder, key), {
      message: `${path} is a string without the JSON of a map: Harvester rejects it.`,
      help: `set ${schema['x-expects']}: harvgen converts a map to JSON`,
    });
  }),
  error('template-in-value', {
    what: 'A value of a configuration, including an encoded file, must not contain `{{`.',
    why: 'The installed system renders its configuration and decoded files with a template engine: text after `{{` is replaced by its evaluation (harvester/harvester#10367).',
  }).check(perKey, ({ release, path, key, holder, value, schema, available }, report) => {
    // The installer renders templates of webhooks: webhook-template checks them. Nothing renders a key without effect.
    if (available !== 'present' || path.startsWith('install.webhooks') || hasNoEffect(schema, release))
      return;
    const find = (what: string, at: SourceLocation) =>
      report(at, {
        message: `${what}: the installed system treats it as a template and replaces the text after it.`,
        help: 'write {{`{{`}} for a literal {{; or, for an intended template, add silence: {template-in-value: "the reason"}',
      });
    if (opensTemplate(key)) find(`The name ${path} contains {{`, keyLocationOf(holder, key));
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries())
        if (opensTemplate(item)) find(`${path}[${index}] contains {{`, locationOf(value, index));
    } else if (opensTemplate(value)) find(`${path} contains {{`, locationOf(holder, key));
    else if (opensTemplate(decoded(path, holder)))
      find(`${path} contains {{ after decoding`, locationOf(holder, key));
  }),
  error('webhook-template', {
    what: 'The `url` and `payload` of a webhook must be valid templates with `Hostname`, `MACAddr`, `IPAddrV4` or `IPAddrV6` only.',
    why: 'If one template is invalid, the installer sends no webhook at all, and continues; it silently replaces an unknown name with nothing.',
  }).check(perKey, ({ path, key, holder, value, available }, report) => {
    if (available !== 'present') return;
    const fault = templateFault(path, value);
    const at = locationOf(holder, key);
    if (fault && 'unknown' in fault) {
      const likely = nearest(fault.unknown, WEBHOOK_NAMES);
      report(at, {
        message: `${path} contains {{.${fault.unknown}}}, an unknown name: the installer replaces it with nothing.`,
        help: likely ? `write {{.${likely}}}` : `use one of ${WEBHOOK_NAMES.join(', ')}`,
        fix: likely === undefined ? undefined : suggestedFix(replaceWord(at, fault.unknown, likely)),
      });
    }
    if (fault && 'invalid' in fault)
      report(at, {
        message: `${path} is not a valid template (${fault.invalid}): the installer sends no webhook at all.`,
        help: 'write names as in {{.Hostname}}; each {{if}}, {{with}} and {{range}} needs an {{end}}',
      });
    if (!/^install\.webhooks\[\d+\]\.headers\../.test(path) || !Array.isArray(value)) return;
    for (const [index, item] of value.entries()) {
      if (typeof item !== 'string' || !item.includes('{{')) continue;
      report(locationOf(value, index), {
        message: `${path}[${index}] contains {{, but headers are not templates: it is sent unchanged.`,
        help: 'move it to url or payload, which are templates',
      });
    }
  }),
  warning('webhook-template-form', {
    what: 'The templates of a webhook should contain only names, `if`, `with`, and functions with simple arguments.',
    why: 'Other forms are not checked: if the installer rejects one, it sends no webhook at all.',
  }).check(perKey, ({ path, key, holder, value, available }, report) => {
    const fault = available === 'present' ? templateFault(path, value) : undefined;
    if (!fault || !('unchecked' in fault)) return;
    report(locationOf(holder, key), {
      message: `${path} contains ${fault.unchecked}, which harvgen cannot check: if it is invalid, the installer sends no webhook at all.`,
      help: 'try the template in a test installation, or write it with names, if and with only',
    });
  }),
  error('undecodable-file', {
    what: 'The content of every file in `os.write_files` must have the encoding that its entry sets.',
    why: 'The installer does not check it. The installed system creates the file, fails to decode its content, and leaves it empty.',
  }).check(writing.each, (node, report) => {
    for (const entry of node.userConfig.os?.write_files ?? []) {
      const { path, content, encoding } = entry ?? {};
      if (!entry || content === undefined || encoding === undefined) continue;
      if (content.includes('${secret:')) continue;
      const decoded = decodeFile(content, encoding);
      if (!('fault' in decoded)) continue;
      report(locationOf(entry, 'content'), {
        message: `The content${path === undefined ? '' : ` of ${path}`} does not have the encoding ${encoding} (${decoded.fault}): the file stays empty.`,
        related: [{ message: 'the encoding is set at', at: locationOf(entry, 'encoding') }],
        help: encoding.startsWith('gz')
          ? 'create it with: gzip -cn FILE | base64, and set encoding: gz+b64'
          : 'create it with: base64 FILE; or, for plain text, remove the encoding',
      });
    }
  }),
  error('write-file-twice', {
    what: 'Entries of `os.write_files` must not write the same file.',
    why: 'The installed system writes the entries in order at every boot: the later one replaces the earlier one.',
  }).check(writing.each, (node, report) => {
    const entries = node.userConfig.os?.write_files ?? [];
    for (const { later, first } of repeats(entries, fileOf))
      report(locationOf(later, 'path'), {
        message: `os.write_files writes ${fileOf(later)} twice: this entry replaces the content of an earlier one.`,
        related: [{ message: 'it is first written at', at: locationOf(first, 'path') }],
        help: 'keep one of the two',
      });
  }),
];

function replacementHelp({ release, schema, parent }: ReleaseKey): string | undefined {
  const other = replacementKey(schema, parent, release);
  return other && `use ${other}, which ${release.text} has: ${schema['x-instead-how']}`;
}

function replacementFix({ release, schema, parent, key, holder }: ReleaseKey): Fix | undefined {
  const other = replacementKey(schema, parent, release);
  if (other === undefined || other in holder || parent.properties?.[other]?.type !== schema.type)
    return undefined;
  return suggestedFix(renameKey(keyLocationOf(holder, key), other));
}

/** Returns the form of a value, and the first release that accepts it if other releases have the key without it. */
function laterForm({ value, schema }: WrittenKey): { form: string; since?: string | undefined } {
  const type = Array.isArray(value) ? 'array' : typeof value;
  const since = schema['x-since-types']?.[type];
  if (since) return { form: type === 'object' ? 'a map' : `a ${type}`, since };
  return type === 'string'
    ? { form: value as string, since: schema['x-since-values']?.[value as string] }
    : { form: '' };
}

type Tree = { readonly [key: string]: Tree };

/** Whether the release lacks the key, which other rules report. */
function isLacking(node: Draft<Node>, path: readonly string[]): boolean {
  const release = node.cluster?.version;
  let key: ConfigSchema | undefined = configSchema();
  for (const step of path) key = key?.properties?.[step] && follow(key.properties[step]);
  return key !== undefined && release !== undefined && availability(key, release) !== 'present';
}

function isRestricted(label: string): boolean {
  return /^([^/]*\.)?(kubernetes|k8s)\.io\//.test(label) && !OPEN.some((form) => form.test(label));
}

function decoded(path: string, { content, encoding }: ReleaseKey['holder']): string | undefined {
  if (!/^os\.write_files\[\d+\]\.content$/.test(path)) return undefined;
  if (typeof content !== 'string' || typeof encoding !== 'string') return undefined;
  const file = decodeFile(content, encoding);
  return 'bytes' in file ? file.bytes.toString('latin1') : undefined;
}

/** Whether a value is a text with two opening braces that are not escaped. */
export function opensTemplate(value: unknown): boolean {
  return typeof value === 'string' && value.replace(ESCAPE, '').includes('{{');
}

function templateFault(path: string, value: unknown) {
  return /^install\.webhooks\[\d+\]\.(url|payload)$/.test(path) && typeof value === 'string'
    ? webhookTemplateFault(value)
    : undefined;
}

function fileOf({ path }: { readonly path?: string | undefined }): string | undefined {
  return path === undefined || path.includes('${secret:') ? undefined : posix.normalize(path);
}

/** A text of a configuration, and its path: that of a key, or of an item of a list. */
type ConfigText = { readonly path: string; readonly text: string; readonly at: SourceLocation };

function perText(check: (text: ConfigText, key: ReleaseKey, report: Report) => void): Rule['check'] {
  return perKey((written, report) => {
    const { path, key, value, holder, available } = written;
    if (available !== 'present') return;
    if (typeof value === 'string') check({ path, text: value, at: locationOf(holder, key) }, written, report);
    if (!Array.isArray(value)) return;
    for (const [index, text] of value.entries())
      if (typeof text === 'string')
        check({ path: `${path}[${index}]`, text, at: locationOf(value, index) }, written, report);
  });
}

const UNQUOTED = `${FIRST_RELEASE_WITH_FQDN} and newer write it without quotes`;

export const configTextRules = [
  error('text-begins-blank', {
    what: 'A text of several lines in a list must not begin with a blank or an empty line.',
    why: "Harvester v1.1.3, v1.2.2 and newer write such a text into the installed system's files with a wrong indentation: nothing can parse them.",
  }).check(perText, ({ path, text, at }, { release, holder }, report) => {
    if (!breaksFiles(path, text, release)) return;
    // harvgen itself encodes plain files, without an error.
    if (/^os\.write_files\[\d+\]\.content$/.test(path) && needsBase64(holder, release)) return;
    report(at, {
      message: `${path} begins with a blank or an empty line: ${release.text} writes files with it that nothing can parse, and the installed node does not work.`,
      help: 'remove the blanks and empty lines at its beginning',
    });
  }),
  warning('text-trimmed', {
    what: 'Texts that the installer trims must have no blanks or empty lines at their ends.',
    why: 'It removes them from values of `os.environment`, `os.sysctls`, `bond_options` and `system_settings`, and from v1.8.0 also from items of lists.',
  }).check(perText, ({ path, text, at }, { release }, report) => {
    // The last line break of a block has no meaning in any of them.
    const block = text.replace(/\n$/, '');
    if (block === block.trim() || !isTrimmed(path, release)) return;
    report(at, {
      message: `${path} begins or ends with blanks or empty lines: the installer removes them.`,
      help: 'remove them; or, if they matter, write the value to a file with write_files',
    });
  }),
  error('hostname-not-text', {
    what: `From ${FIRST_RELEASE_WITH_FQDN}, a host name must also be text in YAML without quotes.`,
    why: 'The installer writes it unquoted for rancherd, which reads a number, boolean or null: the node gets another name, which two nodes may share.',
  }).check(nodesSince(FIRST_RELEASE_WITH_FQDN).each, (node, report) => {
    const { value, at } = effective(node, 'os.hostname') ?? {};
    const type = typeof value === 'string' ? typeInYaml(value) : undefined;
    if (!type || !at) return;
    report(at, {
      message: `The host name ${value} is ${type} in YAML: ${UNQUOTED}, and the node does not get this name.`,
      help: `rename the node, for example to node-${value}`,
    });
  }),
  error('san-not-text', {
    what: 'An entry of `sans` must also be text in YAML without quotes.',
    why: 'The installer writes it unquoted for RKE2, which reads a number, boolean, null or map: the certificate lacks the name, or RKE2 does not start.',
  }).check(perText, ({ path, text, at }, _, report) => {
    const type = path.startsWith('sans[') ? typeInYaml(text) : undefined;
    if (!type) return;
    report(at, {
      message: `${path} (${text}) is ${type} in YAML: ${UNQUOTED}, and the certificate does not get this name.`,
      fix: text.endsWith('::') ? safeFix(replaceValue(at, `${text}0`)) : undefined,
      help: text.endsWith('::') ? `write ${text}0` : 'write a complete DNS name or an IP address',
    });
  }),
];
