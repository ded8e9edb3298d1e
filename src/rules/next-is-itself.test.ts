import { ruleTest } from '../../test/support/rule-test.ts';
import { nextIsItself } from './next-is-itself.ts';

const URL = 'url: http://192.168.178.7';

ruleTest(nextIsItself, {
  "the site's own URL": {
    edits: [[URL, `${URL}\n  next: http://192.168.178.7:80/`]],
    finds: [{ at: '6:9', message: "The next boot server, http://192.168.178.7:80, is the site's own." }],
  },
  'a further port of its own': {
    edits: [[URL, `${URL}\n  ports: [10000]\n  next: http://192.168.178.7:10000`]],
    finds: [{ at: '7:9', message: "The next boot server, http://192.168.178.7:10000, is the site's own." }],
  },
  'where it has its configurations': {
    edits: [
      [
        URL,
        `${URL}\n  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key, url: https://boot.example.org }\n  next: https://boot.example.org`,
      ],
    ],
    finds: [{ at: '7:9', message: "The next boot server, https://boot.example.org, is the site's own." }],
  },
  'another port, and another machine': { edits: [[URL, `${URL}\n  next: http://192.168.178.7:10001`]] },
  'the same port of another machine': { edits: [[URL, `${URL}\n  next: http://192.168.178.8`]] },
});
