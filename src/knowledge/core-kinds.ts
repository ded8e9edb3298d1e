import { FLAG, listOf, type ManifestKind, map, mapOf, oneOf, TEXT } from './manifest-schema.ts';

/* Kinds of Kubernetes that resources of a cluster need. Source: its API reference; a test compares them with its own schemas. */

const TEXTS = mapOf(TEXT);
const LIST = listOf(TEXT);
const NAMES = listOf(map({ name: TEXT }));

// cspell:ignore KMGTPE MGTPE numk
const QUANTITIES = mapOf({
  type: ['integer', 'string'],
  pattern:
    '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
});

const EXPRESSION = map({ key: TEXT, operator: TEXT, values: LIST }, 'key', 'operator');
const SELECTOR = map({ matchExpressions: listOf(EXPRESSION), matchLabels: TEXTS });

const OWNER = {
  apiVersion: TEXT,
  blockOwnerDeletion: FLAG,
  controller: FLAG,
  kind: TEXT,
  name: TEXT,
  uid: TEXT,
};

/** The metadata of every kind. */
export const METADATA = map(
  {
    annotations: TEXTS,
    finalizers: LIST,
    labels: TEXTS,
    name: { ...TEXT, minLength: 1, maxLength: 253 },
    namespace: { ...TEXT, minLength: 1, maxLength: 63 },
    ownerReferences: listOf(map(OWNER, 'apiVersion', 'kind', 'name', 'uid')),
  },
  'name',
);

const QUOTA_SCOPE = oneOf(
  ...['BestEffort', 'CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating'],
  ...['PriorityClass', 'Terminating', 'VolumeAttributesClass'],
);
const QUOTA_EXPRESSION = map(
  { operator: oneOf('DoesNotExist', 'Exists', 'In', 'NotIn'), scopeName: QUOTA_SCOPE, values: LIST },
  'operator',
  'scopeName',
);

const LIMITS = {
  ...{ default: QUANTITIES, defaultRequest: QUANTITIES, max: QUANTITIES, min: QUANTITIES },
  ...{ maxLimitRequestRatio: QUANTITIES, type: TEXT },
};

const SOURCE = { apiGroup: TEXT, kind: TEXT, name: TEXT };
const CLAIM = map({
  accessModes: listOf(oneOf('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod')),
  dataSource: map(SOURCE, 'kind', 'name'),
  dataSourceRef: map({ ...SOURCE, namespace: TEXT }, 'kind', 'name'),
  resources: map({ limits: QUANTITIES, requests: QUANTITIES }),
  selector: SELECTOR,
  ...{ storageClassName: TEXT, volumeAttributesClassName: TEXT, volumeName: TEXT },
  volumeMode: oneOf('Block', 'Filesystem'),
});

const RULES = listOf(
  map({ apiGroups: LIST, nonResourceURLs: LIST, resourceNames: LIST, resources: LIST, verbs: LIST }, 'verbs'),
);
const ROLE = map({ apiGroup: TEXT, kind: oneOf('ClusterRole', 'Role'), name: TEXT }, 'kind', 'name');
const SUBJECT = { ...SOURCE, kind: oneOf('Group', 'ServiceAccount', 'User'), namespace: TEXT };
const BINDING = map({ roleRef: ROLE, subjects: listOf(map(SUBJECT, 'kind', 'name')) }, 'roleRef');

const TOPOLOGY = map({
  matchLabelExpressions: listOf(map({ key: TEXT, values: LIST }, 'key', 'values')),
});

type Kind = Pick<ManifestKind, 'scope' | 'schema'>;

const inNamespace = (schema: Kind['schema']): Kind => ({ scope: 'Namespaced', schema });
const inCluster = (schema: Kind['schema']): Kind => ({ scope: 'Cluster', schema });

/** The kinds, by apiVersion and kind. */
export const CORE_KINDS: Readonly<Record<string, Kind>> = {
  'v1/ConfigMap': inNamespace(map({ binaryData: TEXTS, data: TEXTS, immutable: FLAG })),
  'v1/LimitRange': inNamespace(map({ spec: map({ limits: listOf(map(LIMITS, 'type')) }, 'limits') })),
  'v1/Namespace': inCluster(map({ spec: map({ finalizers: LIST }) })),
  'v1/PersistentVolumeClaim': inNamespace(map({ spec: CLAIM })),
  'v1/ResourceQuota': inNamespace(
    map({
      spec: map({
        hard: QUANTITIES,
        scopeSelector: map({ matchExpressions: listOf(QUOTA_EXPRESSION) }),
        scopes: listOf(QUOTA_SCOPE),
      }),
    }),
  ),
  'v1/Secret': inNamespace(map({ data: TEXTS, immutable: FLAG, stringData: TEXTS, type: TEXT })),
  'v1/ServiceAccount': inNamespace(
    map({ automountServiceAccountToken: FLAG, imagePullSecrets: NAMES, secrets: NAMES }),
  ),
  'rbac.authorization.k8s.io/v1/ClusterRole': inCluster(
    map({ aggregationRule: map({ clusterRoleSelectors: listOf(SELECTOR) }), rules: RULES }),
  ),
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': inCluster(BINDING),
  'rbac.authorization.k8s.io/v1/Role': inNamespace(map({ rules: RULES })),
  'rbac.authorization.k8s.io/v1/RoleBinding': inNamespace(BINDING),
  'storage.k8s.io/v1/StorageClass': inCluster(
    map(
      {
        allowVolumeExpansion: FLAG,
        allowedTopologies: listOf(TOPOLOGY),
        mountOptions: LIST,
        parameters: TEXTS,
        provisioner: TEXT,
        reclaimPolicy: oneOf('Delete', 'Retain'),
        volumeBindingMode: oneOf('Immediate', 'WaitForFirstConsumer'),
      },
      'provisioner',
    ),
  ),
};
