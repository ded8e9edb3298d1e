import { type Place, placeOf } from '../origin.ts';
import type { Draft } from '../site/draft.ts';
import type { Node } from '../site/model.ts';

/** A text of a node's iSCSI that may refer to a secret, the key by which the inventory says it, and its place. */
export interface IscsiText {
  readonly key: string;
  readonly text: string;
  readonly at: Place;
}

/** Gives what a node's iSCSI has of secrets: the name of its target, and the passwords. */
export function iscsiSecrets({ iscsi }: Pick<Draft<Node>, 'iscsi'>): IscsiText[] {
  if (!iscsi) return [];
  const { chap } = iscsi;
  return [
    ...(iscsi.target?.includes('${secret:')
      ? [{ key: 'boot.target', text: iscsi.target, at: placeOf(iscsi, 'target') }]
      : []),
    ...(chap?.password
      ? [{ key: 'boot.chap.password', text: chap.password, at: placeOf(chap, 'password') }]
      : []),
    ...(chap?.targetPassword
      ? [
          {
            key: 'boot.chap.target_password',
            text: chap.targetPassword,
            at: placeOf(chap, 'targetPassword'),
          },
        ]
      : []),
  ];
}
