// needs: root kubectl nginx setpriv unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { OCHAMI, SECRETS, SERVER } from '../support/ochami-plant.ts';
import {
  LYNX,
  OF_LYNX,
  OF_OCHAMI_PLANT,
  OF_RECORDED_SITE,
  RECORDED_SITE,
  type Recorded,
} from '../support/ochami-recorded.ts';
import { edited } from '../support/plant.ts';
import type { Answer } from './asker.ts';
import { serveFromPod } from './pod-server.ts';
import { openWebBox, type WebBox } from './web-box.ts';

const test = suite("recorded answers of OpenCHAMI's services, field by field, with the real nginx");
let box: WebBox;

test.before(async () => {
  box = await openWebBox(SERVER);
  const clients = [OF_OCHAMI_PLANT, OF_RECORDED_SITE, OF_LYNX].flat().map(({ from }) => from);
  await box.addresses(...new Set(clients));
});

test.after(() => box?.close());

for (const { site, secrets, recorded } of [
  { site: OCHAMI, secrets: SECRETS, recorded: OF_OCHAMI_PLANT },
  { site: RECORDED_SITE, secrets: {}, recorded: OF_RECORDED_SITE },
  { site: LYNX, secrets: {}, recorded: OF_LYNX },
]) {
  const services = [...new Set(recorded.map(({ gateway }) => gateway))].join(' and ');
  const all = `${recorded.length} answers of ${services}`;

  test(`${all}, from the boot server`, async () => {
    const served = await box.deploy(site);
    await box.include(served, secrets);
    await box.start(served);
    await compareAll(recorded, box.get);
  });

  test(`${all}, from a pod`, async () => {
    const inPod = edited(site, ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']);
    const pod = await serveFromPod(box, inPod, secrets);
    try {
      await compareAll(recorded, pod.ask);
    } finally {
      await pod.stop();
    }
  });
}

type Get = (from: string, path: string) => Promise<Answer>;

async function compareAll(recorded: readonly Recorded[], get: Get): Promise<void> {
  assert.ok(recorded.length > 0);
  for (const one of recorded)
    for (const prefix of one.behindGateway ? [one.gateway] : ['', one.gateway]) {
      const path = prefix + one.path;
      compare(one, path, await get(one.from, path));
    }
}

function compare(recorded: Recorded, path: string, { status, headers, body }: Answer): void {
  for (const [key, value] of Object.entries(recorded.instead ?? {}))
    assert.not.equal(recorded[key as keyof Recorded], value, `${path}: ${key}`);
  const whole = { ...recorded, ...recorded.instead };
  assert.is(status, whole.status ?? 200, `${path}: ${body}`);
  if (!('answer' in whole) || (recorded.instead?.status ?? 0) >= 400) return;
  const expected = expectedOf(whole);
  assert.is(headers['content-type'], whole.type, path);
  const actual = typeof expected === 'string' ? body : read(body, whole.type);
  assert.equal(whole.among ? sampleOf(actual, expected) : actual, expected, path);
}

function read(body: string, type = ''): unknown {
  return /json/.test(type) ? JSON.parse(body) : parse(Buffer.from(body, 'latin1').toString());
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
    if (value !== undefined) holder[last] = value;
    else if (Array.isArray(holder)) holder.splice(Number(last), 1);
    else delete holder[last];
  }
  return expected;
}

/** Returns the items of a list, or of the one list of an object, that are in the sample. */
function sampleOf(actual: unknown, sample: unknown): unknown {
  if (Array.isArray(sample)) {
    const names = sample.map(nameOf);
    return (actual as object[]).filter((one) => names.includes(nameOf(one)));
  }
  return Object.fromEntries(
    Object.entries(actual as object).map(([key, list]) => [
      key,
      sampleOf(list, (sample as Record<string, unknown>)[key]),
    ]),
  );
}

/** Returns the identifier of an object in a list. */
function nameOf(one: { ID?: string; id?: string; label?: string; hosts?: readonly string[] }): string {
  return one.ID ?? one.id ?? one.label ?? String(one.hosts);
}

test.run();
