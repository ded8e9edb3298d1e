import type { Place, Source } from '../../../source/origin.ts';
import { ipv4Number, parseCidr } from '../../../values/ipv4.ts';
import { quoteVisibly } from '../../names.ts';
import { Notes } from '../../notes.ts';
import { concealLikely } from '../../secrets.ts';
import type { GatheredIscsi, GatheredLogin, GatheredTarget, Said } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { type Piece, saidBy } from '../reservations/said.ts';
import { type Block, readBlocks } from './read-blocks.ts';

/** The targets of tgt: a file of /etc/tgt/conf.d, such as BMI wrote for each disk. They are joined to the machines that boot them. */
export const tgt: JoinedKind = {
  name: 'tgt',
  what: 'targets of tgt, as in /etc/tgt/conf.d/5img42.conf or targets.conf: which disk is behind which name',
  isLike: ({ text }) => LIKE.test(text),
  read(source, report) {
    concealLikely(source);
    concealPasswords(source);
    if (source.text.trim() !== '' && !LIKE.test(source.text)) {
      // What is secret in it only its own kind would know.
      source.conceal({ start: 0, end: source.text.length });
      report.error({
        code: 'import-kind',
        message: 'This file has no target of tgt.',
        at: { source, start: 0, end: 0 },
        help: 'give a file that tgt-admin reads, such as /etc/tgt/conf.d/5img42.conf',
      });
      return undefined;
    }
    const { blocks, faults } = readBlocks(source);
    for (const { message, start, end, help } of faults)
      report.error({ code: 'import-syntax', message, at: { source, start, end }, help });
    if (faults.length > 0) return undefined;
    const notes = new Notes();
    const targets = new Targets(source, notes);
    for (const block of blocks) targets.add(block);
    const { found, iscsi } = targets;
    return { machines: [], targets: found, server: { iscsi }, notes: notes.sorted() };
  },
};

const LIKE = /^[ \t]*<target[ \t]+\S[^<>\n]*>/m;

/** What has a name and a password behind it: nothing else of such a file has more than a value. */
const PASSWORD = /^[ \t]*[^\s=]{1,60}[ \t=]{1,20}\S{1,200}[ \t]{1,20}(\S[^\n]*)/gm;

/** Keeps passwords from being shown, whether the file can be read or not. */
function concealPasswords(source: Source): void {
  for (const { index, 0: whole, 1: value = '' } of source.text.matchAll(PASSWORD)) {
    const end = index + whole.length;
    source.conceal({ start: end - value.length, end });
  }
}

const WRITE_CACHE = 'a site says it of all disks: server.iscsi.write_cache';

/** What is said of a target beyond what is carried, and why it is not. */
const LEFT: Readonly<Record<string, string>> = {
  'initiator-name': 'harvgen writes for each target who may come by address and by CHAP',
  'direct-store': 'a device as a whole: a site has disks in a store',
  readonly: 'a node writes to its disk',
};

/** What is written as harvgen writes it, or as it is unless said. */
const KNOWN: ReadonlySet<string> = new Set([
  'driver',
  'bs-type',
  'bsopts',
  'backing-store',
  'initiator-address',
  'incominguser',
  'outgoinguser',
  'write-cache',
  'lun',
  'scsi_id',
  'scsi_sn',
]);

class Targets {
  readonly found: GatheredTarget[] = [];
  readonly #source: Source;
  readonly #notes: Notes;
  #ceph: Pick<GatheredIscsi, 'pool' | 'id' | 'conf'> = {};

  constructor(source: Source, notes: Notes) {
    this.#source = source;
    this.#notes = notes;
  }

  /** The server, as far as its targets tell. */
  get iscsi(): GatheredIscsi {
    const [first] = this.found;
    return { ...this.#ceph, driver: first && { value: 'tgt', at: first.at } };
  }

  /** Takes what stands outermost. */
  add(block: Block): void {
    const at = this.#place(block);
    if (block.key === 'target' && block.value.text !== '') this.found.push(this.#target(block));
    else if (block.key === 'include')
      this.#notes.add(
        'open',
        `include ${quoteVisibly(block.value.text)}`,
        'a further file of tgt, which harvgen does not open: give it, too',
        at,
      );
    else if (block.key !== 'default-driver')
      this.#notes.add(
        'left',
        quoteVisibly(block.key),
        'it holds for all of tgt: harvgen writes targets alone',
        at,
      );
  }

  #place({ start, end }: { readonly start: number; readonly end: number }): Place {
    return { source: this.#source, start, end };
  }

  #said(piece: Piece): Said<string> {
    return saidBy(this.#source, piece);
  }

