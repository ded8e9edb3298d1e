import { ruleTest } from '../../test/support/rule-test.ts';
import { httpsWithoutTls } from './https-without-tls.ts';

const URL = 'url: http://192.168.178.7';
const TLS = 'tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key }';

ruleTest(httpsWithoutTls, {
  'https, and no certificate': {
    edits: [[URL, 'url: https://boot.example.org']],
    finds: [
      { at: '5:8', message: 'Machines fetch from https://boot.example.org, and nginx has no certificate.' },
    ],
  },
  'https, and a certificate': { edits: [[URL, `url: https://boot.example.org\n  ${TLS}`]] },
});
