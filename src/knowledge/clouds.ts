import type { Arch } from './harvester.ts';

/**
 * The region keys of Oracle Cloud Infrastructure, as in OCIDs and availability domains of older regions, with the names of the
 * regions. Source: OCI's SDK for Python (oracle/oci-python-sdk), src/oci/regions_definitions.py, REGIONS_SHORT_NAMES.
 */
const REGIONS = new Map(
  (
    'aga=us-saltlake-2 ahu=me-abudhabi-3 ams=eu-amsterdam-1 arn=eu-stockholm-1 auh=me-abudhabi-1 ' +
    'avf=eu-crissier-1 avz=eu-dcc-zurich-1 beg=eu-jovanovac-1 bgy=eu-dcc-milan-1 bno=ap-chuncheon-2 ' +
    'bog=sa-bogota-1 bom=ap-mumbai-1 brs=uk-gov-cardiff-1 cdg=eu-paris-1 cwl=uk-cardiff-1 ' +
    'dac=ap-dcc-gazipur-1 dln=ap-suwon-1 doh=me-dcc-doha-1 dtm=eu-dcc-rating-2 dtz=ap-seoul-2 ' +
    'dus=eu-dcc-rating-1 dxb=me-dubai-1 ebb=us-somerset-1 ebl=us-thames-1 fra=eu-frankfurt-1 ' +
    'gru=sa-saopaulo-1 hnw=sa-riodejaneiro-1 hsg=ap-batam-1 hyd=ap-hyderabad-1 iad=us-ashburn-1 ' +
    'ibr=me-ibri-1 icn=ap-seoul-1 jbp=ap-kulai-2 jed=me-jeddah-1 jnb=af-johannesburg-1 jsk=eu-budapest-1 ' +
    'kix=ap-osaka-1 lej=af-casablanca-1 lfi=us-langley-1 lhr=uk-london-1 lin=eu-milan-1 ' +
    'ltn=uk-gov-london-1 luf=us-luke-1 mad=eu-madrid-1 mct=me-dcc-muscat-1 mel=ap-melbourne-1 ' +
    'mrs=eu-marseille-1 mty=mx-monterrey-1 mtz=il-jerusalem-1 mxp=eu-dcc-milan-2 nja=ap-chiyoda-1 ' +
    'nrq=eu-turin-1 nrt=ap-tokyo-1 onm=ap-delhi-1 ord=us-chicago-1 orf=eu-madrid-3 ork=eu-dcc-dublin-1 ' +
    'pgc=us-newark-1 phx=us-phoenix-1 pia=us-gov-chicago-1 qro=mx-queretaro-1 rba=me-alain-1 ' +
    'ric=us-gov-ashburn-1 rkt=me-abudhabi-2 ruh=me-riyadh-1 scl=sa-santiago-1 shj=me-abudhabi-4 ' +
    'sin=ap-singapore-1 sjc=us-sanjose-1 snn=eu-dcc-dublin-2 str=eu-frankfurt-2 syd=ap-sydney-1 ' +
    'tus=us-gov-phoenix-1 ukb=ap-ibaraki-1 vap=sa-valparaiso-1 vcp=sa-vinhedo-1 vll=eu-madrid-2 ' +
    'vve=me-alrayyan-1 wga=ap-dcc-canberra-1 xsp=ap-singapore-2 yny=ap-chuncheon-1 yul=ca-montreal-1 ' +
    'yxj=us-ashburn-2 yyz=ca-toronto-1 zrh=eu-zurich-1'
  )
    .split(' ')
    .map((pair) => pair.split('=') as [key: string, name: string]),
);

/**
 * Returns the region for its name, its key, or its name without the number, as in older availability domains. Returns
 * undefined for other words, which may still be regions.
 */
export function ociRegion(word: string): string | undefined {
  const plain = word.toLowerCase();
  const named = REGIONS.get(plain);
  if (named !== undefined) return named;
  // Some regions are newer than the table.
  if (/^[a-z]{2,}(-[a-z]+)+-[0-9]+$/.test(plain)) return plain;
  return [...REGIONS.values()].find((name) => name === `${plain}-1`);
}

