import { ruleTest } from '../../test/support/rule-test.ts';
import { kubernetesIngressPort } from './kubernetes-ingress-port.ts';

const behind = (more = '', service = 'ClusterIP') =>
  [
    'server:\n',
    `server:\n${more}  kubernetes: { media_claim: media, service: ${service}, ingress: { proxies: [10.42.0.0/16] } }\n`,
  ] as const;
const tls = '  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key, url: https://boot.example.org }\n';

ruleTest(kubernetesIngressPort, {
  'another port': {
    edits: [behind(), ['http://192.168.178.7', 'http://192.168.178.7:8080']],
    finds: [{ at: '6:8', message: 'No ingress leads from port 8080 to nginx.' }],
  },
  https: {
    edits: [behind(tls)],
    finds: [{ at: '5:8', message: 'An ingress does not lead https to nginx.' }],
  },
  'further ports': {
    edits: [behind('  ports: [80, 10000]\n')],
    finds: [{ at: '5:15', message: 'No ingress leads from port 10000 to nginx.' }],
  },
  'a further port by the load balancer beside it': {
    edits: [behind('  ports: [10000]\n', 'LoadBalancer')],
  },
  'port 80': { edits: [behind()] },
});
