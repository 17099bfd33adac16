/** Resource types under the words people use for them. */
export interface TypeWord {
  /** Resource types, like `ec2:instance`; empty stands for every type. */
  types: readonly string[];
  /** Whether the word may follow another type and then adds nothing: the "instances" of "RDS instances". */
  generic?: boolean;
}

const INSTANCE: TypeWord = { types: ['ec2:instance'] };
const MACHINE: TypeWord = { types: ['ec2:instance'], generic: true };
const DB_INSTANCE: TypeWord = { types: ['rds:db', 'neptune:db', 'docdb:db'] };
const CLUSTER: TypeWord = { types: ['rds:cluster', 'neptune:cluster', 'docdb:cluster'] };
const DATABASE: TypeWord = { types: [...DB_INSTANCE.types, ...CLUSTER.types] };
const BUCKET: TypeWord = { types: ['s3:bucket'] };
const FUNCTION: TypeWord = { types: ['lambda:function'] };
const ANYTHING: TypeWord = { types: [], generic: true };

/** Words in the singular and lower case; several words are matched before one. */
export const TYPE_WORDS: Readonly<Record<string, TypeWord>> = {
  instance: MACHINE,
  server: MACHINE,
  machine: MACHINE,
  host: MACHINE,
  vm: INSTANCE,
  'virtual machine': INSTANCE,
  ec2: INSTANCE,
  'ec2 instance': INSTANCE,
  database: DATABASE,
  db: DATABASE,
  rds: DATABASE,
  'database server': DATABASE,
  'db server': DATABASE,
  'db instance': DB_INSTANCE,
  'database instance': DB_INSTANCE,
  'rds instance': DB_INSTANCE,
  cluster: CLUSTER,
  'db cluster': CLUSTER,
  'database cluster': CLUSTER,
  'aurora cluster': CLUSTER,
  bucket: BUCKET,
  s3: BUCKET,
  'storage bucket': BUCKET,
  function: FUNCTION,
  lambda: FUNCTION,
  'lambda function': FUNCTION,
  vpc: { types: ['ec2:vpc'] },
  network: { types: ['ec2:vpc'] },
  subnet: { types: ['ec2:subnet'] },
  'security group': { types: ['ec2:security-group'] },
  sg: { types: ['ec2:security-group'] },
  'route table': { types: ['ec2:route-table'] },
  'nat gateway': { types: ['ec2:natgateway', 'ec2:nat-gateway'] },
  'internet gateway': { types: ['ec2:internet-gateway'] },
  'vpc endpoint': { types: ['ec2:vpc-endpoint'] },
  volume: { types: ['ec2:volume'] },
  disk: { types: ['ec2:volume'] },
  resource: ANYTHING,
  thing: ANYTHING,
  everything: ANYTHING,
  anything: ANYTHING,
  estate: ANYTHING,
};

/** The singular of an English noun, as far as the words above need it. */
export function singular(word: string): string {
  if (/(?:x|ss|sh|ch)es$/.test(word)) return word.slice(0, -2);
  if (/[^s]ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  return /[^su]s$/.test(word) && word.length > 2 ? word.slice(0, -1) : word;
}
