// needs: root kubectl nginx setpriv unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { SERVER } from '../support/ochami-plant.ts';
import { RECORDED, RECORDED_SITE, type Recorded } from '../support/ochami-recorded.ts';
import { edited } from '../support/plant.ts';
import type { Answer } from './asker.ts';
import { serveFromPod } from './pod-server.ts';
import { openWebBox, type WebBox } from './web-box.ts';

const test = suite("recorded answers of OpenCHAMI's services, field by field, with the real nginx");
let box: WebBox;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(...new Set(RECORDED.map(({ from }) => from)));
});

test.after(() => box?.close());

test(`${RECORDED.length} answers, from the boot server`, async () => {
  const served = await box.deploy(RECORDED_SITE);
  await box.start(served);
  await compareAll(box.get);
});

test(`${RECORDED.length} answers, from a pod`, async () => {
  const inPod = edited(RECORDED_SITE, ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']);
  const pod = await serveFromPod(box, inPod, {});
  try {
    await compareAll(pod.ask);
  } finally {
    await pod.stop();
  }
});

type Get = (from: string, path: string) => Promise<Answer>;

async function compareAll(get: Get): Promise<void> {
  assert.ok(RECORDED.length > 0);
  for (const one of RECORDED)
    for (const prefix of prefixesOf(one)) {
      const path = prefix + one.path;
      compare(one, path, await get(one.from, path));
    }
}

/** Returns the prefixes of an answer. Without one, `/meta-data` is that of the cloud-init server. */
function prefixesOf({ gateway, path }: Recorded): string[] {
  if (gateway === '/apis/bss' && !path.startsWith('/boot/')) return [gateway];
  return gateway === '/apis/cloud-init'
    ? ['', '/cloud-init', gateway, `${gateway}/cloud-init`]
    : ['', gateway];
}

function compare(recorded: Recorded, path: string, { status, headers, body }: Answer): void {
  for (const [key, value] of Object.entries(recorded.instead ?? {}))
    assert.not.equal(recorded[key as keyof Recorded], value, `${path}: ${key}`);
  const whole = { ...recorded, ...recorded.instead };
  assert.is(status, whole.status ?? 200, `${path}: ${body}`);
  if (!('answer' in whole) || (recorded.instead?.status ?? 0) >= 400) return;
  const expected = expectedOf(whole);
  assert.is(headers['content-type'], whole.type, path);
  assert.equal(read(body, whole.type), expected, path);
}

function read(body: string, type = ''): unknown {
  if (/json/.test(type)) return JSON.parse(body);
  return /x-yaml/.test(type) ? parse(body) : body;
}

/** Returns the expected answer. Each listed difference must be a real one. */
function expectedOf({ answer, here = {} }: Recorded): unknown {
  if (typeof answer === 'string') {
    return Object.entries(here).reduce((text, [there, instead]) => {
      assert.ok(text.includes(there), there);
      return text.replaceAll(there, String(instead));
    }, answer);
  }
  const expected = structuredClone(answer);
  for (const [path, value] of Object.entries(here)) {
    const names = path.split('/');
    const last = names.pop() ?? '';
    // biome-ignore lint/suspicious/noExplicitAny: it is of any shape
    const holder = names.reduce<any>((inner, name) => inner[name], expected);
    assert.not.equal(holder[last], value, path);
    if (value === '<omitted>') delete holder[last];
    else holder[last] = value;
  }
  return expected;
}

test.run();
