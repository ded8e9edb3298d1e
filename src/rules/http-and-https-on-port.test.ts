import { ruleTest } from '../../test/support/rule-test.ts';
import { httpAndHttpsOnPort } from './http-and-https-on-port.ts';

/** The boot server's URL, and what is said of TLS. */
function withTls(url: string, tls?: string) {
  const more = tls ? `, url: ${tls}` : '';
  const text = `url: ${url}\n  tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/boot.key${more} }`;
  return ['url: http://192.168.178.7', text] as const;
}

ruleTest(httpAndHttpsOnPort, {
  'configurations from the port of all else': {
    edits: [withTls('http://192.168.178.7:443', 'https://boot.example.org')],
    finds: [{ at: '6:71', message: 'Port 443 is for https here, and for http in server.url.' }],
  },
  'the usual port, which nobody has said': {
    edits: [withTls('http://boot.example.org:443')],
    finds: [{ at: '6:8', message: 'Port 443 is for https here, and for http in server.url.' }],
  },
  'everything from the port that firmware fetches from': {
    edits: [withTls('https://boot.example.org:80')],
    finds: [
      {
        at: '5:8',
        message: "Port 80 is for https here, and firmware fetches iPXE's programs from it by http.",
      },
    ],
  },
  'configurations from the port that firmware fetches from': {
    edits: [withTls('https://boot.example.org', 'https://config.example.org:80')],
    finds: [
      {
        at: '6:71',
        message: "Port 80 is for https here, and firmware fetches iPXE's programs from it by http.",
      },
    ],
  },
  'a further port by http, and configurations by https': {
    edits: [withTls('http://192.168.178.7\n  ports: [10000, 443]', 'https://boot.example.org')],
    finds: [{ at: '6:18', message: 'Port 443 is for http here, and for https in server.tls.url.' }],
  },
  'a further port by https, and firmware by http': {
    edits: [withTls('https://boot.example.org\n  ports: [80]')],
    finds: [
      {
        at: '6:11',
        message: "Port 80 is for https here, and firmware fetches iPXE's programs from it by http.",
      },
    ],
  },
  'ports of their own': { edits: [withTls('http://boot.example.org:8080')] },
  'two names at one port, both by https': {
    edits: [withTls('https://boot.example.org', 'https://config.example.org')],
  },
});
