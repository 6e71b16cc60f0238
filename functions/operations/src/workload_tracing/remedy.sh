# LAMBDA_TRACING_OFF: first let the role send traces
aws iam attach-role-policy --role-name ROLE \
  --policy-arn arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess
aws lambda update-function-configuration --function-name FUNCTION --tracing-config Mode=Active

# API_STAGE_TRACING_OFF
aws apigateway update-stage --rest-api-id API_ID --stage-name STAGE \
  --patch-operations op=replace,path=/tracingEnabled,value=true
# STATE_MACHINE_TRACING_OFF
aws stepfunctions update-state-machine --state-machine-arn STATE_MACHINE_ARN \
  --tracing-configuration enabled=true
# APPSYNC_TRACING_OFF: what is not named here goes back to its default
aws appsync update-graphql-api --api-id API_ID --name API --authentication-type AWS_IAM \
  --xray-enabled
# APPRUNNER_OBSERVABILITY_OFF
aws apprunner create-observability-configuration --observability-configuration-name tracing \
  --trace-configuration Vendor=AWSXRAY
aws apprunner update-service --service-arn SERVICE_ARN --observability-configuration \
  ObservabilityEnabled=true,ObservabilityConfigurationArn=OBSERVABILITY_CONFIGURATION_ARN
