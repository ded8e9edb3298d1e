import type { ProviderName } from '../knowledge/cloud-providers.ts';

/** The cloud VM that is the host of a site. */
export interface CloudVm {
  readonly provider: ProviderName;
  readonly region: string;
  readonly zone?: string;
  /** The project of Google Cloud. */
  readonly project?: string;
  /** The size, or `auto`. */
  readonly size: string;
  readonly spot: boolean;
  /** The image in the provider's form. */
  readonly image: string;
  readonly osDisk: { readonly size?: string; readonly type?: string };
  /** The public keys of the operators. */
  readonly sshKeys: readonly string[];
  /** The subnet of a new network, or an existing network. */
  readonly network: { readonly cidr?: string; readonly vpc?: string; readonly subnet?: string };
  /** The clients that may log in (default: all). */
  readonly allow: readonly string[];
}
