/** The region of each key that OCIDs of OCI's commercial realm have. Source: oracle/oci-python-sdk, regions_definitions.py. */
const REGION_OF_KEY: Readonly<Record<string, string>> = {
  aga: 'us-saltlake-2',
  ams: 'eu-amsterdam-1',
  arn: 'eu-stockholm-1',
  auh: 'me-abudhabi-1',
  bog: 'sa-bogota-1',
  bom: 'ap-mumbai-1',
  cdg: 'eu-paris-1',
  cwl: 'uk-cardiff-1',
  dxb: 'me-dubai-1',
  fra: 'eu-frankfurt-1',
  gru: 'sa-saopaulo-1',
  hyd: 'ap-hyderabad-1',
  iad: 'us-ashburn-1',
  icn: 'ap-seoul-1',
  jed: 'me-jeddah-1',
  jnb: 'af-johannesburg-1',
  kix: 'ap-osaka-1',
  lhr: 'uk-london-1',
  lin: 'eu-milan-1',
  mad: 'eu-madrid-1',
  mel: 'ap-melbourne-1',
  mrs: 'eu-marseille-1',
  mtz: 'il-jerusalem-1',
  mty: 'mx-monterrey-1',
  nrt: 'ap-tokyo-1',
  ord: 'us-chicago-1',
  phx: 'us-phoenix-1',
  qro: 'mx-queretaro-1',
  ruh: 'me-riyadh-1',
  scl: 'sa-santiago-1',
  sin: 'ap-singapore-1',
  sjc: 'us-sanjose-1',
  syd: 'ap-sydney-1',
  vap: 'sa-valparaiso-1',
  vcp: 'sa-vinhedo-1',
  xsp: 'ap-singapore-2',
  yny: 'ap-chuncheon-1',
  yul: 'ca-montreal-1',
  yyz: 'ca-toronto-1',
  zrh: 'eu-zurich-1',
};

/** Gives the region that an OCID names, by its key or in full; undefined where it names none that is known. */
export function regionOfOcid(ocid: string): string | undefined {
  const [, , , key = ''] = ocid.split('.');
  return /^[a-z]+(?:-[a-z]+)+-\d+$/.test(key) ? key : REGION_OF_KEY[key];
}
