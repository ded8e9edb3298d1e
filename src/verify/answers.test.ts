import { randomBytes } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resolved } from '../../test/support/resolved.ts';
import { decodeAnswer, encodeDiscover } from './dhcp-packet.ts';
import { valuesIn } from './http.ts';
import { remediesOf } from './remedies.ts';
import { whyNoProgram } from './tftp.ts';

const test = suite('answers of servers');

test('reads no offer from random bytes, and never throws', () => {
  const request = encodeDiscover({ xid: 7, mac: '52:54:00:aa:01:01' });
  for (let count = 0; count < 5000; count += 1) {
    const packet = Buffer.concat([request.subarray(0, 240), randomBytes(count % 300)]);
    packet[0] = 2;
    assert.ok((decodeAnswer(packet)?.xid ?? 7) === 7);
    assert.is(decodeAnswer(randomBytes(count % 600)), undefined);
  }
});

test('finds the texts in place of placeholders', () => {
  const marked = 'a: "@@secret:one@@"\nb: "x@@secret:one@@y@@secret:two@@"\n';
  const values = (served: string) => {
    const found = valuesIn(marked, served);
    return found && [...found].map(([mark, texts]) => [mark, [...texts]]);
  };
  assert.equal(values('a: "1"\nb: "x1y2"\n'), [
    ['@@secret:one@@', ['1']],
    ['@@secret:two@@', ['2']],
  ]);
  assert.equal(values('a: "1\\"\nb: "x1y2"\n')?.[0], ['@@secret:one@@', ['1\\', '1']]);
  assert.equal(values(marked)?.[1], ['@@secret:two@@', ['@@secret:two@@']]);
  for (const other of ['', 'a: "1"\n', 'a: "1"\nb: "x1"\n', 'a: "1"\nb: "x1y2"\nc\n', 'A: "1"\nb: "x1y2"\n'])
    assert.is(values(other), undefined, other);
});

test('recognizes files that do not boot', () => {
  assert.is(whyNoProgram('undionly.kpxe', Buffer.from('<html>')), 'is a page of HTML');
  assert.is(whyNoProgram('snponly.efi', Buffer.from('MZ')), 'is not an EFI program');
  assert.is(
    whyNoProgram('snponly.efi', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(98, 255)])),
    'is not an EFI program',
  );
});

test('names the server that the site has: pods, nginx, or another web server', async () => {
  const site = await resolved();
  const pods = await resolved(['178.7\n', '178.7\n  kubernetes: { media_claim: media }\n']);
  for (const [one, header, known] of [
    [pods, undefined, /kubectl|image/],
    [pods, 'envoy', /kubectl|image/],
    [site, undefined, /nginx|boot server|\/srv\/harvgen\/plant/],
    [site, 'nginx/1.22.1', /nginx|boot server|\/srv\/harvgen\/plant/],
    [site, 'Apache/2.4.57 (Debian)', /Apache/],
    [site, 'AmazonS3', /AmazonS3/],
    [site, '', /the web server/],
  ] as const)
    for (const [what, help] of Object.entries(remediesOf(one, header)).filter(
      ([key]) => !['program', 'programs', 'media'].includes(key),
    )) {
      if (!(one === pods && /deploy|stale/.test(what))) assert.match(help, known, `${header} ${what}`);
      if (one === pods || (header !== undefined && !/^nginx\b/.test(header)))
        assert.not.match(help, /systemctl/, `${header} ${what}`);
    }
  assert.is(remediesOf(site, 'nginxious').program, 'nginxious');
});

test.run();