  #target({ value: name, blocks, start }: Block): GatheredTarget {
    const stores = blocks.filter(({ key }) => key === 'backing-store');
    const [store] = stores;
    for (const other of stores.slice(1))
      this.#notes.add(
        'left',
        quoteVisibly(other.value.text),
        'a further disk of a target: a node of a site has one',
        this.#place(other),
      );
    const all = [...blocks, ...(store?.blocks ?? [])];
    const last = (key: string) => all.filter((one) => one.key === key).at(-1)?.value;
    this.#others(all);
    const isCeph = last('bs-type')?.text === 'rbd';
    if (isCeph && store) this.#readCeph(store.value, last('bsopts'));
    const at = { source: this.#source, start, end: name.end };
    return {
      at,
      name: { value: referring(name.text), at: this.#place(name) },
      lun: this.#lun(last('lun')),
      store: store && this.#said(store.value),
      login: this.#login(blocks, 'incominguser'),
      targetLogin: this.#login(blocks, 'outgoinguser'),
      addresses: this.#addresses(blocks, { name: name.text, at }),
    };
  }

  #lun(piece: Piece | undefined): Said<number> | undefined {
    return piece && /^\d{1,5}$/.test(piece.text)
      ? { value: Number(piece.text), at: this.#place(piece) }
      : undefined;
  }

  /** What is noted of a target: each key once. */
  #others(all: readonly Block[]): void {
    for (const block of all) {
      const { key, value } = block;
      if (key === 'write-cache' && /^on$/i.test(value.text))
        this.#notes.add('changed', 'write-cache on', WRITE_CACHE, this.#place(block));
      if (key === 'driver' && value.text !== 'iscsi')
        this.#notes.add(
          'left',
          `driver ${quoteVisibly(value.text)}`,
          'nodes boot by iSCSI',
          this.#place(block),
        );
      if (!KNOWN.has(key))
        this.#notes.add(
          'left',
          quoteVisibly(key),
          (Object.hasOwn(LEFT, key) ? LEFT[key] : undefined) ?? 'harvgen writes targets without it',
          this.#place(block),
        );
    }
  }

  /** `pool/image`, and `conf=…;id=…` of what tgt gives to librbd. Source: tgt, usr/bs_rbd.c (bs_rbd_init). */
  #readCeph({ text, start }: Piece, options: Piece | undefined): void {
    const slash = text.indexOf('/');
    const option = (name: string): Said<string> | undefined => {
      const match = new RegExp(`(?:^|;)${name}=([^;]+)`).exec(options?.text ?? '');
      if (!options || !match) return undefined;
      const [whole, value = ''] = match;
      const end = options.start + match.index + whole.length;
      return this.#said({ text: value, start: end - value.length, end });
    };
    const pool =
      slash < 1 ? undefined : this.#said({ text: text.slice(0, slash), start, end: start + slash });
    this.#ceph = {
      pool: this.#ceph.pool ?? pool,
      id: this.#ceph.id ?? option('id'),
      conf: this.#ceph.conf ?? option('conf'),
    };
  }

  #login(blocks: readonly Block[], key: string): GatheredLogin | undefined {
    const [first, ...others] = blocks.filter((one) => one.key === key);
    for (const other of others)
      this.#notes.add('left', key, 'a further one of a target: a node of a site has one', this.#place(other));
    if (!first) return undefined;
    const { text, start } = first.value;
    const [, user = '', gap = '', password = ''] = /^([^\s"']+)["']?(\s+)["']?([^\s"']+)/.exec(text) ?? [];
    if (user === '') return undefined;
    const passwordStart = start + text.indexOf(password, user.length + gap.length);
    return {
      user: this.#said({ text: user, start, end: start + user.length }),
      password: this.#said({
        text: referring(password),
        start: passwordStart,
        end: passwordStart + password.length,
      }),
    };
  }

  #addresses(
    blocks: readonly Block[],
    { name, at }: { readonly name: string; readonly at: Place },
  ): Said<string>[] {
    const said = blocks.filter(({ key }) => key === 'initiator-address');
    const isOpen = said.length === 0 || said.some(({ value }) => /^all$/i.test(value.text));
    if (isOpen && !blocks.some(({ key }) => key === 'incominguser' || key === 'initiator-name'))
      this.#notes.add(
        'open',
        quoteVisibly(name),
        'whoever reaches the iSCSI server reads and writes this disk: it asks nobody who he is (no initiator-address, no incominguser), and such names are easily guessed. Targets that harvgen writes let in one address with its own secret',
        said[0] ? this.#place(said[0]) : at,
      );
    return said.flatMap((block) => {
      const { text } = block.value;
      if (/^all$/i.test(text)) return [];
      if (ipv4Number(text) !== undefined) return [this.#said(block.value)];
      this.#notes.add(
        'left',
        quoteVisibly(text),
        parseCidr(text) ? 'a subnet tells no machine' : 'no IPv4 address of a machine',
        this.#place(block),
      );
      return [];
    });
  }
}

/** The marks of secrets in a target of harvgen's own are references in an inventory. */
function referring(text: string): string {
  return text.replace(/@@secret:([a-z0-9_]+)@@/g, (_, name: string) => `\${secret:${name}}`);
}
