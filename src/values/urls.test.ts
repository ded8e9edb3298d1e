import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serverOf, shownUrl } from './urls.ts';

const test = suite('URLs as they are shown');

test('shownUrl removes password and query and keeps references to secrets', () => {
  for (const [url, shown] of [
    ['http://192.168.178.7/a.iso', 'http://192.168.178.7/a.iso'],
    ['https://user:pa55@example.org:8443/a', 'https://***@example.org:8443/a'],
    ['https://user:p:a@example.org/a@b', 'https://***@example.org/a@b'],
    ['https://:pa55@example.org/', 'https://***@example.org/'],
    ['https://user:${secret:mirror}@example.org/a', 'https://user:${secret:mirror}@example.org/a'],
    ['https://example.org/a?signature=5ecret&b=1', 'https://example.org/a?***'],
    ['https://example.org/a:b@c', 'https://example.org/a:b@c'],
  ] as const) {
    assert.is(shownUrl(url), shown);
  }
});

test('serverOf returns only the server', () => {
  for (const [url, server] of [
    ['https://hooks.example.org/services/T0/B0/5ecret', 'https://hooks.example.org/'],
    ['http://user:pa55@example.org:8080/a?b', 'http://example.org:8080/'],
    ['http://example.org', 'http://example.org/'],
    ['http://{{.IPAddrV4}}:80/done', 'http://{{.IPAddrV4}}:80/'],
  ] as const) {
    assert.is(serverOf(url), server);
  }
});

test.run();
