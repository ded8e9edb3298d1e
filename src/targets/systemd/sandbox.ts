import type { Render } from '../target.ts';

/** What a service of the host may not do either, besides what none may, or (`chroot`) may. */
type Directive =
  | 'PrivateNetwork'
  | 'ProcSubset'
  | 'ProtectProc'
  | 'IPAddressDeny'
  | 'RemoveIPC'
  | 'unprivileged'
  | 'chroot';

/** Renders the restrictions of a service of the host, which uses sockets of these families, and writes to one directory at most. */
export function sandboxOf(
  render: Render,
  families: string,
  directives: readonly Directive[],
  writable?: string,
) {
  return render('systemd/sandbox.systemd', { families, directives, writable });
}
