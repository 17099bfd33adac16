/**
 * Scanners of further services, for who registers them: `cloudops-estate-scanner/scanners`.
 */
import { autoscalingScanner } from './scanners/declared/autoscaling.ts';
import { cloudformationScanner } from './scanners/declared/cloudformation.ts';
import { cloudwatchScanner } from './scanners/declared/cloudwatch.ts';
import { dynamodbScanner } from './scanners/declared/dynamodb.ts';
import { ec2DetailsScanner } from './scanners/declared/ec2-details.ts';
import { ecrScanner } from './scanners/declared/ecr.ts';
import { ecsScanner } from './scanners/declared/ecs.ts';
import { eksScanner } from './scanners/declared/eks.ts';
import { elasticacheScanner } from './scanners/declared/elasticache.ts';
import { elbv2Scanner } from './scanners/declared/elbv2.ts';
import { iamScanner } from './scanners/declared/iam.ts';
import { kmsScanner } from './scanners/declared/kms.ts';
import { lambdaDetailsScanner } from './scanners/declared/lambda-details.ts';
import { rdsDetailsScanner } from './scanners/declared/rds-details.ts';
import { route53Scanner } from './scanners/declared/route53.ts';
import { secretsmanagerScanner } from './scanners/declared/secretsmanager.ts';
import { snsScanner } from './scanners/declared/sns.ts';
import { sqsScanner } from './scanners/declared/sqs.ts';
import type { ServiceScanner } from './service-scanner.ts';

export {
  autoscalingScanner,
  cloudformationScanner,
  cloudwatchScanner,
  dynamodbScanner,
  ec2DetailsScanner,
  ecrScanner,
  ecsScanner,
  eksScanner,
  elasticacheScanner,
  elbv2Scanner,
  iamScanner,
  kmsScanner,
  lambdaDetailsScanner,
  rdsDetailsScanner,
  route53Scanner,
  secretsmanagerScanner,
  snsScanner,
  sqsScanner,
};

/** All of them, for `ServiceScannerRegistry.builtIn().register(...moreScanners)`. */
export const moreScanners: readonly ServiceScanner[] = Object.freeze([
  autoscalingScanner,
  cloudformationScanner,
  cloudwatchScanner,
  dynamodbScanner,
  ec2DetailsScanner,
  ecrScanner,
  ecsScanner,
  eksScanner,
  elasticacheScanner,
  elbv2Scanner,
  iamScanner,
  kmsScanner,
  lambdaDetailsScanner,
  rdsDetailsScanner,
  route53Scanner,
  secretsmanagerScanner,
  snsScanner,
  sqsScanner,
]);
