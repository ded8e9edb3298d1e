import type { Source, SourceLocation } from '../../source/source.ts';
import { ipv4Number, parseCidr } from '../../values/addresses.ts';
import type { Span } from '../../values/spans.ts';
import type { GatheredIscsi, GatheredLogin, GatheredTarget, Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import {
  concealGroup,
  type FileError,
  FileReader,
  linesOf,
  type Piece,
  piecesOf,
  referring,
} from './file-reader.ts';
import { isSilent, whyLeft } from './keys.ts';
import { digitsOf } from './reservations.ts';

/** The targets of tgt: a file of /etc/tgt/conf.d, as BMI wrote for each disk. They are joined to their machines. */
export const tgt: JoinedFormat = {
  name: 'tgt',
  what: 'targets of tgt, as in /etc/tgt/conf.d/5img42.conf or targets.conf, with their disks',
  isLike: ({ text }) => LIKE.test(text),
  read(source, report) {
    concealGroup(source, PASSWORD);
    const reader = new TgtReader(source, report);
    if (source.text.trim() !== '' && !LIKE.test(source.text))
      return reader.refuse(
        'The file contains no target of tgt.',
        'use a file that tgt-admin reads, such as /etc/tgt/conf.d/5img42.conf',
        { hides: true },
      );
    const { blocks, errors } = readBlocks(source);
    if (reader.reportErrors(errors)) return undefined;
    const targets = blocks.flatMap((block) => reader.outermost(block));
    const [first] = targets;
    const iscsi: GatheredIscsi = { ...reader.ceph, driver: first && { value: 'tgt', at: first.at } };
    return { machines: [], targets, server: { iscsi }, notes: reader.notes.sorted() };
  },
};

const LIKE = /^[ \t]*<target[ \t]+\S[^<>\n]*>/m;

/** A key with a name and a password; all other keys have a single value. */
const PASSWORD = /^[ \t]*[^\s=]{1,60}[ \t=]{1,20}\S{1,200}[ \t]{1,20}(\S[^\n]*)/gm;

class TgtReader extends FileReader {
  /** The settings of Ceph in the targets. */
  ceph: Pick<GatheredIscsi, 'pool' | 'id' | 'conf'> = {};

  /** Returns the target of a top-level block; other blocks become notes. */
  outermost(block: Block): GatheredTarget[] {
    const { key, value } = block;
    if (key === 'target' && value.text !== '') return [this.#target(block)];
    const todo = 'another file of tgt, which harvgen does not read: add it too';
    if (key === 'include') this.open(`include ${displayName(value.text)}`, todo, this.at(block));
    else if (key !== 'default-driver')
      this.left({ value: key, at: this.at(block) }, 'it applies to all of tgt: harvgen writes only targets');
    return [];
  }

  #target({ value: name, blocks, start }: Block): GatheredTarget {
    const [store, ...others] = blocks.filter(({ key }) => key === 'backing-store');
    for (const other of others)
      this.left(
        { value: other.value.text, at: this.at(other) },
        'another disk of a target: a node of a site has one',
      );
    const all = [...blocks, ...(store?.blocks ?? [])];
    const last = (key: string) => all.filter((block) => block.key === key).at(-1)?.value;
    for (const block of all) this.#noteOther(block);
    if (last('bs-type')?.text === 'rbd' && store) this.#readCeph(store.value, last('bsopts'));
    const lun = last('lun');
    const at = this.at({ start, end: name.end });
    return {
      at,
      name: this.sourced(name, referring(name.text)),
      lun: digitsOf(lun && this.sourced(lun), /^\d{1,5}$/),
      store: store && this.sourced(store.value),
      login: this.#login(blocks, 'incominguser'),
      targetLogin: this.#login(blocks, 'outgoinguser'),
      addresses: this.#addresses(blocks, { value: name.text, at }),
    };
  }

  #noteOther(block: Block): void {
    const { key, value } = block;
    const at = this.at(block);
    if (key === 'write-cache' && /^on$/i.test(value.text))
      this.changed('write-cache on', 'a site sets it for all disks: server.iscsi.write_cache', at);
    else if (key === 'driver' && value.text !== 'iscsi')
      this.left(`driver ${displayName(value.text)}`, 'nodes boot from iSCSI', at);
    else if (!isSilent('tgt target', key))
      this.left({ value: key, at }, whyLeft('tgt target', key) ?? 'harvgen writes targets without it');
  }

  /** Reads `pool/image`, and `conf=…;id=…` of the options for librbd. Source: tgt, usr/bs_rbd.c (bs_rbd_init). */
  #readCeph({ text, start }: Piece, options: Piece | undefined): void {
    const [pool] = piecesOf(text, start, /^[^/]+(?=\/)/g);
    const option = (name: string): Sourced<string> | undefined => {
      const form = new RegExp(`(?<=(?:^|;)${name}=)[^;]+`, 'g');
      const [piece] = options ? piecesOf(options.text, options.start, form) : [];
      return piece && this.sourced(piece);
    };
    const others = options
      ? piecesOf(options.text, options.start, /(?<=^|;)(?!conf=|id=|bsopts=)[^;]+/g)
      : [];
    for (const other of others) this.left(other, 'harvgen writes targets without it');
    const { ceph } = this;
    this.ceph = {
      pool: ceph.pool ?? (pool && this.sourced(pool)),
      id: ceph.id ?? option('id'),
      conf: ceph.conf ?? option('conf'),
    };
  }

  #login(blocks: readonly Block[], key: string): GatheredLogin | undefined {
    const [first, ...others] = blocks.filter((block) => block.key === key);
    for (const other of others)
      this.left(key, 'another one of a target: a node of a site has one', this.at(other));
    if (!first) return undefined;
    const { text, start } = first.value;
    const [, user = '', gap = '', password = ''] = /^([^\s"']+)["']?(\s+)["']?([^\s"']+)/.exec(text) ?? [];
    if (user === '') return undefined;
    const from = start + text.indexOf(password, user.length + gap.length);
    return {
      user: this.sourced({ text: user, start, end: start + user.length }),
      password: this.sourced({ start: from, end: from + password.length }, referring(password)),
    };
  }

  #addresses(blocks: readonly Block[], target: Sourced<string>): Sourced<string>[] {
    const hosts = blocks.filter(({ key }) => key === 'initiator-address');
    const isAll = ({ value }: Block) => /^all$/i.test(value.text);
    const hasLogin = blocks.some(({ key }) => key === 'incominguser' || key === 'initiator-name');
    const at: SourceLocation = hosts[0] ? this.at(hosts[0]) : target.at;
    const why =
      'any client of the iSCSI server can read and write this disk: neither initiator-address nor incominguser restricts them, and such names are easily guessed. Targets of harvgen accept one IP address with its own secret';
    if ((hosts.length === 0 || hosts.some(isAll)) && !hasLogin) this.open({ value: target.value, at }, why);
    return hosts.flatMap((block) => {
      const { text } = block.value;
      if (isAll(block)) return [];
      if (ipv4Number(text) !== undefined) return [this.sourced(block.value)];
      const why = parseCidr(text) ? 'a subnet is not one machine' : 'not an IPv4 address of a machine';
      this.left({ value: text, at: this.at(block) }, why);
      return [];
    });
  }
}

