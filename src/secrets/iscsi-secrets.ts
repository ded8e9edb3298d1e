import type { Node, Server } from '../site/model.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';

/** What a text of iSCSI is for: a password of the site's own server or of somebody else's, or a name of a target, or its end. */
export type IscsiPurpose = 'chap' | 'foreign-chap' | 'target-name' | 'target-suffix';

/** A text of a node's iSCSI that may refer to a secret, the key by which the inventory says it, and its place. */
export interface IscsiText {
  readonly key: string;
  readonly purpose: IscsiPurpose;
  readonly text: string;
  readonly at: Place;
}

/** Gives what a node's iSCSI has of secrets: the name of its target, whose end the server says where it is the site's own, and the passwords. */
export function iscsiSecrets(
  { iscsi }: Pick<Draft<Node>, 'iscsi'>,
  server: Draft<Server> | undefined,
): IscsiText[] {
  if (!iscsi) return [];
  const { chap, disk, target } = iscsi;
  const isOwn = disk !== undefined;
  const ofServer = isOwn ? server?.iscsi : undefined;
  const texts: IscsiText[] = [];
  if (ofServer?.suffix)
    texts.push({
      key: 'server.iscsi.suffix',
      purpose: 'target-suffix',
      text: ofServer.suffix,
      at: placeOf(ofServer, 'suffix'),
    });
  if (!isOwn && target)
    texts.push({ key: 'boot.target', purpose: 'target-name', text: target, at: placeOf(iscsi, 'target') });
  const purpose = isOwn ? 'chap' : 'foreign-chap';
  if (chap?.password)
    texts.push({ key: 'boot.chap.password', purpose, text: chap.password, at: placeOf(chap, 'password') });
  if (chap?.targetPassword)
    texts.push({
      key: 'boot.chap.target_password',
      purpose,
      text: chap.targetPassword,
      at: placeOf(chap, 'targetPassword'),
    });
  return texts.filter(({ text }) => text.includes('${secret:'));
}

/** Says whether a node's script holds what nobody but the node is to have: by what it logs in at its disk. */
export function holdsSecrets({ iscsi }: Pick<Node, 'iscsi'>): boolean {
  return iscsi !== undefined && (iscsi.chap !== undefined || iscsi.target.includes('${secret:'));
}
