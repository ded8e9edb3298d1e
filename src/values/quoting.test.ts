import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder } from '../../test/support/scratch.ts';
import {
  quoteChrony,
  quoteConman,
  quoteDhcpd,
  quoteDnsmasq,
  quoteGrub,
  quoteGrubArg,
  quoteIpxe,
  quoteMarkdown,
  quoteNft,
  quoteNginx,
  quoteNginxLocation,
  quotePowerman,
  quotePxelinux,
  quoteShell,
  quoteSystemd,
  quoteTgt,
  quoteXinetd,
  quoteXml,
  quoteYaml,
  Unquotable,
} from './quoting.ts';

const testChrony = suite('quoting for chrony');

for (const value of [
  '192.168.150.0/24',
  'ntp.example.org',
  'fd00::/8',
  '/var/lib/chrony/drift',
  'a#b',
  'a"b',
  '$x',
]) {
  testChrony(`${value} stays an unquoted word`, () => {
    assert.is(quoteChrony(value), value);
  });
}

const HOLDS = 'it contains a blank, a control character or a character that is not ASCII';
for (const [value, why] of [
  ['', 'it is empty'],
  ['a b', HOLDS],
  ['a\tb', HOLDS],
  ['all\nallow', HOLDS],
  ['a\0', HOLDS],
  ['München', HOLDS],
  ['#a', '# begins a comment'],
  ['!a', '! begins a comment'],
  [';a', '; begins a comment'],
  ['%a', '% begins a comment'],
] as const) {
  testChrony(`${JSON.stringify(value)} is rejected: ${why}`, () => {
    assert.throws(
      () => quoteChrony(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message === `${JSON.stringify(value)} cannot be written in a chrony configuration: ${why}`,
    );
  });
}

testChrony('numbers are written as text', () => {
  assert.is(quoteChrony(10), '10');
});

testChrony.run();

const testConman = suite('quoting for ConMan');

const CONMAN_VALUES: Readonly<Record<string, string>> = {
  cg01: '"cg01"',
  'ipmi:10.0.0.1': '"ipmi:10.0.0.1"',
  'a#b\\c': '"a#b\\c"',
  'a"b': `'a"b'`,
  "it's": `"it's"`,
};

for (const [value, quoted] of Object.entries(CONMAN_VALUES)) {
  testConman(`${JSON.stringify(value)} becomes ${quoted}`, () => assert.is(quoteConman(value), quoted));
}

testConman('values that conmand would read differently are rejected', () => {
  for (const [value, why] of Object.entries({
    'a\nb': 'it contains a control character',
    '%N': 'it contains a percent sign',
    'a"b\'c': 'it contains both kinds of quotes',
  }))
    assert.throws(() => quoteConman(value), why);
});

testConman.run();

const testDhcpd = suite("quoting for ISC's dhcpd");

for (const [value, quoted] of [
  ['harv-1', '"harv-1"'],
  ['', '""'],
  ['http://10.0.0.7/boot.ipxe', '"http://10.0.0.7/boot.ipxe"'],
  ['${net0/mac}; }', '"${net0/mac}; }"'],
  ['print "x"', '"print \\"x\\""'],
  ['ends with \\', '"ends with \\\\"'],
  ['a\\nb', '"a\\\\nb"'],
  ['# comment', '"# comment"'],
  ['Zürich', '"Z\\xc3\\xbcrich"'],
] as const) {
  testDhcpd(`${value} becomes ${quoted}`, () => {
    assert.is(quoteDhcpd(value), quoted);
  });
}

for (const value of ['a\nb', 'a\r\nb', 'a\tb', 'a\0', 'a\u007f', 'a\u0085b']) {
  testDhcpd(`${JSON.stringify(value)} is rejected`, () => {
    assert.throws(
      () => quoteDhcpd(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message ===
          `${JSON.stringify(value)} cannot be written in a configuration of dhcpd: it contains a control character`,
    );
  });
}

testDhcpd.run();

const testDnsmasq = suite('quoting for dnsmasq');

for (const value of [
  'harv-1',
  '52:54:00:aa:01:01',
  '192.168.178.0/24',
  '/srv/harvgen/tftp',
  'a@b%c+d',
  '12h',
]) {
  testDnsmasq(`${value} stays an unquoted field`, () => {
    assert.is(quoteDnsmasq(value), value);
  });
}

for (const [value, quoted] of [
  ['', '""'],
  ['a b', '"a b"'],
  ['a,b', '"a,b"'],
  ['# comment', '"# comment"'],
  ['a#b', '"a#b"'],
  ['$(reboot)', '"$(reboot)"'],
  ['`reboot`', '"`reboot`"'],
  ['${net0/ip}', '"${net0/ip}"'],
  ['; reboot', '"; reboot"'],
  ['|| reboot && reboot', '"|| reboot && reboot"'],
  ["it's", '"it\'s"'],
  ['print "x"', '"print \\"x\\""'],
  ['", reboot', '"\\", reboot"'],
  ['back\\slash', '"back\\\\slash"'],
  ['ends with \\', '"ends with \\\\"'],
  ['a\\nb', '"a\\\\nb"'],
  ['tag:!x', '"tag:!x"'],
  ['a=b', '"a=b"'],
  ['Zürich 東京 🙂', '"Zürich 東京 🙂"'],
] as const) {
  testDnsmasq(`${value} becomes ${quoted}`, () => {
    assert.is(quoteDnsmasq(value), quoted);
  });
}

for (const value of ['a\nb', 'a\r\nb', 'a\tb', 'a\0', 'a\u001b[2J', 'a\u007f', 'a\u0085b']) {
  testDnsmasq(`${JSON.stringify(value)} is rejected`, () => {
    assert.throws(
      () => quoteDnsmasq(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message ===
          `${JSON.stringify(value)} cannot be written in a dnsmasq configuration: it contains a control character`,
    );
  });
}

testDnsmasq('numbers are written as text', () => {
  assert.is(quoteDnsmasq(67), '67');
});

testDnsmasq.run();

const testGrub = suite('quoting for GRUB');

const GRUB_VALUES = [
  '',
  'vmlinuz-6.1.0',
  '(http,10.1.0.1)/images/vmlinuz',
  'ds=nocloud-net;s=http://10.1.0.1/cloud-init/a/',
  'a b',
  '  both ends  ',
  '$prefix',
  '${net_default_mac}',
  '$(halt)',
  '`halt`',
  '; halt',
  '|| halt',
  '& halt',
  '{ halt',
  '}',
  '# remark',
  "it's",
  "'",
  "''",
  "'; halt; '",
  '"; halt; "',
  '\\',
  "\\'",
  'a\\nb',
  '<in >out',
  '*',
  '!',
  'if',
  'done',
  'x=y',
  '[a]',
];

testGrub('a value is exactly one word', () => {
  for (const value of GRUB_VALUES) {
    const quoted = quoteGrub(value);
    assert.is(unquoted(quoted), value);
  }
});

testGrub('values that GRUB cannot represent are rejected', () => {
  for (const value of ['a\nb', '\t', '\0', 'ü'])
    assert.throws(
      () => quoteGrub(value),
      (error: unknown) => error instanceof Unquotable,
    );
});

testGrub('the kernel receives an argument unchanged', () => {
  for (const [word, quoted] of [
    ['ip=dhcp', "'ip=dhcp'"],
    ['ds=nocloud-net;s=http://10.1.0.1/a/', "'ds=nocloud-net;s=http://10.1.0.1/a/'"],
    ['"ds=nocloud-net;s=http://10.1.0.1/a/"', "'ds=nocloud-net;s=http://10.1.0.1/a/'"],
    ['dyndbg="file a +p"', "'dyndbg=file a +p'"],
    ['"dyndbg=file a +p"', "'dyndbg=file a +p'"],
    ['a=$b', "'a=$b'"],
    ['quiet', 'quiet'],
  ] as const) {
    assert.is(quoteGrubArg(word), quoted);
  }
  for (const word of ['a=b\\c', "a='b'", 'a=b"c d"', 'a=b="c d"', '"'])
    assert.throws(
      () => quoteGrubArg(word),
      (error: unknown) => error instanceof Unquotable,
    );
});

testGrub.run();

/** Returns the word that GRUB reads. */
function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'|\\(.)/g,
    (_, inner: string | undefined, escaped: string | undefined) => inner ?? escaped ?? '',
  );
}

const testIpxe = suite('quoting for iPXE');

for (const value of [
  'harv-1',
  'http://192.168.178.7:8080/config/52-54-00-aa-01-01.yaml',
  'ip=192.168.178.41::192.168.178.1:255.255.255.0:harv-1:eno1:none',
  'a#b',
  'a;b',
  'a||b',
  'a&&b',
  '|',
  '&',
  ';;',
  '$(reboot)',
  '`reboot`',
  '$net0',
  '{net0/ip}',
  '%s',
  '-reboot',
  '--timeout',
  'back\\slash',
  `"'`,
]) {
  testIpxe(`${value} stays an unquoted word`, () => {
    assert.is(quoteIpxe(value), value);
  });
}

for (const [value, why] of [
  ['', 'it is empty'],
  ['${net0/ip}', '${ begins a setting'],
  ['a${', '${ begins a setting'],
  ['$${net0/ip}', '${ begins a setting'],
  ['#comment', 'it would end the command'],
  ['||', 'it would end the command'],
  ['&&', 'it would end the command'],
  [';', 'it would end the command'],
  ['a b', 'it contains a blank, a control character or a character that is not ASCII'],
  [' a', 'it contains a blank, a control character or a character that is not ASCII'],
  ['a\tb', 'it contains a blank, a control character or a character that is not ASCII'],
  ['a\nreboot', 'it contains a blank, a control character or a character that is not ASCII'],
  ['a\rreboot', 'it contains a blank, a control character or a character that is not ASCII'],
  ['a\0', 'it contains a blank, a control character or a character that is not ASCII'],
  ['a\u001b[2J', 'it contains a blank, a control character or a character that is not ASCII'],
  ['a\u007f', 'it contains a blank, a control character or a character that is not ASCII'],
  ['München', 'it contains a blank, a control character or a character that is not ASCII'],
  ['a\u2028b', 'it contains a blank, a control character or a character that is not ASCII'],
] as const) {
  testIpxe(`${JSON.stringify(value)} is rejected: ${why}`, () => {
    assert.throws(
      () => quoteIpxe(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message === `${JSON.stringify(value)} cannot be written in an iPXE script: ${why}`,
    );
  });
}

testIpxe('numbers are written as text', () => {
  assert.is(quoteIpxe(8080), '8080');
});

testIpxe.run();

const testMarkdown = suite('quoting for Markdown');

for (const [value, quoted] of [
  ['', ''],
  ['harv-1', 'harv-1'],
  ['http://192.168.178.7/x_y', 'http://192.168.178.7/x_y'],
  ['$(reboot) ; %s', '$(reboot) ; %s'],
  ['`reboot`', '&#96;reboot&#96;'],
  ['*bold*', '&#42;bold&#42;'],
  ['[a](javascript:x)', '&#91;a&#93;(javascript:x)'],
  ['<script>alert(1)</script>', '&#60;script&#62;alert(1)&#60;/script&#62;'],
  ['a | b || c', 'a &#124; b &#124;&#124; c'],
  ['&& &amp; &#60;', '&#38;&#38; &#38;amp; &#38;&#35;60;'],
  ['# heading', '&#35; heading'],
  ['back\\slash', 'back&#92;slash'],
  ['two\nlines\r\n\r\n# heading', 'two lines &#35; heading'],
  ['tabs\t\tand  blanks', 'tabs and blanks'],
  [`"both" 'quotes'`, `"both" 'quotes'`],
  ['${net0/ip}', '${net0/ip}'],
  ['Zürich 東京 🙂', 'Zürich 東京 🙂'],
] as const) {
  testMarkdown(`${JSON.stringify(value)} becomes ${JSON.stringify(quoted)}`, () => {
    assert.is(quoteMarkdown(value), quoted);
  });
}

testMarkdown('numbers are written as text', () => {
  assert.is(quoteMarkdown(3), '3');
});

testMarkdown('syntax for emphasis and strikethrough has no effect', () => {
  assert.not.match(quoteMarkdown('a __b__ c'), /__b__/);
  assert.not.match(quoteMarkdown('~~a~~'), /~~/);
});

testMarkdown('control characters cannot reach a terminal', () => {
  assert.not.match(quoteMarkdown('\u001b[2J\0'), /\p{Cc}/u);
});

testMarkdown.run();

const testNft = suite('quoting for nftables');

for (const [value, quoted] of [
  [443, '443'],
  ['192.168.150.0/24', '192.168.150.0/24'],
  ['169.254.169.254', '169.254.169.254'],
  ['fd00:ec2::254', 'fd00:ec2::254'],
  ['fd00::/8', 'fd00::/8'],
  ['virbr-mgmt', '"virbr-mgmt"'],
  // Keywords of nftables that may also be names of NICs.
  ['drop', '"drop"'],
  ['ip', '"ip"'],
  ['eth0.20', '"eth0.20"'],
  ['*a', '"*a"'],
  ['a b; drop }', '"a b; drop }"'],
  ['$name', '"$name"'],
  ['@set', '"@set"'],
  ['# comment', '"# comment"'],
] as const) {
  testNft(`${value} becomes ${quoted}`, () => {
    assert.is(quoteNft(value), quoted);
  });
}

for (const [value, why] of [
  ['', 'it is empty'],
  ['a"b', 'it contains a quote or a backslash, which cannot be escaped'],
  ['"; flush ruleset; "', 'it contains a quote or a backslash, which cannot be escaped'],
  ['a\\', 'it contains a quote or a backslash, which cannot be escaped'],
  ['virbr*', '* at its end is a wildcard'],
  ['a\nflush ruleset', 'it contains a control character'],
  ['a\0', 'it contains a control character'],
] as const) {
  testNft(`${JSON.stringify(value)} is rejected: ${why}`, () => {
    assert.throws(
      () => quoteNft(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message === `${JSON.stringify(value)} cannot be written in an nftables ruleset: ${why}`,
    );
  });
}

testNft.run();

const testNginx = suite('quoting for nginx');

for (const value of [
  'harv-1',
  '/srv/harvgen/location_x/www',
  '192.168.178.0/24',
  'http://192.168.178.7:8080',
  'a@b%c+d,e=f',
]) {
  testNginx(`${value} stays an unquoted parameter`, () => {
    assert.is(quoteNginx(value), value);
  });
}

for (const [value, quoted] of [
  ['', '""'],
  ['a b', '"a b"'],
  ['a; reboot', '"a; reboot"'],
  ['} reboot {', '"} reboot {"'],
  ['# comment', '"# comment"'],
  ['`reboot`', '"`reboot`"'],
  ['|| reboot', '"|| reboot"'],
  ['&& reboot', '"&& reboot"'],
  ["it's", '"it\'s"'],
  ['print "x"', '"print \\"x\\""'],
  ['"; reboot; "', '"\\"; reboot; \\""'],
  ['back\\slash', '"back\\\\slash"'],
  ['ends with \\', '"ends with \\\\"'],
  ['\\"', '"\\\\\\""'],
  ['~*\\.php', '"~*\\\\.php"'],
  ['*', '"*"'],
  ['%s%n <', '"%s%n <"'],
  ['Zürich 東京 🙂', '"Zürich 東京 🙂"'],
] as const) {
  testNginx(`${value} becomes ${quoted}`, () => {
    assert.is(quoteNginx(value), quoted);
  });
}

for (const [value, why] of [
  ['$host', '$ begins a variable'],
  ['${net0/ip}', '$ begins a variable'],
  ['$(reboot)', '$ begins a variable'],
  ['a$', '$ begins a variable'],
  ['a\nreboot;', 'it contains a control character'],
  ['a\rreboot;', 'it contains a control character'],
  ['a\tb', 'it contains a control character'],
  ['a\0', 'it contains a control character'],
  ['a\u001b[2J', 'it contains a control character'],
  ['a\u0085b', 'it contains a control character'],
] as const) {
  testNginx(`${JSON.stringify(value)} is rejected: ${why}`, () => {
    assert.throws(
      () => quoteNginx(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message === `${JSON.stringify(value)} cannot be written in an nginx configuration: ${why}`,
    );
  });
}

testNginx('numbers are written as text', () => {
  assert.is(quoteNginx(8080), '8080');
});

testNginx('$ is literal in a location', () => {
  assert.is(quoteNginxLocation('/a.txt'), '/a.txt');
  assert.is(quoteNginxLocation('/$uri "${host}"'), '"/$uri \\"${host}\\""');
  assert.throws(() => quoteNginxLocation('/a\nb'), /it contains a control character/);
});

testNginx.run();

const testPowerman = suite('quoting for powerman');

const POWERMAN_VALUES: Readonly<Record<string, string>> = {
  cg01: '"cg01"',
  '': '""',
  '/usr/sbin/ipmipower -h a,b |&': '"/usr/sbin/ipmipower -h a,b |&"',
  'a"b\\c': '"a\\"b\\\\c"',
};

for (const [value, quoted] of Object.entries(POWERMAN_VALUES)) {
  testPowerman(`${JSON.stringify(value)} becomes ${quoted}`, () => assert.is(quotePowerman(value), quoted));
}

testPowerman('values that powermand would read differently are rejected', () => {
  for (const value of ['a\nb', 'a\tb', 'a\x00'])
    assert.throws(
      () => quotePowerman(value),
      /cannot be written in a powerman configuration: it contains a control/,
    );
  assert.is(quotePowerman('x'.repeat(8191)).length, 8193);
  assert.throws(() => quotePowerman('x'.repeat(8192)), /it is longer than 8191 bytes/);
});

testPowerman.run();

const testPxelinux = suite("words of PXELINUX' configuration");

testPxelinux('words stay unquoted', () => {
  for (const value of ['cn01.ipxe', 'a#b', "it's", '01-52-54-00-0b-01-01'])
    assert.is(quotePxelinux(value), value);
});

testPxelinux('other values are rejected', () => {
  for (const value of ['', 'a b', '# a', '#a', 'a\nb', 'ä', '\t'])
    assert.throws(
      () => quotePxelinux(value),
      (error: unknown) => error instanceof Unquotable,
      value,
    );
});

testPxelinux.run();

const testShell = suite('quoting for the shell');

const SHELL_VALUES = [
  '',
  'harv-1',
  '/srv/harvgen/media',
  'a b',
  ' ',
  '  leading and trailing  ',
  '$(touch owned)',
  '`touch owned`',
  '${HOME}',
  '$HOME $1 $@ $$ $?',
  '${net0/ip}',
  '; touch owned',
  '|| touch owned',
  '&& touch owned',
  '& touch owned',
  '| touch owned',
  '> owned',
  '\n touch owned\n',
  'a\r\nb',
  '\t',
  '# comment',
  "it's",
  "'",
  "''",
  "'; touch owned; '",
  '"; touch owned; "',
  '\\',
  "\\'",
  'a\\nb',
  '!!',
  '!x',
  '*',
  '?',
  '[a-z]',
  '{a,b}',
  '~',
  '~root',
  '=ls',
  '-n',
  '--help',
  '-',
  '%s%n%',
  'a=b',
  'PATH=/nowhere',
  '(a)',
  '\u001b[2J',
  'Zürich 東京 🙂',
  '\u2028',
  'x'.repeat(10_000),
];

/** Returns the words of a script as bash reads them, in a directory that contains one file. */
function words(script: string): string[] {
  const cwd = scratchFolder();
  const { stdout, stderr, status } = spawnSync('bash', ['-c', `touch a; printf '%s\\0' ${script}`], {
    cwd,
    encoding: 'utf8',
  });
  assert.is(stderr, '');
  assert.is(status, 0);
  return stdout.split('\0').slice(0, -1);
}

testShell('bash reads each value back, byte for byte, as one word', () => {
  assert.equal(words(SHELL_VALUES.map(quoteShell).join(' ')), SHELL_VALUES);
});

testShell('bash reads each value back that is the only word', () => {
  for (const value of SHELL_VALUES.slice(0, 20)) assert.equal(words(quoteShell(value)), [value]);
});

testShell('values may be joined to other text', () => {
  assert.equal(words(`a${quoteShell("'")}b${quoteShell('$x')}`), ["a'b$x"]);
});

testShell('a value works on the right of an assignment', () => {
  const script = SHELL_VALUES.map((value, index) => `v${index}=${quoteShell(value)};`).join(' ');
  const print = `printf '%s\\0' ${SHELL_VALUES.map((_, index) => `"$v${index}"`).join(' ')}`;
  const { stdout } = spawnSync('bash', ['-c', `${script} ${print}`], {
    cwd: scratchFolder(),
    encoding: 'utf8',
  });
  assert.equal(stdout.split('\0').slice(0, -1), SHELL_VALUES);
});

testShell('plain values stay unquoted, other values are in single quotes', () => {
  assert.is(
    quoteShell('http://192.168.178.7:80/a_b-c.d@e%f+g,h=i'),
    'http://192.168.178.7:80/a_b-c.d@e%f+g,h=i',
  );
  assert.is(quoteShell(8080), '8080');
  assert.is(quoteShell(''), "''");
  assert.is(quoteShell('$(reboot)'), "'$(reboot)'");
  assert.is(quoteShell("it's"), `'it'\\''s'`);
});

testShell('a NUL is rejected', () => {
  assert.throws(
    () => quoteShell('a\0b'),
    (error: unknown) =>
      error instanceof Unquotable &&
      error.message === '"a\\u0000b" cannot be written in a shell script: it contains a NUL',
  );
});

testShell.run();

const testSystemd = suite('quoting for systemd');

// In test/system/expose.test.ts, systemd itself reads these values back.
for (const [value, quoted] of [
  ['/srv/harvgen/plant/scripts/watchdog.sh', '/srv/harvgen/plant/scripts/watchdog.sh'],
  ['TCP4:192.168.150.40:443,nodelay', 'TCP4:192.168.150.40:443,nodelay'],
  [443, '443'],
  ['', '""'],
  ['a b', '"a b"'],
  ['100%', '100%%'],
  ['%n %i', '"%%n %%i"'],
  ['%%', '%%%%'],
  ['it\'s "x"', '"it\'s \\"x\\""'],
  ['back\\slash', '"back\\\\slash"'],
  ['ends with \\', '"ends with \\\\"'],
  ['\\x20', '"\\\\x20"'],
  [';', '";"'],
  ['# comment', '"# comment"'],
  ['a; reboot', '"a; reboot"'],
  ['[Service]', '"[Service]"'],
  ['`reboot`', '"`reboot`"'],
  ['Zürich 東京 🙂', '"Zürich 東京 🙂"'],
] as const) {
  testSystemd(`${value} becomes ${quoted}`, () => {
    assert.is(quoteSystemd(value), quoted);
  });
}

for (const [value, why] of [
  ['$HOME', '$ begins a variable in commands'],
  ['${HOME}', '$ begins a variable in commands'],
  ['a$$b', '$ begins a variable in commands'],
  ['a\nExecStart=/bin/reboot', 'it contains a control character'],
  ['a\rb', 'it contains a control character'],
  ['a\tb', 'it contains a control character'],
  ['a\0', 'it contains a control character'],
] as const) {
  testSystemd(`${JSON.stringify(value)} is rejected: ${why}`, () => {
    assert.throws(
      () => quoteSystemd(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message === `${JSON.stringify(value)} cannot be written in a systemd unit: ${why}`,
    );
  });
}

testSystemd.run();

const testTgt = suite('quoting for tgt');

testTgt('names of targets, paths, addresses and placeholders are unchanged', () => {
  for (const value of [
    'iqn.2024-07.internal.harvgen:bmi:cn01',
    '/srv/disks/bmi-cn01.raw',
    '10.0.0.1',
    '@@secret:a_b@@',
  ])
    assert.is(quoteTgt(value), value);
});

testTgt('values that are special to a shell or end a word are rejected', () => {
  for (const value of ['', 'a b', 'a"b', "a'b", 'a;b', '$a', 'a#b', 'a\nb', '<a>', 'ä'])
    assert.throws(
      () => quoteTgt(value),
      /cannot be written in a tgt configuration: it contains characters other than letters/,
    );
});

testTgt.run();

const testXinetd = suite("words of xinetd's configuration");

testXinetd('words stay unquoted', () => {
  for (const value of ['/srv/harvgen/tftp', '10.21.0.0/24', 'a#b', "it's"])
    assert.is(quoteXinetd(value), value);
});

testXinetd('other values are rejected', () => {
  for (const value of ['', 'a b', '#a', '}', 'a\nb', 'ä'])
    assert.throws(
      () => quoteXinetd(value),
      (error: unknown) => error instanceof Unquotable,
      value,
    );
});

testXinetd.run();

const testXml = suite('quoting for XML');

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
  testXml(`${JSON.stringify(value)} becomes ${quoted}`, () => {
    assert.is(quoteXml(value), quoted);
  });
}

for (const value of ['a\nb', 'a\r\nb', 'a\tb', 'a\0', 'a\u001b[2J', 'a\u007f', 'a\u0085b']) {
  testXml(`${JSON.stringify(value)} is rejected`, () => {
    assert.throws(
      () => quoteXml(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message ===
          `${JSON.stringify(value)} cannot be written in XML: it contains a control character`,
    );
  });
}

for (const value of ['a\ud83d', '\ude42a', 'a\ufffe', '\uffff']) {
  testXml(`${JSON.stringify(value)} is rejected as an invalid character`, () => {
    assert.throws(() => quoteXml(value), /it contains an invalid character/);
  });
}

testXml('numbers are written as text', () => {
  assert.is(quoteXml(8), '8');
});

testXml.run();

const testYaml = suite('quoting for YAML');

for (const [text, quoted] of [
  ['', '""'],
  ["it's {{ .x }} # é 🙂 @@secret:a@@", '"it\'s {{ .x }} # é 🙂 @@secret:a@@"'],
  ['print "x" \\n', '"print \\"x\\" \\\\n"'],
  ['two  \n lines\r\n\tx', '"two \\ \\n lines\\r\\n\\tx"'],
  ['\0\u0007\u001b\u0001', '"\\0\\a\\e\\x01"'],
  [' \0 \u0001 \ud800x', '" \\0 \\x01 \\ud800x"'],
  ['\u0085\u2028\ufeff', '"\\u0085\\u2028\\ufeff"'],
  ['\\u0000', '"\\\\u0000"'],
]) {
  testYaml(`${JSON.stringify(text)} becomes ${quoted}`, () => assert.is(quoteYaml(text as string), quoted));
}

testYaml.run();
