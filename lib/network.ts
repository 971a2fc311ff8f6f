import { Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { EndpointName, NetworkConfig } from '../src/config/aws.ts';
import { accept } from './nag.ts';

/** The VPC endpoints that a configuration asks for: without NAT they are the way to what the loops call. */
export class Endpoints extends Construct {
  constructor(scope: Construct, id: string, network: NetworkConfig) {
    super(scope, id);
    const { vpc_id: vpcId, subnet_ids, security_group_ids, route_table_ids } = network;
    const names = network.endpoints.filter((name) => name !== 'dynamodb');
    const service = (name: EndpointName) => `com.amazonaws.${Stack.of(this).region}.${name}`;
    if (network.endpoints.includes('dynamodb')) {
      new ec2.CfnVPCEndpoint(this, 'Dynamodb', {
        vpcId,
        vpcEndpointType: 'Gateway',
        serviceName: service('dynamodb'),
        routeTableIds: [...route_table_ids],
      });
    }
    if (names.length === 0) return;
    const group = new ec2.CfnSecurityGroup(this, 'Group', {
      vpcId,
      groupDescription: 'pgmon: access from its Lambdas to AWS',
      securityGroupIngress: security_group_ids.map((source) => ({
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        sourceSecurityGroupId: source,
        description: 'HTTPS from the Lambdas of pgmon',
      })),
    });
    for (const name of names) {
      const endpoint = new ec2.CfnVPCEndpoint(this, name, {
        vpcId,
        vpcEndpointType: 'Interface',
        serviceName: service(name),
        subnetIds: [...subnet_ids],
        securityGroupIds: [group.attrGroupId],
        privateDnsEnabled: true,
      });
      Tags.of(endpoint).add('Name', `pgmon ${name}`);
    }
  }
}

/** Lets a role's functions have an interface in a VPC: EC2 knows no narrower resource for it. */
export function allowInterfaces(role: iam.Role): void {
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: [
        'ec2:CreateNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      resources: ['*'],
    }),
  );
  accept(role, 'AwsSolutions-IAM5', 'Interfaces of a Lambda in a VPC have no name before they are made.', [
    'Resource::*',
  ]);
}

/** Puts a function into subnets, by their ids alone: nothing has to be looked up. */
export function placeIn(fn: lambda.Function, { subnet_ids, security_group_ids }: NetworkConfig): void {
  const { defaultChild } = fn.node;
  if (!(defaultChild && 'vpcConfig' in defaultChild)) throw new Error(`${fn.node.path} is no function`);
  defaultChild.vpcConfig = { subnetIds: [...subnet_ids], securityGroupIds: [...security_group_ids] };
}
