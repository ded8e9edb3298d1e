import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { scratchFolder } from './scratch.ts';

/* Stand-ins for BMCs of several makers, which answer Redfish requests by https on IP addresses of the loopback. */

type Json = Record<string, unknown>;

/** A change that a BMC was requested to make, and the status of its answer. */
export interface Change {
  readonly method: string;
  readonly path: string;
  readonly body: Json;
  readonly status: number;
}

/** The behavior of a BMC, besides its resources. */
export interface Manner {
  /** Each resource by its path, without a trailing slash. */
  readonly resources: Record<string, Json>;
  /** `required`: a change needs the current tag; `any`: it needs some tag, and only * is accepted (RFC 6585). */
  readonly tags?: 'required' | 'any';
  /** Whether its boot mode is read-only. */
  readonly keepsMode?: true;
  /** Whether a path without a trailing slash redirects to the one with it. */
  readonly redirects?: true;
  /** The text of every answer. */
  readonly answers?: string;
  /** The error for every change. */
  readonly refuses?: { readonly status: number; readonly message: string };
  /** Whether it accepts each change, but changes nothing. */
  readonly forgets?: true;
  /** Whether it sends no answer at all. */
  readonly isSilent?: true;
}

/** One BMC. A reset changes the power state as its machine would, after a moment. */
export class Bmc {
  readonly changes: Change[] = [];
  readonly asked: string[] = [];
  readonly #manner: Manner;
  readonly #password: string;
  #version = 1;

  constructor(manner: Manner, password: string) {
    this.#manner = manner;
    this.#password = password;
  }

  /** Answers one request. */
  async answer(
    request: IncomingMessage,
  ): Promise<{ status: number; body?: string; headers?: Record<string, string> }> {
    const { method = '', url = '', headers } = request;
    const data = await text(request);
    this.asked.push(`${method} ${url}`);
    const { resources, answers, redirects } = this.#manner;
    const expected = `Basic ${Buffer.from(`root:${this.#password}`).toString('base64')}`;
    if (headers.authorization !== expected) return { status: 401, body: '{}' };
    if (answers !== undefined) return { status: 200, body: answers };
    if (redirects && !url.endsWith('/') && method === 'GET')
      return { status: 301, headers: { location: `${url}/` } };
    const path = url.replace(/\/$/, '');
    if (method === 'GET') {
      const resource = resources[path];
      if (!resource) return { status: 404, body: '{}' };
      return { status: 200, body: JSON.stringify(resource), headers: { etag: `"${this.#version}"` } };
    }
    const body = JSON.parse(data) as Json;
    const { status, message } = this.#change(method, path, body, headers['if-match']);
    this.changes.push({ method, path, body, status });
    const error = {
      error: { code: 'Base.1.0.GeneralError', '@Message.ExtendedInfo': [{ Message: message }] },
    };
    return message === undefined ? { status } : { status, body: JSON.stringify(error) };
  }

  get isSilent(): boolean {
    return this.#manner.isSilent ?? false;
  }

  #change(
    method: string,
    path: string,
    body: Json,
    tag: string | undefined,
  ): { status: number; message?: string } {
    const { resources, tags, refuses, keepsMode, forgets } = this.#manner;
    if (refuses) return refuses;
    if (forgets) return { status: 204 };
    if (method === 'PATCH') {
      const isRight = { required: tag === `"${this.#version}"`, any: tag === '*', none: true }[
        tags ?? 'none'
      ];
      if (!isRight) return { status: tag === undefined ? 428 : 412, message: 'no' };
      const system = resources[path] as { Boot: Json };
      if (keepsMode && 'BootSourceOverrideMode' in (body.Boot as Json))
        return { status: 400, message: 'BootSourceOverrideMode is not writable' };
      Object.assign(system.Boot, body.Boot);
      this.#version += 1;
      return { status: 200 };
    }
    const system = resources[path.replace(/\/Actions\/.*/, '')] as Json;
    const PowerState = body.ResetType === 'ForceOff' ? 'Off' : 'On';
    setTimeout(() => Object.assign(system, { PowerState }), 300);
    this.#version += 1;
    return { status: 204 };
  }
}

/** Several BMCs, each at an IP address of the loopback, all at one port. */
export class BmcRoom {
  readonly #servers: Server[] = [];
  #port = 0;
  readonly authority: string;
  readonly #key: string;

  constructor() {
    const folder = scratchFolder();
    this.authority = join(folder, 'bmc.crt');
    this.#key = join(folder, 'bmc.key');
    const names = Array.from({ length: 20 }, (_, index) => `IP:127.0.0.${index + 2}`).join(',');
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const made = ['-keyout', this.#key, '-out', this.authority];
    const self = ['req', '-x509', '-subj', '/CN=bmc', '-addext', `subjectAltName=${names}`];
    execFileSync('openssl', [...self, ...kind, ...made], { stdio: 'ignore' });
  }

  get port(): number {
    return this.#port;
  }

  /** Adds a BMC at an IP address. */
  async add(address: string, bmc: Bmc): Promise<void> {
    const files = { key: readFileSync(this.#key), cert: readFileSync(this.authority) };
    const server = createServer(files, (request, response) => {
      if (bmc.isSilent) return;
      void bmc
        .answer(request)
        .then(({ status, body = '', headers = {} }) => response.writeHead(status, headers).end(body));
    });
    server.listen(this.#port, address);
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#servers.push(server);
  }

  close(): void {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}

/** Returns the list of systems, and each of them, as one BMC has them. */
export function systems(all: Readonly<Record<string, Json>>): Record<string, Json> {
  const root = '/redfish/v1/Systems';
  return {
    [root]: { Members: Object.keys(all).map((id) => ({ '@odata.id': `${root}/${id}` })) },
    ...Object.fromEntries(Object.entries(all).map(([id, system]) => [`${root}/${id}`, system])),
  };
}

/** Returns a system as most makers have it: the allowed resets are next to the action. */
export function system(id: string, resets: readonly string[], others: Json = {}): Json {
  return {
    '@odata.id': `/redfish/v1/Systems/${id}`,
    PowerState: 'On',
    Boot: {
      BootSourceOverrideEnabled: 'Disabled',
      BootSourceOverrideTarget: 'None',
      'BootSourceOverrideTarget@Redfish.AllowableValues': ['None', 'Pxe', 'Hdd', 'UefiHttp'],
      BootSourceOverrideMode: 'Legacy',
    },
    Actions: {
      '#ComputerSystem.Reset': {
        target: `/redfish/v1/Systems/${id}/Actions/ComputerSystem.Reset`,
        'ResetType@Redfish.AllowableValues': resets,
      },
    },
    ...others,
  };
}
