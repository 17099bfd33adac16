import type { Application } from './application.ts';

export type Environment = 'production' | 'staging' | 'dev';

const short: Readonly<Record<Environment, string>> = {
  production: 'prod',
  staging: 'staging',
  dev: 'dev',
};

/** A name as the people of an application write it; `count` is left out of names of what there is one of. */
export function nameOf(
  { app, style }: Pick<Application, 'app' | 'style'>,
  part: string,
  env: Environment,
  count?: number,
): string {
  const number = count === undefined ? [] : [String(count).padStart(2, '0')];
  const stage = short[env];
  if (style === 'CamelCase') return [app, part, stage, ...number].map(capital).join('');
  if (style === 'env-app-part') return [stage, app, part, ...number].join('-');
  return [app, part, stage, ...number].join(style === 'app/part/env' ? '/' : '-');
}

/** Names of buckets and databases take neither capitals nor slashes. */
export function plainNameOf(
  application: Pick<Application, 'app' | 'style'>,
  part: string,
  env: Environment,
): string {
  const style = application.style === 'env-app-part' ? application.style : 'app-part-env';
  return nameOf({ app: application.app, style }, part.toLowerCase(), env);
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** Tags as teams keep them: some all, some a few of their own, some none. */
export function tagsOf(
  { app, team, purpose }: Pick<Application, 'app' | 'team' | 'purpose'>,
  env: Environment,
  habit: number,
): { Key: string; Value: string }[] {
  const habits: Record<string, string>[] = [
    {
      Environment: env,
      Service: app,
      Team: team,
      Owner: `${team}@example.com`,
      CostCenter: 'CC-1010',
    },
    { env: short[env], app, owner: team },
    { Owner: `${team}@example.com`, Purpose: purpose, stage: short[env] },
    { 'company:team': team, 'company:environment': env, managedBy: 'terraform' },
  ];
  return Object.entries(habits[habit % habits.length] ?? {}).map(([Key, Value]) => ({
    Key,
    Value,
  }));
}
