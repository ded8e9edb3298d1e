// needs: root nginx unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT, plantCalled } from '../support/plant.ts';
import { openWebBox, type WebBox } from './web-box.ts';

/* Two sites behind the one IP address that boot images contain, like the locations of one phs. */

const SERVER = '192.168.178.7';
/** The port that boot images contain; the second site is behind it. */
const [PORT, BEHIND] = [10000, 10001] as const;
const IMAGE = '192.168.178.252';
const NODE = '192.168.178.42';
/** A node of the second site, which is routed here. */
const FAR_NODE = '192.168.99.41';
const FAR_MAC = '52:54:00:AA:63:01';

const ours = edited(PLANT, [
  `url: http://${SERVER}`,
  `url: http://${SERVER}:${PORT}\n  next: http://${SERVER}:${BEHIND}\n  allow_scripts: [${IMAGE}]`,
]);
const theirs = edited(plantCalled('far', 99), [
  'url: http://192.168.99.7',
  `url: http://${SERVER}:${BEHIND}\n  allow_scripts: [${IMAGE}]`,
]);

const test = suite('several sites behind one IP address');
let box: WebBox;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(IMAGE, NODE, FAR_NODE);
  const sites = [await box.deploy(ours), await box.deploy(theirs)];
  for (const site of sites) await box.include(site, { cluster_token: `the-token-of-${site.name}` });
  await box.start(...sites);
});

test.after(() => box?.close());

/** Sends a request and follows redirects, as iPXE does. Returns the answer, and the ports of the requests. */
async function follow(from: string, path: string) {
  const ports: number[] = [PORT];
  const ask = (to: number, at: string) => box.get(from, at, { port: to, headers: [`Host: ${SERVER}:${to}`] });
  let answer = await ask(PORT, path);
  while (answer.status === 302 && ports.length < 5) {
    const { port, pathname } = new URL(answer.headers.location ?? '');
    ports.push(Number(port));
    answer = await ask(Number(port), decodeURIComponent(pathname));
  }
  return { ...answer, ports };
}

test('a machine of the first site gets its answer at once', async () => {
  const { status, body, ports } = await follow(IMAGE, '/ipxe/52:54:00:aa:01:02');
  assert.equal([status, ports], [200, [PORT]]);
  assert.match(body, '# harv-2, a node of plant\n');
});

test('a machine of the second site is redirected there, and gets its own script and configuration', async () => {
  for (const [from, path] of [
    [IMAGE, `/ipxe/${FAR_MAC}`],
    [FAR_NODE, `/ipxe/${FAR_MAC.toLowerCase()}/`],
  ] as const) {
    const { status, body, ports } = await follow(from, path);
    assert.equal([status, ports], [200, [PORT, BEHIND]]);
    assert.match(body, '# harv-1, a node of far\n');
    assert.match(body, `http://${SERVER}:${BEHIND}/config/52-54-00-aa-63-01.yaml`);
  }
  const configuration = await follow(FAR_NODE, `/config/${FAR_MAC}`);
  assert.equal([configuration.status, configuration.ports], [200, [PORT, BEHIND]]);
  assert.match(configuration.body, 'the-token-of-far');
});

test('no client gets the files of another machine there', async () => {
  for (const from of [IMAGE, NODE]) assert.is((await follow(from, `/config/${FAR_MAC}`)).status, 403);
  assert.is((await follow(NODE, `/ipxe/${FAR_MAC}`)).status, 403);
});

test('an unknown machine gets 404 from the last site, and an invalid MAC gets 400 from the first', async () => {
  const unknown = await follow(IMAGE, '/ipxe/52:54:00:de:ad:01');
  assert.equal([unknown.status, unknown.ports], [404, [PORT, BEHIND]]);
  const malformed = await follow(IMAGE, '/ipxe/52:54:00:de:ad');
  assert.equal([malformed.status, malformed.ports], [400, [PORT]]);
  // A MAC with a trailing line break is invalid; the break would be in a header of the answer.
  const broken = await follow(IMAGE, '/ipxe/52:54:00:aa:63:01%0A');
  assert.equal([broken.status, broken.ports, broken.headers.location], [400, [PORT], undefined]);
  // The paths in harvgen's own scripts belong to this site.
  const own = await follow(IMAGE, '/ipxe/52-54-00-aa-63-01.ipxe');
  assert.equal([own.status, own.ports], [404, [PORT]]);
});

test('three sites fit in the memory that nginx reserves for variables, without a warning', async () => {
  const names = ['location_x', 'location_y', 'location_z'];
  const sites = [];
  for (const [index, name] of names.entries()) {
    const [url, at] = [`url: http://192.168.${20 + index}.7`, `url: http://${SERVER}:${11_000 + index}`];
    const inventory = edited(plantCalled(name, 20 + index), [url, `${at}\n  allow_scripts: [${IMAGE}]`]);
    sites.push(await box.deploy(inventory));
  }
  for (const site of sites) await box.include(site, { cluster_token: 'a-token' });
  await box.start(...sites);
  assert.not.match(await box.log(), /\[(warn|error|emerg)\]/);
});

test.run();
