import { type Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Config } from '../src/config/schema.ts';
import { nodeOptions } from '../src/config/sizing.ts';

export interface NodeLambdaProps {
  readonly description: string;
  readonly code: lambda.Code;
  readonly memoryMb: number;
  readonly timeout: Duration;
  /** Most runs at a time that it needs. */
  readonly concurrency: number;
  /** Whether they are reserved: nobody else in the account takes them, and it takes no more. */
  readonly reserves: boolean;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup: logs.ILogGroup;
  readonly logLevel: Config['log_level'];
  /** Shared by functions that may do exactly the same; without one it gets its own. */
  readonly role?: iam.IRole;
}

const LEVELS: Readonly<Record<Config['log_level'], lambda.ApplicationLogLevel>> = {
  debug: lambda.ApplicationLogLevel.DEBUG,
  info: lambda.ApplicationLogLevel.INFO,
  warn: lambda.ApplicationLogLevel.WARN,
  error: lambda.ApplicationLogLevel.ERROR,
  silent: lambda.ApplicationLogLevel.FATAL,
};

/** A role for functions, which may write to their log group and nothing else yet. */
export function lambdaRole(scope: Construct, id: string, logGroup: logs.ILogGroup, description: string): iam.Role {
  const role = new iam.Role(scope, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), description });
  logGroup.grantWrite(role);
  return role;
}

/** A function as all of ours are: Node 24 on arm64, one ES module, lines of JSON in a log group with an end. */
export class NodeLambda extends Construct {
  readonly fn: lambda.Function;
  readonly role: iam.IRole;

  constructor(scope: Construct, id: string, props: NodeLambdaProps) {
    super(scope, id);
    const { description, code, memoryMb, timeout, concurrency, reserves, environment, logGroup, logLevel } = props;
    this.role = props.role ?? lambdaRole(this, 'Role', logGroup, `${Stack.of(this).stackName}: ${description}`);
    this.fn = new lambda.Function(this, 'Function', {
      description,
      code,
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: memoryMb,
      timeout,
      environment: { ...environment, NODE_OPTIONS: nodeOptions(memoryMb) },
      role: this.role,
      ...(reserves ? { reservedConcurrentExecutions: concurrency } : {}),
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: LEVELS[logLevel],
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
    });
  }
}
