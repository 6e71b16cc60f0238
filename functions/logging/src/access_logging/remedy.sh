# S3_ACCESS_LOG_OFF: the log bucket's policy must let logging.s3.amazonaws.com write
aws s3api put-bucket-logging --bucket BUCKET --bucket-logging-status \
  'LoggingEnabled={TargetBucket=LOG_BUCKET,TargetPrefix=s3/BUCKET/}'

# LB_ACCESS_LOG_OFF, CLIENT_IP_DROPPED
aws elbv2 modify-load-balancer-attributes --load-balancer-arn LOAD_BALANCER_ARN --attributes \
  Key=access_logs.s3.enabled,Value=true Key=access_logs.s3.bucket,Value=LOG_BUCKET \
  Key=routing.http.xff_header_processing.mode,Value=append

# API_EXECUTION_LOG_OFF, API_ACCESS_LOG_OFF: needs a role in the account's API Gateway settings
aws apigateway update-account \
  --patch-operations op=replace,path=/cloudwatchRoleArn,value=ROLE_ARN
aws apigateway update-stage --rest-api-id API_ID --stage-name STAGE --patch-operations '[
  {"op": "replace", "path": "/*/*/logging/loglevel", "value": "ERROR"},
  {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": "LOG_GROUP_ARN"},
  {"op": "replace", "path": "/accessLogSettings/format",
   "value": "$context.requestId $context.identity.sourceIp $context.requestTime $context.httpMethod $context.resourcePath $context.status"}
]'

# DB_LOG_EXPORT_MISSING; DB_AUDIT_DISABLED (PostgreSQL: pgaudit also needs its library)
aws rds modify-db-instance --db-instance-identifier DB --apply-immediately \
  --cloudwatch-logs-export-configuration '{"EnableLogTypes": ["postgresql"]}'
aws rds modify-db-parameter-group --db-parameter-group-name PARAMETER_GROUP --parameters \
  ParameterName=shared_preload_libraries,ParameterValue=pgaudit,ApplyMethod=pending-reboot \
  ParameterName=pgaudit.log,ParameterValue=ddl,ApplyMethod=pending-reboot

# CLOUDFRONT_LOG_OFF: in distribution.json "Logging": {"Enabled": true, "IncludeCookies": false,
#   "Bucket": "LOG_BUCKET.s3.amazonaws.com", "Prefix": "cloudfront/"}
aws cloudfront get-distribution-config --id DISTRIBUTION_ID \
  --query DistributionConfig > distribution.json
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ENTITY_TAG \
  --distribution-config file://distribution.json
# CONTAINER_LOG_MISSING: a revision in which every container has a log driver
aws ecs register-task-definition --family FAMILY --execution-role-arn EXECUTION_ROLE_ARN \
  --container-definitions '[{
    "name": "CONTAINER",
    "image": "IMAGE",
    "logConfiguration": {"logDriver": "awslogs", "options": {
      "awslogs-group": "LOG_GROUP", "awslogs-region": "REGION", "awslogs-stream-prefix": "CONTAINER"
    }}
  }]'
# GLUE_JOB_LOG_OFF: what is not named here goes back to its default
aws glue update-job --job-name JOB --job-update '{
  "Role": "ROLE_ARN",
  "Command": {"Name": "glueetl", "ScriptLocation": "s3://BUCKET/job.py"},
  "DefaultArguments": {"--enable-continuous-cloudwatch-log": "true"}
}'

# EKS_CONTROL_PLANE_LOG_OFF
aws eks update-cluster-config --name CLUSTER \
  --logging '{"clusterLogging": [{"types": ["audit", "authenticator"], "enabled": true}]}'
# REDSHIFT_AUDIT_LOG_OFF
aws redshift enable-logging --cluster-identifier CLUSTER --log-destination-type cloudwatch \
  --log-exports connectionlog userlog useractivitylog
# OPENSEARCH_LOG_OFF
aws opensearch update-domain-config --domain-name DOMAIN --log-publishing-options \
  'ES_APPLICATION_LOGS={CloudWatchLogsLogGroupArn=LOG_GROUP_ARN_OF_APPLICATION,Enabled=true},AUDIT_LOGS={CloudWatchLogsLogGroupArn=LOG_GROUP_ARN_OF_AUDIT,Enabled=true}'
# SFN_LOG_OFF
aws stepfunctions update-state-machine --state-machine-arn STATE_MACHINE_ARN \
  --logging-configuration '{
    "level": "ERROR",
    "includeExecutionData": false,
    "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "LOG_GROUP_ARN:*"}}]
  }'
# MSK_BROKER_LOG_OFF, MQ_LOG_OFF
aws kafka update-monitoring --cluster-arn CLUSTER_ARN --current-version VERSION --logging-info \
  'BrokerLogs={CloudWatchLogs={Enabled=true,LogGroup=LOG_GROUP}}'
aws mq update-broker --broker-id BROKER_ID --logs Audit=true,General=true
# APPSYNC_LOG_OFF, TRANSFER_LOG_OFF, DATASYNC_LOG_OFF, CODEBUILD_LOG_OFF
aws appsync update-graphql-api --api-id API_ID --name API --authentication-type AWS_IAM \
  --log-config fieldLogLevel=ERROR,cloudWatchLogsRoleArn=ROLE_ARN
aws transfer update-connector --connector-id CONNECTOR_ID --logging-role ROLE_ARN
aws datasync update-task --task-arn TASK_ARN --cloud-watch-log-group-arn LOG_GROUP_ARN \
  --options LogLevel=BASIC
aws codebuild update-project --name PROJECT \
  --logs-config 'cloudWatchLogs={status=ENABLED,groupName=LOG_GROUP}'
# BEANSTALK_LOG_STREAM_OFF
aws elasticbeanstalk update-environment --environment-name ENVIRONMENT --option-settings \
  Namespace=aws:elasticbeanstalk:cloudwatch:logs,OptionName=StreamLogs,Value=true

# AUTOMATION_LOG_OFF
aws ssm update-service-setting --setting-value CloudWatch \
  --setting-id /ssm/automation/customer-script-log-destination

# OS_LOGS_NOT_DELIVERED: the agent, with its configuration in a parameter
aws ssm send-command --document-name AWS-ConfigureAWSPackage --targets Key=tag:KEY,Values=VALUE \
  --parameters action=Install,name=AmazonCloudWatchAgent
aws ssm send-command --document-name AmazonCloudWatch-ManageAgent \
  --targets Key=tag:KEY,Values=VALUE --parameters \
  action=configure,optionalConfigurationSource=ssm,optionalConfigurationLocation=PARAMETER,optionalRestart=yes

# CLASSIFIED_DATA_ACCESS_NOT_LOGGED: this replaces the selectors of the trail
aws cloudtrail put-event-selectors --trail-name TRAIL --advanced-event-selectors '[
  {"Name": "management",
   "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
  {"Name": "objects",
   "FieldSelectors": [
     {"Field": "eventCategory", "Equals": ["Data"]},
     {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
     {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::BUCKET/"]}
   ]}
]'
