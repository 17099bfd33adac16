import { ScanError } from './errors.ts';
import { ec2Scanner } from './scanners/ec2.ts';
import { lambdaScanner } from './scanners/lambda.ts';
import { rdsScanner } from './scanners/rds.ts';
import { s3Scanner } from './scanners/s3.ts';
import { vpcScanner } from './scanners/vpc.ts';
import { defineServiceScanner, type ServiceScanner } from './service-scanner.ts';

/** The service scanners of a scan, by service name. */
export class ServiceScannerRegistry {
  readonly #scanners = new Map<string, ServiceScanner>();

  /** A new registry with EC2, RDS, S3, Lambda and VPC. */
  static builtIn(): ServiceScannerRegistry {
    return [ec2Scanner, rdsScanner, s3Scanner, lambdaScanner, vpcScanner].reduce(
      (registry, scanner) => registry.register(scanner),
      new ServiceScannerRegistry(),
    );
  }

  /**
   * Adds scanners and returns the registry. A call of which one is refused adds those before it.
   *
   * @throws ScanError `DUPLICATE_SERVICE` where the service is there already; `INVALID_SCANNER`
   */
  register(...scanners: ServiceScanner[]): this {
    for (const scanner of scanners) {
      const checked = defineServiceScanner(scanner);
      const { service } = checked;
      if (this.#scanners.has(service)) {
        throw new ScanError(
          'DUPLICATE_SERVICE',
          `There is a service scanner "${service}" already.`,
        );
      }
      this.#scanners.set(service, checked);
    }
    return this;
  }

  /** @throws ScanError `UNKNOWN_SERVICE`, naming those that are there */
  get(service: string): ServiceScanner {
    const scanner = this.#scanners.get(service);
    if (scanner) return scanner;
    throw new ScanError(
      'UNKNOWN_SERVICE',
      `There is no service scanner "${service}". Known: ${[...this.#scanners.keys()].join(', ')}.`,
    );
  }

  /** All scanners, in the order they were registered. */
  list(): ServiceScanner[] {
    return [...this.#scanners.values()];
  }

  /** The scanner that yields a resource type; undefined where none does. */
  forType(resourceType: string): ServiceScanner | undefined {
    return this.list().find((scanner) => scanner.resourceTypes.includes(resourceType));
  }
}
