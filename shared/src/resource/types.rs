//! The resource types that controls judge.

use super::ResourceType;

impl ResourceType {
    /// The account itself.
    pub const ACCOUNT: Self = Self::new("AWS::::Account", "AwsAccount", "AWS::::Account:{account}");
    /// An ACM certificate; Config's id is its ARN.
    pub const ACM_CERTIFICATE: Self =
        Self::new("AWS::ACM::Certificate", "AwsCertificateManagerCertificate", "");
    /// A private certificate authority; Config's id is its ARN.
    pub const ACMPCA_CERTIFICATE_AUTHORITY: Self =
        Self::new("AWS::ACMPCA::CertificateAuthority", "Other", "");
    /// An Amazon MQ broker.
    pub const MQ_BROKER: Self = Self::new("AWS::AmazonMQ::Broker", "AwsAmazonMqBroker", "");
    /// A REST API of API Gateway.
    pub const API_GATEWAY_REST_API: Self =
        Self::new("AWS::ApiGateway::RestApi", "AwsApiGatewayRestApi", "");
    /// A stage of a REST API.
    pub const API_GATEWAY_STAGE: Self =
        Self::new("AWS::ApiGateway::Stage", "AwsApiGatewayStage", "");
    /// An HTTP or WebSocket API of API Gateway; Config's id is its id.
    pub const API_GATEWAY_V2_API: Self =
        Self::new("AWS::ApiGatewayV2::Api", "AwsApiGatewayV2Api", "");
    /// A stage of an HTTP or WebSocket API; Config's id is its ARN.
    pub const API_GATEWAY_V2_STAGE: Self =
        Self::new("AWS::ApiGatewayV2::Stage", "AwsApiGatewayV2Stage", "");
    /// A service of App Runner; Config's id is its ARN.
    pub const APP_RUNNER_SERVICE: Self =
        Self::new("AWS::AppRunner::Service", "AwsAppRunnerService", "");
    /// A configuration profile of AppConfig; Config's id joins those of application and profile.
    pub const APPCONFIG_CONFIGURATION_PROFILE: Self =
        Self::new("AWS::AppConfig::ConfigurationProfile", "Other", "");
    /// A deployment strategy of AppConfig.
    pub const APPCONFIG_DEPLOYMENT_STRATEGY: Self =
        Self::new("AWS::AppConfig::DeploymentStrategy", "Other", "");
    /// An environment of AppConfig; Config's id joins those of application and environment.
    pub const APPCONFIG_ENVIRONMENT: Self = Self::new("AWS::AppConfig::Environment", "Other", "");
    /// A GraphQL API of AppSync.
    pub const APPSYNC_GRAPHQL_API: Self =
        Self::new("AWS::AppSync::GraphQLApi", "AwsAppSyncGraphQlApi", "");
    /// An Auto Scaling group.
    pub const AUTO_SCALING_AUTO_SCALING_GROUP: Self =
        Self::new("AWS::AutoScaling::AutoScalingGroup", "AwsAutoScalingAutoScalingGroup", "");
    /// A launch configuration.
    pub const AUTO_SCALING_LAUNCH_CONFIGURATION: Self =
        Self::new("AWS::AutoScaling::LaunchConfiguration", "AwsAutoScalingLaunchConfiguration", "");
    /// A scaling policy of an Auto Scaling group; Config's id is its ARN.
    pub const AUTO_SCALING_SCALING_POLICY: Self =
        Self::new("AWS::AutoScaling::ScalingPolicy", "Other", "");
    /// A backup plan; Config's id is the plan's id.
    pub const BACKUP_BACKUP_PLAN: Self = Self::new(
        "AWS::Backup::BackupPlan",
        "AwsBackupBackupPlan",
        "arn:{partition}:backup:{region}:{account}:backup-plan:{id}",
    );
    /// A backup vault; Config's id is its name.
    pub const BACKUP_BACKUP_VAULT: Self = Self::new(
        "AWS::Backup::BackupVault",
        "AwsBackupBackupVault",
        "arn:{partition}:backup:{region}:{account}:backup-vault:{id}",
    );
    /// A recovery point; Config's id is its ARN.
    pub const BACKUP_RECOVERY_POINT: Self =
        Self::new("AWS::Backup::RecoveryPoint", "AwsBackupRecoveryPoint", "");
    /// A CloudFormation stack; Config's id is its ARN.
    pub const CLOUDFORMATION_STACK: Self =
        Self::new("AWS::CloudFormation::Stack", "AwsCloudFormationStack", "");
    /// A CloudFront distribution; Config's id is the distribution's id, its Region `global`.
    pub const CLOUDFRONT_DISTRIBUTION: Self = Self::new(
        "AWS::CloudFront::Distribution",
        "AwsCloudFrontDistribution",
        "arn:{partition}:cloudfront::{account}:distribution/{id}",
    );
    /// A CloudTrail trail; Config's id is the trail's name.
    pub const CLOUDTRAIL_TRAIL: Self = Self::new(
        "AWS::CloudTrail::Trail",
        "AwsCloudTrailTrail",
        "arn:{partition}:cloudtrail:{region}:{account}:trail/{id}",
    );
    /// A CloudWatch alarm; Config's id is its name.
    pub const CLOUDWATCH_ALARM: Self = Self::new(
        "AWS::CloudWatch::Alarm",
        "AwsCloudWatchAlarm",
        "arn:{partition}:cloudwatch:{region}:{account}:alarm:{id}",
    );
    /// A CodeBuild project; Config's id is its ARN.
    pub const CODEBUILD_PROJECT: Self =
        Self::new("AWS::CodeBuild::Project", "AwsCodeBuildProject", "");
    /// A deployment group of CodeDeploy.
    pub const CODEDEPLOY_DEPLOYMENT_GROUP: Self =
        Self::new("AWS::CodeDeploy::DeploymentGroup", "Other", "");
    /// A pipeline of CodePipeline; Config's id is its name.
    pub const CODEPIPELINE_PIPELINE: Self = Self::new(
        "AWS::CodePipeline::Pipeline",
        "Other",
        "arn:{partition}:codepipeline:{region}:{account}:{id}",
    );
    /// A Cognito identity pool.
    pub const COGNITO_IDENTITY_POOL: Self = Self::new("AWS::Cognito::IdentityPool", "Other", "");
    /// A Cognito user pool.
    pub const COGNITO_USER_POOL: Self = Self::new("AWS::Cognito::UserPool", "Other", "");
    /// An app client of a Cognito user pool.
    pub const COGNITO_USER_POOL_CLIENT: Self =
        Self::new("AWS::Cognito::UserPoolClient", "Other", "");
    /// A DataSync task; Config's id is its ARN.
    pub const DATASYNC_TASK: Self = Self::new("AWS::DataSync::Task", "Other", "");
    /// A DMS endpoint.
    pub const DMS_ENDPOINT: Self = Self::new("AWS::DMS::Endpoint", "AwsDmsEndpoint", "");
    /// A DMS replication instance.
    pub const DMS_REPLICATION_INSTANCE: Self =
        Self::new("AWS::DMS::ReplicationInstance", "AwsDmsReplicationInstance", "");
    /// A DynamoDB table; Config's id is its name.
    pub const DYNAMODB_TABLE: Self = Self::new(
        "AWS::DynamoDB::Table",
        "AwsDynamoDbTable",
        "arn:{partition}:dynamodb:{region}:{account}:table/{id}",
    );
    /// A flow log of a VPC, a subnet, a network interface or a transit gateway.
    pub const EC2_FLOW_LOG: Self = Self::new(
        "AWS::EC2::FlowLog",
        "Other",
        "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}",
    );
    /// A set of DHCP options of VPCs.
    pub const EC2_DHCP_OPTIONS: Self = Self::new(
        "AWS::EC2::DHCPOptions",
        "Other",
        "arn:{partition}:ec2:{region}:{account}:dhcp-options/{id}",
    );
    /// An EC2 instance.
    pub const EC2_INSTANCE: Self = Self::new(
        "AWS::EC2::Instance",
        "AwsEc2Instance",
        "arn:{partition}:ec2:{region}:{account}:instance/{id}",
    );
    /// An internet gateway.
    pub const EC2_INTERNET_GATEWAY: Self = Self::new(
        "AWS::EC2::InternetGateway",
        "Other",
        "arn:{partition}:ec2:{region}:{account}:internet-gateway/{id}",
    );
    /// An EC2 launch template.
    pub const EC2_LAUNCH_TEMPLATE: Self = Self::new(
        "AWS::EC2::LaunchTemplate",
        "AwsEc2LaunchTemplate",
        "arn:{partition}:ec2:{region}:{account}:launch-template/{id}",
    );
    /// A network ACL.
    pub const EC2_NETWORK_ACL: Self = Self::new(
        "AWS::EC2::NetworkAcl",
        "AwsEc2NetworkAcl",
        "arn:{partition}:ec2:{region}:{account}:network-acl/{id}",
    );
    /// A network interface.
    pub const EC2_NETWORK_INTERFACE: Self = Self::new(
        "AWS::EC2::NetworkInterface",
        "AwsEc2NetworkInterface",
        "arn:{partition}:ec2:{region}:{account}:network-interface/{id}",
    );
    /// A route table.
    pub const EC2_ROUTE_TABLE: Self = Self::new(
        "AWS::EC2::RouteTable",
        "AwsEc2RouteTable",
        "arn:{partition}:ec2:{region}:{account}:route-table/{id}",
    );
    /// A security group.
    pub const EC2_SECURITY_GROUP: Self = Self::new(
        "AWS::EC2::SecurityGroup",
        "AwsEc2SecurityGroup",
        "arn:{partition}:ec2:{region}:{account}:security-group/{id}",
    );
    /// A subnet.
    pub const EC2_SUBNET: Self = Self::new(
        "AWS::EC2::Subnet",
        "AwsEc2Subnet",
        "arn:{partition}:ec2:{region}:{account}:subnet/{id}",
    );
    /// An EBS volume.
    pub const EC2_VOLUME: Self = Self::new(
        "AWS::EC2::Volume",
        "AwsEc2Volume",
        "arn:{partition}:ec2:{region}:{account}:volume/{id}",
    );
    /// A VPC.
    pub const EC2_VPC: Self =
        Self::new("AWS::EC2::VPC", "AwsEc2Vpc", "arn:{partition}:ec2:{region}:{account}:vpc/{id}");
    /// A VPC endpoint.
    pub const EC2_VPC_ENDPOINT: Self = Self::new(
        "AWS::EC2::VPCEndpoint",
        "Other",
        "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}",
    );
    /// A transit gateway.
    pub const EC2_TRANSIT_GATEWAY: Self = Self::new(
        "AWS::EC2::TransitGateway",
        "AwsEc2TransitGateway",
        "arn:{partition}:ec2:{region}:{account}:transit-gateway/{id}",
    );
    /// The attachment of a VPC to a transit gateway.
    pub const EC2_TRANSIT_GATEWAY_ATTACHMENT: Self = Self::new(
        "AWS::EC2::TransitGatewayAttachment",
        "Other",
        "arn:{partition}:ec2:{region}:{account}:transit-gateway-attachment/{id}",
    );
    /// A virtual private gateway.
    pub const EC2_VPN_GATEWAY: Self = Self::new(
        "AWS::EC2::VPNGateway",
        "Other",
        "arn:{partition}:ec2:{region}:{account}:vpn-gateway/{id}",
    );
    /// A customer gateway: the institution's end of a VPN connection.
    pub const EC2_CUSTOMER_GATEWAY: Self = Self::new(
        "AWS::EC2::CustomerGateway",
        "Other",
        "arn:{partition}:ec2:{region}:{account}:customer-gateway/{id}",
    );
    /// A peering connection of two VPCs.
    pub const EC2_VPC_PEERING_CONNECTION: Self = Self::new(
        "AWS::EC2::VPCPeeringConnection",
        "AwsEc2VpcPeeringConnection",
        "arn:{partition}:ec2:{region}:{account}:vpc-peering-connection/{id}",
    );
    /// A Site-to-Site VPN connection.
    pub const EC2_VPN_CONNECTION: Self = Self::new(
        "AWS::EC2::VPNConnection",
        "AwsEc2VpnConnection",
        "arn:{partition}:ec2:{region}:{account}:vpn-connection/{id}",
    );
    /// An ECR repository; Config's id is its name.
    pub const ECR_REPOSITORY: Self = Self::new(
        "AWS::ECR::Repository",
        "AwsEcrRepository",
        "arn:{partition}:ecr:{region}:{account}:repository/{id}",
    );
    /// An ECS capacity provider; Config's id is its name.
    pub const ECS_CAPACITY_PROVIDER: Self = Self::new("AWS::ECS::CapacityProvider", "Other", "");
    /// An ECS cluster; Config's id is its ARN.
    pub const ECS_CLUSTER: Self = Self::new("AWS::ECS::Cluster", "AwsEcsCluster", "");
    /// An ECS service; Config's id is its ARN.
    pub const ECS_SERVICE: Self = Self::new("AWS::ECS::Service", "AwsEcsService", "");
    /// An ECS task definition; Config's id is its ARN.
    pub const ECS_TASK_DEFINITION: Self =
        Self::new("AWS::ECS::TaskDefinition", "AwsEcsTaskDefinition", "");
    /// An EFS file system.
    pub const EFS_FILE_SYSTEM: Self = Self::new(
        "AWS::EFS::FileSystem",
        "Other",
        "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{id}",
    );
    /// An EKS cluster; Config's id is its name.
    pub const EKS_CLUSTER: Self = Self::new(
        "AWS::EKS::Cluster",
        "AwsEksCluster",
        "arn:{partition}:eks:{region}:{account}:cluster/{id}",
    );
    /// An Elastic Beanstalk environment.
    pub const BEANSTALK_ENVIRONMENT: Self =
        Self::new("AWS::ElasticBeanstalk::Environment", "AwsElasticBeanstalkEnvironment", "");
    /// A Classic Load Balancer; Config's id is its name.
    pub const ELB_LOAD_BALANCER: Self = Self::new(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "AwsElbLoadBalancer",
        "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{id}",
    );
    /// A listener; Config's id is its ARN.
    pub const ELBV2_LISTENER: Self =
        Self::new("AWS::ElasticLoadBalancingV2::Listener", "Other", "");
    /// An Application, Network or Gateway Load Balancer; Config's id is its ARN.
    pub const ELBV2_LOAD_BALANCER: Self =
        Self::new("AWS::ElasticLoadBalancingV2::LoadBalancer", "AwsElbv2LoadBalancer", "");
    /// A domain of the older Elasticsearch kind; Config's id is account and name.
    pub const ELASTICSEARCH_DOMAIN: Self =
        Self::new("AWS::Elasticsearch::Domain", "AwsElasticsearchDomain", "");
    /// A rule of EventBridge; Config's id is its ARN.
    pub const EVENTS_RULE: Self = Self::new("AWS::Events::Rule", "Other", "");
    /// An EventBridge event bus.
    pub const EVENTS_EVENT_BUS: Self = Self::new("AWS::Events::EventBus", "AwsEventsEventbus", "");
    /// A Glue job; Config's id is its name.
    pub const GLUE_JOB: Self =
        Self::new("AWS::Glue::Job", "Other", "arn:{partition}:glue:{region}:{account}:job/{id}");
    /// An IAM group; Config's id is the group's id (`AGPA…`), from which no ARN follows.
    pub const IAM_GROUP: Self = Self::new("AWS::IAM::Group", "AwsIamGroup", "");
    /// An OpenID Connect provider; Config's id is its ARN.
    pub const IAM_OIDC_PROVIDER: Self = Self::new("AWS::IAM::OIDCProvider", "Other", "");
    /// A customer managed IAM policy; Config's id is the policy's id (`ANPA…`), from which no ARN follows.
    pub const IAM_POLICY: Self = Self::new("AWS::IAM::Policy", "AwsIamPolicy", "");
    /// An IAM role; Config's id is the role's id (`AROA…`), from which no ARN follows.
    pub const IAM_ROLE: Self = Self::new("AWS::IAM::Role", "AwsIamRole", "");
    /// A SAML provider; Config's id is its ARN.
    pub const IAM_SAML_PROVIDER: Self = Self::new("AWS::IAM::SAMLProvider", "Other", "");
    /// A server certificate of IAM.
    pub const IAM_SERVER_CERTIFICATE: Self = Self::new("AWS::IAM::ServerCertificate", "Other", "");
    /// An IAM user; Config's id is the user's id (`AIDA…`), from which no ARN follows.
    pub const IAM_USER: Self = Self::new("AWS::IAM::User", "AwsIamUser", "");
    /// A Kinesis data stream; Config's id is its name.
    pub const KINESIS_STREAM: Self = Self::new(
        "AWS::Kinesis::Stream",
        "AwsKinesisStream",
        "arn:{partition}:kinesis:{region}:{account}:stream/{id}",
    );
    /// A KMS key; Config's id is the key id.
    pub const KMS_KEY: Self =
        Self::new("AWS::KMS::Key", "AwsKmsKey", "arn:{partition}:kms:{region}:{account}:key/{id}");
    /// A Lambda function; Config's id is its name.
    pub const LAMBDA_FUNCTION: Self = Self::new(
        "AWS::Lambda::Function",
        "AwsLambdaFunction",
        "arn:{partition}:lambda:{region}:{account}:function:{id}",
    );
    /// An MSK cluster; Config's id is its ARN.
    pub const MSK_CLUSTER: Self = Self::new("AWS::MSK::Cluster", "AwsMskCluster", "");
    /// An OpenSearch Service domain; Config's id is account and name.
    pub const OPENSEARCH_DOMAIN: Self =
        Self::new("AWS::OpenSearch::Domain", "AwsOpenSearchServiceDomain", "");
    /// A DB cluster; Config's id is its resource id (`cluster-…`), from which no ARN follows.
    pub const RDS_DB_CLUSTER: Self = Self::new("AWS::RDS::DBCluster", "AwsRdsDbCluster", "");
    /// A snapshot of a DB cluster; Config's id is its name.
    pub const RDS_DB_CLUSTER_SNAPSHOT: Self = Self::new(
        "AWS::RDS::DBClusterSnapshot",
        "AwsRdsDbClusterSnapshot",
        "arn:{partition}:rds:{region}:{account}:cluster-snapshot:{id}",
    );
    /// A DB instance; Config's id is its resource id (`db-…`), from which no ARN follows.
    pub const RDS_DB_INSTANCE: Self = Self::new("AWS::RDS::DBInstance", "AwsRdsDbInstance", "");
    /// A snapshot of a DB instance; Config's id is its name.
    pub const RDS_DB_SNAPSHOT: Self = Self::new(
        "AWS::RDS::DBSnapshot",
        "AwsRdsDbSnapshot",
        "arn:{partition}:rds:{region}:{account}:snapshot:{id}",
    );
    /// A global database of Aurora.
    pub const RDS_GLOBAL_CLUSTER: Self = Self::new("AWS::RDS::GlobalCluster", "Other", "");
    /// A Redshift cluster; Config's id is its name.
    pub const REDSHIFT_CLUSTER: Self = Self::new(
        "AWS::Redshift::Cluster",
        "AwsRedshiftCluster",
        "arn:{partition}:redshift:{region}:{account}:cluster:{id}",
    );
    /// A snapshot of a Redshift cluster.
    pub const REDSHIFT_CLUSTER_SNAPSHOT: Self =
        Self::new("AWS::Redshift::ClusterSnapshot", "Other", "");
    /// An application of Resilience Hub; Config's id is its ARN.
    pub const RESILIENCE_HUB_APP: Self = Self::new("AWS::ResilienceHub::App", "Other", "");
    /// A hosted zone of Route 53, which Config records in us-east-1; its id is the zone's id.
    pub const ROUTE53_HOSTED_ZONE: Self = Self::new(
        "AWS::Route53::HostedZone",
        "AwsRoute53HostedZone",
        "arn:{partition}:route53:::hostedzone/{id}",
    );
    /// An S3 access point.
    pub const S3_ACCESS_POINT: Self = Self::new("AWS::S3::AccessPoint", "AwsS3AccessPoint", "");
    /// An S3 bucket; Config's id is the bucket's name.
    pub const S3_BUCKET: Self =
        Self::new("AWS::S3::Bucket", "AwsS3Bucket", "arn:{partition}:s3:::{id}");
    /// A directory bucket of S3 Express One Zone.
    pub const S3_DIRECTORY_BUCKET: Self = Self::new("AWS::S3Express::DirectoryBucket", "Other", "");
    /// An S3 Multi-Region Access Point.
    pub const S3_MULTI_REGION_ACCESS_POINT: Self =
        Self::new("AWS::S3::MultiRegionAccessPoint", "Other", "");
    /// A SageMaker notebook instance.
    pub const SAGEMAKER_NOTEBOOK_INSTANCE: Self =
        Self::new("AWS::SageMaker::NotebookInstance", "AwsSageMakerNotebookInstance", "");
    /// A secret; Config's id is its ARN.
    pub const SECRETS_MANAGER_SECRET: Self =
        Self::new("AWS::SecretsManager::Secret", "AwsSecretsManagerSecret", "");
    /// An SNS topic; Config's id is its ARN.
    pub const SNS_TOPIC: Self = Self::new("AWS::SNS::Topic", "AwsSnsTopic", "");
    /// An SQS queue; Config's id is its URL.
    pub const SQS_QUEUE: Self = Self::new("AWS::SQS::Queue", "AwsSqsQueue", "");
    /// The compliance of a managed node with its State Manager associations.
    pub const SSM_ASSOCIATION_COMPLIANCE: Self =
        Self::new("AWS::SSM::AssociationCompliance", "Other", "");
    /// The compliance of a managed node with its patch baseline.
    pub const SSM_PATCH_COMPLIANCE: Self =
        Self::new("AWS::SSM::PatchCompliance", "AwsSsmPatchCompliance", "");
    /// A Systems Manager document; Config's id is its name.
    pub const SSM_DOCUMENT: Self = Self::new(
        "AWS::SSM::Document",
        "Other",
        "arn:{partition}:ssm:{region}:{account}:document/{id}",
    );
    /// A Step Functions state machine; Config's id is its ARN.
    pub const STEP_FUNCTIONS_STATE_MACHINE: Self =
        Self::new("AWS::StepFunctions::StateMachine", "AwsStepFunctionStateMachine", "");
    /// A Transfer Family connector.
    pub const TRANSFER_CONNECTOR: Self = Self::new("AWS::Transfer::Connector", "Other", "");
    /// A Transfer Family server.
    pub const TRANSFER_SERVER: Self = Self::new("AWS::Transfer::Server", "Other", "");
    /// A Network Firewall firewall; Config's id is its ARN.
    pub const NETWORK_FIREWALL_FIREWALL: Self =
        Self::new("AWS::NetworkFirewall::Firewall", "AwsNetworkFirewallFirewall", "");
    /// A Network Firewall policy; Config's id is its ARN.
    pub const NETWORK_FIREWALL_FIREWALL_POLICY: Self =
        Self::new("AWS::NetworkFirewall::FirewallPolicy", "AwsNetworkFirewallFirewallPolicy", "");
    /// An Elastic IP address; Config's id is its allocation id.
    pub const EC2_EIP: Self = Self::new(
        "AWS::EC2::EIP",
        "AwsEc2Eip",
        "arn:{partition}:ec2:{region}:{account}:eip-allocation/{id}",
    );
    /// A NAT gateway.
    pub const EC2_NAT_GATEWAY: Self = Self::new(
        "AWS::EC2::NatGateway",
        "Other",
        "arn:{partition}:ec2:{region}:{account}:natgateway/{id}",
    );
    /// An accelerator of Global Accelerator, which Config records in us-west-2.
    pub const GLOBAL_ACCELERATOR_ACCELERATOR: Self =
        Self::new("AWS::GlobalAccelerator::Accelerator", "Other", "");
    /// A Shield Advanced protection of a global resource; Config's id is its id.
    pub const SHIELD_PROTECTION: Self = Self::new("AWS::Shield::Protection", "Other", "");
    /// A Shield Advanced protection of a resource of a Region; Config's id is its id.
    pub const SHIELD_REGIONAL_PROTECTION: Self =
        Self::new("AWS::ShieldRegional::Protection", "Other", "");
    /// A web ACL of WAF; a global one, for CloudFront, is recorded in us-east-1.
    pub const WAFV2_WEB_ACL: Self = Self::new("AWS::WAFv2::WebACL", "AwsWafv2WebAcl", "");
}
