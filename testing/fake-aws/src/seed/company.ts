/** A product of the company that the estate belongs to. */
export interface ServiceProfile {
  name: string;
  team: string;
  costCenter: string;
}

/** The deployments that each product has. */
export type Environment = 'production' | 'staging' | 'development';

/** First part of bucket names, which are global. */
export const companySlug = 'northlane';

/** What the company runs. */
export const services: readonly [ServiceProfile, ...ServiceProfile[]] = [
  { name: 'checkout', team: 'checkout', costCenter: 'CC-1010' },
  { name: 'catalog', team: 'merchandising', costCenter: 'CC-1020' },
  { name: 'payments', team: 'payments', costCenter: 'CC-1030' },
  { name: 'search', team: 'discovery', costCenter: 'CC-1040' },
  { name: 'identity', team: 'platform-security', costCenter: 'CC-2010' },
  { name: 'analytics', team: 'data', costCenter: 'CC-2020' },
  { name: 'inventory', team: 'fulfilment', costCenter: 'CC-1050' },
  { name: 'shipping', team: 'fulfilment', costCenter: 'CC-1050' },
  { name: 'notifications', team: 'engagement', costCenter: 'CC-1060' },
  { name: 'recommendations', team: 'discovery', costCenter: 'CC-1040' },
  { name: 'pricing', team: 'merchandising', costCenter: 'CC-1020' },
  { name: 'reporting', team: 'data', costCenter: 'CC-2020' },
];

/** As environments are written in names: `checkout-prod`. */
export const shortEnvironment: Readonly<Record<Environment, string>> = {
  production: 'prod',
  staging: 'staging',
  development: 'dev',
};

/** A tag as AWS takes and gives it. */
export type Tag = { Key: string; Value: string };

/** The tags that the company's rules ask for, and more where something has them. */
export function tagsOf(
  service: ServiceProfile,
  environment: Environment,
  more: Readonly<Record<string, string>> = {},
): Tag[] {
  const tags = {
    Environment: environment,
    Service: service.name,
    Team: service.team,
    CostCenter: service.costCenter,
    ...more,
  };
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
