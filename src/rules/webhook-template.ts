import { type TemplateFault, templateFault, WEBHOOK_NAMES } from '../knowledge/harvester/webhook-template.ts';
import { releaseKeys } from '../site/release-keys.ts';
import { placeOf } from '../source/origin.ts';
import { nearest } from '../values/nearest.ts';
import type { Rule } from './rule.ts';

const TEMPLATE = /^install\.webhooks\[\d+\]\.(url|payload)$/;
const HEADER = /^install\.webhooks\[\d+\]\.headers\../;

export const webhookTemplate: Rule = {
  code: 'webhook-template',
  severity: 'error',
  what: 'The templates of a webhook, its `url` and `payload`, can be read and ask for `Hostname`, `MACAddr`, `IPAddrV4` or `IPAddrV6`.',
  why: 'With one template that cannot be read the installer sends no webhook at all, and installs on; a name that it does not know is left empty, without a word.',
  check(site, report) {
    for (const { node, path, key, holder, value, available } of releaseKeys(site)) {
      if (available !== 'present') continue;
      if (TEMPLATE.test(path) && typeof value === 'string') {
        const fault = templateFault(value);
        if (fault) report({ node, ...wording(path, fault), at: placeOf(holder, key) });
      }
      if (!HEADER.test(path) || !Array.isArray(value)) continue;
      for (const [index, item] of value.entries()) {
        if (typeof item !== 'string' || !item.includes('{{')) continue;
        report({
          node,
          message: `${path}[${index}] holds {{, and headers are not templates: it is sent as it is.`,
          at: placeOf(value, index),
          help: 'move it to url or payload, which are',
        });
      }
    }
  },
};

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
