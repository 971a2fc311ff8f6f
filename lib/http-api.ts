import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { AwsConfig } from '../src/config/aws.ts';
import type { AuthorizerEnvironment } from '../src/lambda/environment.ts';
import { accept } from './nag.ts';
import { NodeLambda, type NodeLambdaProps } from './node-lambda.ts';

export interface HttpApiProps {
  readonly api: lambda.Function;
  readonly authorizerCode: lambda.Code;
  readonly common: Pick<NodeLambdaProps, 'logGroup' | 'logLevel' | 'reserves'>;
  readonly aws: AwsConfig;
  readonly retention: logs.RetentionDays;
  /** Neither tokens nor an issuer are in the configuration: a secret with a first token is made. */
  readonly needsTokens: boolean;
  /** Pages of other origins may read. */
  readonly takesOrigins: boolean;
  /** Slack may send what its buttons ask for. */
  readonly takesClicks: boolean;
}

/**
 * API, `/metrics` and page behind API Gateway. The page is for everybody, since it holds nothing; what it asks for needs
 * a token of the secret, of the configuration, or of the issuer.
 */
export class HttpApi extends Construct {
  /** Undefined where the configuration has tokens or an issuer. */
  readonly tokens: secretsmanager.Secret | undefined;
  readonly url: string;
  /** What the own domain has to point at. */
  readonly domainTarget: string | undefined;
  readonly authorizer: lambda.Function;
  /** Answers with a 5xx: of the API, and of the gateway where the authorizer failed. */
  readonly serverErrors: cloudwatch.IMetric;

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    const { api, authorizerCode, common, aws, retention } = props;
    this.tokens = props.needsTokens ? firstToken(this) : undefined;
    const environment: AuthorizerEnvironment = this.tokens ? { PGMON_TOKENS_ARN: this.tokens.secretArn } : {};
    const { fn: authorizer, role } = new NodeLambda(this, 'Authorizer', {
      ...common,
      description: 'pgmon: authorizer of the API',
      code: authorizerCode,
      memoryMb: 256,
      concurrency: 5,
      timeout: Duration.seconds(10),
      environment: { ...environment },
    });
    this.tokens?.grantRead(role);

    const domain = aws.domain
      ? new apigateway.DomainName(this, 'Domain', {
          domainName: aws.domain.name,
          certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', aws.domain.certificate_arn),
        })
      : undefined;
    const http = new apigateway.HttpApi(this, 'Api', {
      apiName: Stack.of(this).stackName,
      description: 'pgmon: API, metrics and page',
      createDefaultStage: false,
    });
    const accessLog = new logs.LogGroup(this, 'AccessLog', { retention, removalPolicy: RemovalPolicy.DESTROY });
    const stage = new apigateway.HttpStage(this, 'Stage', {
      httpApi: http,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: aws.api_rate_limit, burstLimit: aws.api_rate_limit * 2 },
      accessLogSettings: { destination: new apigateway.LogGroupLogDestination(accessLog) },
      ...(domain ? { domainMapping: { domainName: domain } } : {}),
    });
    const integration = new HttpLambdaIntegration('Integration', api);
    const authorize = (name: string, header: boolean) =>
      new HttpLambdaAuthorizer(name, authorizer, {
        authorizerName: name,
        responseTypes: [HttpLambdaResponseType.SIMPLE],
        // Without the header the gateway itself answers 401. Health is public; its reasons are not.
        identitySource: header ? ['$request.header.Authorization'] : [],
        // Kept for half a minute: what was revoked is refused within a minute, a new token within half of one.
        resultsCacheTtl: header ? Duration.seconds(30) : Duration.seconds(0),
      });
    const [needed, optional] = [authorize('token', true), authorize('health', false)];
    const open = new apigateway.HttpNoneAuthorizer();
    const { GET, POST, DELETE, OPTIONS } = apigateway.HttpMethod;
    const route = (path: string, methods: apigateway.HttpMethod[], authorizer: apigateway.IHttpRouteAuthorizer) =>
      http.addRoutes({ path, methods, integration, authorizer });
    route('/api/{proxy+}', [GET, POST, DELETE], needed);
    route('/metrics', [GET], needed);
    route('/healthz', [GET], optional);
    const pages = ['/', '/livez', '/openapi.json', '/assets/{proxy+}', '/runbook/{rule}', '/{file}'].flatMap((path) =>
      route(path, [GET], open),
    );
    for (const page of pages)
      accept(page, 'AwsSolutions-APIG4', 'The page, the runbook and the description of the API hold no data.');
    // A browser asks for leave before it sends a token from another origin, and sends none with that.
    const preflights = props.takesOrigins ? route('/api/{proxy+}', [OPTIONS], open) : [];
    for (const preflight of preflights)
      accept(
        preflight,
        'AwsSolutions-APIG4',
        'What a browser asks before the request itself has no token and gives no data.',
      );

    const clicks = props.takesClicks ? route('/slack/actions', [POST], open) : [];
    for (const click of clicks)
      accept(click, 'AwsSolutions-APIG4', 'Slack has no token of ours: the API checks its signature.');

    this.authorizer = authorizer;
    this.serverErrors = http.metricServerError({ period: Duration.minutes(5), statistic: cloudwatch.Stats.SUM });
    this.url = aws.domain ? `https://${aws.domain.name}/` : (stage.url ?? '');
    this.domainTarget = domain?.regionalDomainName;
  }
}

function firstToken(scope: Construct): secretsmanager.Secret {
  const secret = new secretsmanager.Secret(scope, 'Tokens', {
    description: 'pgmon: tokens of the API; one, or a list of them, each with name, role and token',
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ name: 'first', role: 'operator' }),
      generateStringKey: 'token',
      passwordLength: 43,
      excludePunctuation: true,
    },
  });
  accept(secret, 'AwsSolutions-SMG4', 'Tokens are in the hands of people and programs: rotating is theirs to time.');
  return secret;
}
