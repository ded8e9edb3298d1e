import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteXml, Unquotable } from '../quoting.ts';

const test = suite('quoting for XML');

for (const [value, quoted] of [
  ['', ''],
  ['harv-1', 'harv-1'],
  ['/var/lib/libvirt/images/a b.qcow2', '/var/lib/libvirt/images/a b.qcow2'],
  ['dhcp-option=tag:ipxe,encap:175,176,1b', 'dhcp-option=tag:ipxe,encap:175,176,1b'],
  ['a & b', 'a &amp; b'],
  ['&amp;', '&amp;amp;'],
  ['&#60;', '&amp;#60;'],
  ['<devices>', '&lt;devices&gt;'],
  [']]>', ']]&gt;'],
  ['<![CDATA[x]]>', '&lt;![CDATA[x]]&gt;'],
  ['<!-- a -->', '&lt;!-- a --&gt;'],
  ['<?xml?>', '&lt;?xml?&gt;'],
  ['"/><evil x="', '&quot;/&gt;&lt;evil x=&quot;'],
  ["it's", 'it&apos;s'],
  ['back\\slash', 'back\\slash'],
  ['$(reboot) `reboot` ${net0/ip} %s', '$(reboot) `reboot` ${net0/ip} %s'],
  ['Zürich 東京 🙂', 'Zürich 東京 🙂'],
] as const) {
  test(`${JSON.stringify(value)} is written ${quoted}`, () => {
    assert.is(quoteXml(value), quoted);
  });
}

for (const value of ['a\nb', 'a\r\nb', 'a\tb', 'a\0', 'a\u001b[2J', 'a\u007f', 'a\u0085b']) {
  test(`${JSON.stringify(value)} is refused`, () => {
    assert.throws(
      () => quoteXml(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message === `${JSON.stringify(value)} cannot be written in XML: it holds a control character`,
    );
  });
}

for (const value of ['a\ud83d', '\ude42a', 'a\ufffe', '\uffff']) {
  test(`${JSON.stringify(value)} is refused, since it is no character`, () => {
    assert.throws(() => quoteXml(value), /it holds what is no character/);
  });
}

test('numbers are written as text', () => {
  assert.is(quoteXml(8), '8');
});

test.run();
