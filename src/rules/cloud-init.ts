import { CLOUD_INIT_TEXTS, cloudInitTextOf } from '../knowledge/cloud-init.ts';
import { eachCloudInitPart } from '../site/cloud-init.ts';
import { hasPlace, placeOf } from '../source/origin.ts';
import { placeKey } from '../source/source.ts';
import { BOOTED } from './boot.ts';
import type { Rule } from './rule.ts';
import { perItem, perNode, repeats } from './support.ts';

export const cloudInitWithoutLinux: Rule = {
  code: 'cloud-init-without-linux',
  severity: 'warning',
  what: 'A node that says something of cloud-init itself boots Linux by its kernel.',
  why: 'Harvester reads a configuration of its own, and what is on a disk, local or by iSCSI, has no kernel line that says where to ask: it would never find it.',
  check: perNode((node, report) => {
    if (!node.os || node.os === 'linux' || !hasPlace(node, 'cloudInit')) return;
    report({
      message: `${node.name} boots ${BOOTED[node.os]}, where nothing reads what is said of cloud-init.`,
      at: placeOf(node, 'cloudInit'),
      help:
        node.os === 'iscsi'
          ? 'put it onto the disk, before its image is made or once it is booted; or take cloud_init out'
          : 'give it `boot: {os: linux, …}`, or take cloud_init out',
    });
  }),
};

export const cloudInitFirstLine: Rule = {
  code: 'cloud-init-first-line',
  severity: 'error',
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
};

export const cloudInitTextAlone: Rule = {
  code: 'cloud-init-text-alone',
  severity: 'error',
  essential: true,
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
};

/** What says who a machine is, and what it is unless it is said. */
const IDENTITIES: readonly [key: string, unsaid: (site: string | undefined, name: string) => string][] = [
  ['instance-id', (site, name) => `${site}.${name}`],
  ['local-hostname', (_, name) => name],
];

export const cloudInitSharedIdentity: Rule = {
  code: 'cloud-init-shared-identity',
  severity: 'warning',
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
        return { node, own, value, at: placeOf(metaData, key) };
      });
      for (const { one, first } of repeats(holders, ({ value }) => value)) {
        const at = one.at ?? first.at;
        if (!at) continue;
        const isElsewhere = one.at && first.at && placeKey(one.at) !== placeKey(first.at);
        report({
          node: one.at ? one.node : first.node,
          oncePerPlace: true,
          message: `${first.node.name} and ${one.node.name} have the same ${key}.`,
          at,
          related: isElsewhere ? [{ message: `${first.node.name} has it at`, at: first.at }] : [],
          help: `leave it out, and each has its own: ${one.own}; or have \${node:name} in it`,
        });
      }
    }
  },
};
