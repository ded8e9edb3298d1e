import { ruleTest } from '../../test/support/rule-test.ts';
import { kubernetesProxyCoversNodes } from './kubernetes-proxy-covers-nodes.ts';

const behind = (...proxies: string[]) =>
  [
    'server:\n',
    `server:\n  kubernetes:\n    media_claim: media\n    ingress:\n      proxies: [${proxies.join(', ')}]\n`,
  ] as const;
const message = (proxy: string) =>
  `nginx would believe ${proxy} for whom it asks, and that is on mgmt, as machines of the site are.`;

ruleTest(kubernetesProxyCoversNodes, {
  'an address of the network, and everybody': {
    edits: [behind('192.168.178.8', '10.42.0.0/16', '192.0.0.0/8')],
    finds: [
      { at: '8:17', message: message('192.168.178.8') },
      { at: '8:46', message: message('192.0.0.0/8') },
    ],
  },
  'pods alone': { edits: [behind('10.42.0.0/16', '192.168.179.1')] },
});
