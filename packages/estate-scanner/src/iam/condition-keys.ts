import type { PermissionRequest } from '../ports.ts';
import type { Answer, Decision } from './decisions.ts';

/** What a policy may look at in a resource. */
export type ResourceContext = Pick<PermissionRequest, 'tags' | 'region'>;

/** Values of condition keys, by the key as the policy writes it. */
export type KeyValues = readonly (readonly [key: string, value: string])[];

/** Keys of resource tags (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html). */
const TAG_KEY = /^(?:aws|ec2):ResourceTag\/(.+)$/isu;

/**
 * What an answer comes to, or the values with which IAM has to be asked again. It stays `conditional` where a policy looks at
 * something that only the real request has (MFA, a source address), or at a tag that is unknown: either answer could be the
 * real one. A tag that the resource is known not to have is as it was simulated: not there.
 */
export function verdictOn(
  { plain, missing }: Answer,
  about: ResourceContext,
): { decision: Decision } | { askWith: KeyValues } {
  const values: (readonly [string, string])[] = [];
  for (const key of missing) {
    const tag = TAG_KEY.exec(key)?.[1];
    if (key.toLowerCase() === 'aws:requestedregion' && about.region !== undefined) {
      values.push([key, about.region]);
    } else if (tag !== undefined && about.tags) {
      const value = tagValue(about.tags, tag);
      if (value !== undefined) values.push([key, value]);
    } else return { decision: 'conditional' };
  }
  return values.length === 0 ? { decision: plain } : { askWith: values };
}

/** Condition keys do not tell upper from lower case, so the tags in them do not either. */
function tagValue(tags: Readonly<Record<string, string>>, wanted: string): string | undefined {
  const name = wanted.toLowerCase();
  return Object.entries(tags).find(([key]) => key.toLowerCase() === name)?.[1];
}