/** Returns the region of an OCID: its fourth word. */
export function regionOfOcid(ocid: string): string | undefined {
  return ociRegion(ocid.split('.')[3] ?? '');
}

/** Returns the region of an availability domain, such as Uocm:PHX-AD-1. */
export function regionOfDomain(domain: string): string | undefined {
  const [, word = ''] = /:(.*)-AD-[0-9]+$/i.exec(domain) ?? [];
  return ociRegion(word);
}

/** The type of a shape of Oracle Cloud Infrastructure for Harvester. */
export type ShapeType = 'virtual' | 'diskless' | 'nvme';

/**
 * The types of shapes by name; the first match applies. Source: OCI's documentation, Compute Shapes (references/computeshapes),
 * the tables of bare-metal shapes, column Local Disk; for older series (DenseIO2, HPC2, GPU.B4) earlier versions of the page.
 */
const SHAPES: readonly { readonly pattern: RegExp; readonly kind: ShapeType }[] = [
  { pattern: /^VM\./, kind: 'virtual' },
  { pattern: /^BM\.(DenseIO|HPC|Optimized)/, kind: 'nvme' },
  // The newest standard shapes have one or two disks; older ones have only an iSCSI boot volume.
  { pattern: /^BM\.Standard\.(E6|A4)\./, kind: 'nvme' },
  { pattern: /^BM\.Standard([23]?\.[0-9]+|\.(B1|E[2-5]|A1)\.[0-9]+)$/, kind: 'diskless' },
  { pattern: /^BM\.GPU[23]\./, kind: 'diskless' },
  { pattern: /^BM\.GPU4\./, kind: 'nvme' },
  {
    pattern: /^BM\.GPU\.(A10|A100-v2|B4|L40S|H100|H200|B200|GB200|GB300|MI300X|MI355X)\./,
    kind: 'nvme',
  },
];

/** Returns the type of a shape; undefined for an unknown shape. */
export function shapeType(shape: string): ShapeType | undefined {
  return SHAPES.find(({ pattern }) => pattern.test(shape))?.kind;
}

/**
 * Returns the architecture of a shape: Ampere (Standard.A1, A2, A4) and Grace (GPU.GB200, GB300) are arm64. Source: the same
 * page, the processors of each series.
 */
export function shapeArch(shape: string): Arch {
  return /^(BM|VM)\.(Standard\.A[0-9]+\.|GPU\.GB[0-9]+)/.test(shape) ? 'arm64' : 'amd64';
}

/**
 * The metadata services of cloud providers. To a virtual machine on a cloud instance, such a service would disclose the secrets
 * of its host, including the user-data.
 */

/**
 * The IP addresses or subnets of metadata services; with TCP ports if other ports of the same IP address have other uses.
 * Sources: AWS, EC2 user guide, "Instance metadata" (169.254.169.254), "Amazon Time Sync Service" and "EKS Pod Identity"
 * (169.254.170.23, fd00:ec2::23), ECS developer guide, "Task IAM role" (169.254.170.2); Google Cloud, "About VM metadata";
 * Azure, "What is IP address 168.63.129.16?" (the same IP address serves DNS); Alibaba Cloud, "Instance metadata"; Scaleway,
 * "Instance metadata" (169.254.42.42, fd00:42::42); RFC 3927, section 7: link-local addresses are never forwarded.
 */
export const METADATA_SERVICES: readonly {
  readonly address: string;
  readonly ports?: readonly number[];
  readonly who: string;
}[] = [
  {
    address: '169.254.0.0/16',
    who: 'link-local: AWS, Azure, DigitalOcean, Google Cloud, OpenStack, Oracle, Scaleway',
  },
  { address: 'fd00:ec2::/32', who: 'AWS' },
  { address: 'fd00:42::42', who: 'Scaleway' },
  { address: 'fd20:ce::254', who: 'Google Cloud' },
  { address: '168.63.129.16', ports: [80, 32526], who: 'Azure' },
  { address: '100.100.100.200', who: 'Alibaba Cloud' },
];
