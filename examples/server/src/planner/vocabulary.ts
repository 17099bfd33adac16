/** What the rule planner can be asked to do. */
export type Verb = 'list' | 'describe' | 'start' | 'stop' | 'reboot' | 'tag';

/** Words for each verb, in lower case; several words are matched before one. */
export const VERBS: Readonly<Record<string, Verb>> = {
  list: 'list',
  show: 'list',
  find: 'list',
  display: 'list',
  enumerate: 'list',
  count: 'list',
  get: 'list',
  which: 'list',
  what: 'list',
  where: 'list',
  'how many': 'list',
  describe: 'describe',
  inspect: 'describe',
  examine: 'describe',
  check: 'describe',
  'tell me about': 'describe',
  'details of': 'describe',
  'status of': 'describe',
  start: 'start',
  boot: 'start',
  'boot up': 'start',
  'start up': 'start',
  'bring up': 'start',
  'turn on': 'start',
  'switch on': 'start',
  'power on': 'start',
  stop: 'stop',
  halt: 'stop',
  shutdown: 'stop',
  'shut down': 'stop',
  'turn off': 'stop',
  'switch off': 'stop',
  'power off': 'stop',
  reboot: 'reboot',
  restart: 'reboot',
  bounce: 'reboot',
  'power cycle': 'reboot',
  tag: 'tag',
  label: 'tag',
  'add tag': 'tag',
  'add a tag': 'tag',
  'set a tag': 'tag',
  'add tags': 'tag',
  'set tag': 'tag',
  'set tags': 'tag',
  'add the tag': 'tag',
  'set the tag': 'tag',
};

/** Verbs that people use for things this planner does not do: better named than taken for an adjective. */
export const FOREIGN_VERBS: ReadonlySet<string> = new Set(
  `add attach authorize backup change clean clone close connect copy create delete deploy destroy detach disable
  drain drop enable encrypt erase expand fix grant hibernate increase invoke kill launch migrate modify move open
  patch pause purge put reduce release remove rename replace reset resize restore revoke rotate run scale set shrink
  snapshot terminate trim untag update upgrade wipe`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** One environment under each of its names. The first is what is shown. */
export const ENVIRONMENTS: readonly (readonly string[])[] = [
  ['production', 'prod', 'prd', 'live'],
  ['staging', 'stage', 'stg', 'preprod'],
  ['development', 'dev', 'devel'],
  ['test', 'testing', 'tst', 'qa'],
  ['sandbox', 'sbx'],
];

/** Tag keys that name the environment, in lower case. */
export const ENVIRONMENT_KEYS: ReadonlySet<string> = new Set([
  'env',
  'environment',
  'stage',
  'deployment',
]);

/** States as people call them, to the states that AWS reports. */
export const STATES: Readonly<Record<string, readonly string[]>> = {
  running: ['running', 'available', 'active'],
  started: ['running', 'available', 'active'],
  stopped: ['stopped', 'inactive'],
  stopping: ['stopping'],
  starting: ['pending', 'starting'],
  pending: ['pending'],
  available: ['available'],
  active: ['active'],
  inactive: ['inactive'],
  terminated: ['terminated'],
  failed: ['failed'],
};

/** Words of one meaning that tags and names may carry; any of a group fits. */
export const SYNONYMS: readonly (readonly string[])[] = [
  ['idle', 'unused', 'underused', 'underutilized', 'underutilised'],
  ['web', 'frontend', 'www'],
];

/** Places that people say instead of a region's name. */
export const PLACES: Readonly<Record<string, readonly string[]>> = {
  virginia: ['us-east-1'],
  ohio: ['us-east-2'],
  california: ['us-west-1'],
  oregon: ['us-west-2'],
  ireland: ['eu-west-1'],
  london: ['eu-west-2'],
  paris: ['eu-west-3'],
  frankfurt: ['eu-central-1'],
  zurich: ['eu-central-2'],
  stockholm: ['eu-north-1'],
  milan: ['eu-south-1'],
  tokyo: ['ap-northeast-1'],
  seoul: ['ap-northeast-2'],
  mumbai: ['ap-south-1'],
  singapore: ['ap-southeast-1'],
  sydney: ['ap-southeast-2'],
};

/** What follows narrows what came before: "of the payments team", "in staging", "that are idle". */
export const PREPOSITIONS: ReadonlySet<string> = new Set(
  'of for from in on by named called tagged labelled labeled that which who whose with having belonging matching like within under'.split(
    ' ',
  ),
);

/** What follows is left out. */
export const NEGATORS: ReadonlySet<string> = new Set([
  'except',
  'excluding',
  'without',
  'not',
  'but',
  'besides',
]);

/** Verbs whose particle may stand far behind: "turn the web servers off". */
export const SPLIT_VERBS: Readonly<Record<string, Readonly<Record<string, Verb>>>> = {
  turn: { on: 'start', off: 'stop' },
  switch: { on: 'start', off: 'stop' },
  power: { on: 'start', off: 'stop', down: 'stop', up: 'start' },
  shut: { down: 'stop', off: 'stop' },
  bring: { up: 'start', down: 'stop' },
};

/** Time and conditions: this planner acts at once or not at all. */
export const SCHEDULE_WORDS: ReadonlySet<string> = new Set(
  `after am before day days daily friday hour hours hourly if later midnight minute minutes monday month monthly months
  morning night nightly noon pm saturday sunday thursday tomorrow tonight tuesday unless until wednesday week weekend
  weekly weeks when while evening afternoon o'clock`.split(/\s+/),
);

/** Amounts and comparisons that the planner cannot weigh. */
export const LIMIT_WORDS: ReadonlySet<string> = new Set(
  `one two three four five six seven eight nine ten half some few couple most least only first last oldest newest largest
  smallest biggest cheapest older newer bigger larger smaller cheaper expensive than more less over above below between
  at exceeding`.split(/\s+/),
);

/** Words that carry nothing here. */
export const NOISE: ReadonlySet<string> = new Set(
  `a an the my our your their its this these those all any each every both please kindly now immediately asap thanks thank
  you can could would will should may might do does did i we me us let lets want need like to is are was were be been have
  has there here it them they aws amazon cloud account currently existing just also too s hey hi hello ok okay go ahead
  and/or i'd i'm whole entire across everywhere status details detail about
  ones off down up`.split(/\s+/),
);

/** Nouns that stand beside a name ("the payments team"): a condition where a resource carries them, otherwise nothing. */
export const SOFT_NOUNS: ReadonlySet<string> = new Set(
  'team group project service services app application applications environment environments env region regions tag tags label labels name names id ids tier role stack system systems fleet'.split(
    ' ',
  ),
);
