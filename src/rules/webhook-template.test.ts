import { ruleTest } from '../../test/support/rule-test.ts';
import { webhookTemplate } from './webhook-template.ts';

const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const URL = 'http://192.168.178.7/done';

function webhook(text: string): readonly [string, string] {
  return [DEVICE, `${DEVICE}      webhooks: [{ event: SUCCEEDED, method: POST, ${text} }]\n`];
}

ruleTest(webhookTemplate, {
  'a name that the installer does not know': {
    edits: [webhook(`url: "${URL}/{{.HostName}}"`)],
    finds: [
      {
        at: '22:57',
        message:
          'install.webhooks[0].url asks for {{.HostName}}, which the installer does not know: it puts nothing there.',
      },
    ],
  },
  'a payload of one node that asks for what there is not': {
    edits: [
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, config: { install: { webhooks: [{ event: FAILED, method: PUT, url: "${URL}", payload: "{{ .Serial }}" }] } }`,
      ],
    ],
    finds: [
      {
        at: '24:162',
        message:
          'install.webhooks[0].payload asks for {{.Serial}}, which the installer does not know: it puts nothing there.',
      },
    ],
  },
  'templates that cannot be read': {
    edits: [webhook(`url: "${URL}/{{Hostname}}", payload: "{{.Hostname}"`)],
    finds: [
      {
        at: '22:57',
        message:
          'install.webhooks[0].url is a template that cannot be read (Hostname has no dot before it): the installer would send no webhook at all.',
      },
      {
        at: '22:108',
        message:
          'install.webhooks[0].payload is a template that cannot be read (a {{ without its }}): the installer would send no webhook at all.',
      },
    ],
  },
  'a template in a header': {
    edits: [webhook(`url: "${URL}", headers: { X-Machine: ["{{.Hostname}}"] }`)],
    finds: [
      {
        at: '22:109',
        message:
          'install.webhooks[0].headers.X-Machine[0] holds {{, and headers are not templates: it is sent as it is.',
      },
    ],
  },
  'all names, pipelines, JSON that ends in }}, and secrets': {
    edits: [
      webhook(
        `url: "${URL}/{{.Hostname}}?mac={{ .MACAddr | urlquery }}", headers: { X-Key: ["\${secret:key}"] }, payload: '{"ip":{"v4":"{{.IPAddrV4}}","v6":{{printf "%q" .IPAddrV6}}}}'`,
      ),
    ],
  },
});