/** A line or block of targets.conf: `key value`, or `<key value>` with its contents. */
export interface Block extends Span {
  readonly key: string;
  /** The value without surrounding quotes. */
  readonly value: Piece;
  readonly blocks: Block[];
}

/**
 * Reads targets.conf as tgt-admin does, with Perl's Config::General: blocks as in Apache's configuration, with `key value` or
 * `key = value` in them. Any # begins a comment; a backslash at the end of a line continues it. All quotes around a value
 * are removed, because BMI wrote two of each. Returns the blocks before the first error, and the error.
 */
export function readBlocks({ text }: Source): {
  readonly blocks: readonly Block[];
  readonly errors: readonly FileError[];
} {
  const blocks: Block[] = [];
  const open: Block[] = [];
  const add = (block: Block) => (open.at(-1)?.blocks ?? blocks).push(block);
  const failure = (message: string, { start, end }: Span, help: string) => ({
    blocks,
    errors: [{ message, start, end, help }],
  });
  for (const line of wholeLinesOf(text)) {
    const { start, end } = line;
    const [, close] = /^<\/([\w-]+)\s*>$/.exec(line.text) ?? [];
    const [, key, gap = '', rest = ''] = /^<([\w-]+)(\s*)([^<>]*)>$/.exec(line.text) ?? [];
    const [, name, sign = '', value = ''] = /^([^\s=<>]+)(\s*=\s*|\s+|$)(.*)$/.exec(line.text) ?? [];
    if (close !== undefined) {
      const last = open.pop();
      if (last?.key !== close)
        return failure(
          `</${close}> closes no open block${last ? `: the last block is ${last.key}` : ''}.`,
          line,
          'close each block with its own name, innermost first',
        );
      add({ ...last, end });
    } else if (key !== undefined)
      open.push({ key, value: bare(rest, start + 1 + key.length + gap.length), blocks: [], start, end });
    else if (name !== undefined)
      add({ key: name, value: bare(value, start + name.length + sign.length), blocks: [], start, end });
    else
      return failure(
        'This line is neither a block nor a key with a value.',
        line,
        'write <target NAME>, </target>, or a key and its value',
      );
  }
  const [first] = open;
  if (!first) return { blocks, errors: [] };
  const at = { start: first.start, end: first.value.end };
  return failure(`The block ${first.key} is not closed.`, at, `write </${first.key}> after its contents`);
}

/** Returns lines without comments and surrounding blanks. Continued lines are joined, with the location of the first. */
function* wholeLinesOf(text: string): Iterable<Piece> {
  let open: Piece | undefined;
  for (const { text: raw, start } of linesOf(text)) {
    const comment = raw.search(/(?<!\\)#/);
    const line = (comment < 0 ? raw : raw.slice(0, comment)).trimEnd();
    const pieces = [open?.text ?? '', line.replace(/\\$/, '').trim()].filter((piece) => piece !== '');
    const from = open?.start ?? start + line.length - line.trimStart().length;
    open = { text: pieces.join(' '), start: from, end: start + line.length };
    if (line.endsWith('\\')) continue;
    if (open.text !== '') yield open;
    open = undefined;
  }
  if (open && open.text !== '') yield open;
}

function bare(text: string, start: number): Piece {
  const [quotes = ''] = /^["']+/.exec(text) ?? [];
  let end = text.length;
  while (end > quotes.length && /["'\s]/.test(text.charAt(end - 1))) end -= 1;
  return { text: text.slice(quotes.length, end), start: start + quotes.length, end: start + end };
}
