import type { Scope } from '../report.ts';
import type { DiscoveredResource } from '../resource.ts';
import type { ServiceScanner } from '../service-scanner.ts';

/** What an account may share with others so that their resources live in it (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html). */
const SHARED_TYPE = 'ec2:subnet';

/**
 * Knows which networks of other accounts one account sees, so that an instance in a shared subnet points at that subnet's
 * owner. The networks of a region are read first; what refers to them waits until they are known.
 */
export class Owners {
  readonly #owners = new Map<string, string>();
  readonly #reading = new Map<string, { done: Promise<void>; end: () => void }>();

  /** Whether a scanner finds what others live in: its scope is begun before the others of the region. */
  static comesFirst(scanner: ServiceScanner): boolean {
    return scanner.resourceTypes.includes(SHARED_TYPE);
  }

  /** A scope that finds networks is about to be read. The function that it returns says that it has been. */
  reading({ region }: Scope): () => void {
    let end: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#reading.set(region, { done, end });
    return end;
  }

  /** Notes a resource of another account. */
  note({ account_id, resource_type, id }: DiscoveredResource, scope: Scope): void {
    if (!account_id || account_id === scope.account_id) return;
    this.#owners.set(keyOf(scope.region, resource_type, id), account_id);
  }

  /** Waits until the networks that a resource refers to have been read, where this scan reads them. */
  async ready({ relations = [] }: DiscoveredResource, scope: Scope): Promise<void> {
    const refers = relations.some(
      (edge) => 'resource_type' in edge && edge.resource_type.startsWith('ec2:'),
    );
    if (refers) await this.#reading.get(scope.region)?.done;
  }

  /** The account that owns something, where it is another one. */
  of(region: string, resourceType: string, id: string): string | undefined {
    return this.#owners.get(keyOf(region, resourceType, id));
  }
}

function keyOf(region: string, resourceType: string, id: string): string {
  return `${region} ${resourceType}/${id}`;
}
