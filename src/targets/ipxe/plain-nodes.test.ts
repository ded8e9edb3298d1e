import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Edit } from '../../../test/support/plant.ts';
import { resolved } from '../../../test/support/resolved.ts';
import type { Site } from '../../site/model.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { selfPlace } from '../../source/origin.ts';
import { LazyFile } from '../../tree/lazy-file.ts';
import { Unquotable } from '../../values/quoting/unquotable.ts';
import { rendererOf } from '../render.ts';
import { builtIn } from '../templates/built-in.ts';
import { TemplateFault } from '../templates/template-fault.ts';
import { ipxe } from './ipxe.ts';
import { plainNodes } from './plain-nodes.ts';

const test = suite('nodes whose scripts need no rendering to be sure of them');

const SITES: Readonly<Record<string, readonly Edit[]>> = {
  'with DHCP': [],
  'signed, with releases at a mirror, and configurations by https': [
    [
      '  url: http://192.168.178.7\n',
      '  url: https://boot.plant\n  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key }\n  sign: { signer: boot.plant }\n  media: http://mirror.plant\n',
    ],
  ],
  'without DHCP, with a console of its own': [
    ['version: v1.4.1', 'version: v1.6.1'],
    ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''],
    ['    install:\n', '    install:\n      tty: ttyS1,115200n8\n'],
    ...['1', '2', '3'].map(
      (n): Edit => [
        `{ mac: 52:54:00:aa:01:0${n}, ip: 192.168.178.4${n}`,
        `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:0${n}, ip: 192.168.178.4${n} }]`,
      ],
    ),
  ],
};

/** A list or map that holds a text, and where. */
type Leaf = readonly [holder: Record<string, unknown>, key: string];

function* textsIn(value: object, seen = new Set<object>()): Iterable<Leaf> {
  if (seen.has(value)) return;
  seen.add(value);
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'string') yield [value as Record<string, unknown>, key];
    else if (typeof item === 'object' && item !== null) yield* textsIn(item, seen);
  }
}

/** Gives the names of the nodes that pass for plain, and fails where the script of one of them cannot be written. */
function plainNames(site: Site): string[] {
  const scripts = [
    ...ipxe.emit(site, (name, data) => (name === 'ipxe/boot.ipxe' ? '' : rendered(name, data)), []),
  ];
  const unwritten = new Set(scripts.filter(({ content }) => content === UNWRITTEN).map(({ path }) => path));
  const later = rendererOf(new Map(), selfPlace(site), new Report());
  for (const file of ipxe.emit(
    site,
    Object.assign(() => '', { later: later.later }),
    [],
  ))
    if (file instanceof LazyFile) assert.not(unwritten.has(file.path), file.path);
  return site.nodes.filter(plainNodes(site)).map(({ name }) => name);
}

const UNWRITTEN = 'unwritten';

function rendered(name: string, data: object): string {
  try {
    return builtIn(name)(data);
  } catch (error) {
    if (error instanceof TemplateFault && error.cause instanceof Unquotable) return UNWRITTEN;
    throw error;
  }
}

for (const [what, edits] of Object.entries(SITES)) {
  test(`are all of a common site ${what}, and none of what they are told by goes unseen`, async () => {
    const site = await resolved(...edits);
    assert.equal(plainNames(site), ['harv-1', 'harv-2', 'harv-3']);
    let others = 0;
    for (const [holder, key] of [...textsIn(site)]) {
      const before = holder[key];
      holder[key] = 'two words';
      if (plainNames(site).length < 3) others += 1;
      holder[key] = before;
    }
    assert.ok(others > 10, String(others));
  });
}

for (const [what, edits] of Object.entries(SITES)) {
  test(`have the same script later, on a site ${what}`, async () => {
    const site = await resolved(...edits);
    const render = rendererOf(new Map(), selfPlace(site), new Report());
    const now = ipxe.emit(site, (name, data) => render(name, data), []);
    const later = [...ipxe.emit(site, render, [])];
    assert.is(later.filter((file) => file instanceof LazyFile).length, 3);
    assert.equal(
      later.map(({ path, content }) => [path, content]),
      Array.from(now, ({ path, content }) => [path, content]),
    );
  });
}

test.run();
