# TARGET_NOT_LIVE: a topic that EventBridge may publish to (it cannot meet conditions in policies of
# topics), and somebody who confirms the mail
aws sns create-topic --name security-alerts
aws sns set-topic-attributes --topic-arn TOPIC_ARN --attribute-name Policy --attribute-value '{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": "TOPIC_ARN"
  }, {
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": "TOPIC_ARN",
    "Condition": {"StringEquals": {"aws:SourceAccount": "ACCOUNT_ID"}}
  }]
}'
aws sns subscribe --topic-arn TOPIC_ARN --protocol email --notification-endpoint MAIL_ADDRESS

# GUARDDUTY_NOT_ALERTED, FLOW_LOG_ANOMALY_NOT_ALERTED
aws events put-rule --name guardduty --event-pattern '{
  "source": ["aws.guardduty"],
  "detail-type": ["GuardDuty Finding"],
  "detail": {"severity": [{"numeric": [">=", 2]}]}
}'
# CONFIG_NONCOMPLIANCE_NOT_ALERTED
aws events put-rule --name config-noncompliance --event-pattern '{
  "source": ["aws.config"],
  "detail-type": ["Config Rules Compliance Change"],
  "detail": {"newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]}}
}'
# NETWORK_CHANGE_NOT_ALERTED
aws events put-rule --name network-changes --event-pattern '{
  "source": ["aws.config"],
  "detail-type": ["Config Configuration Item Change"],
  "detail": {"configurationItem": {"resourceType": [
    "AWS::EC2::VPC", "AWS::EC2::RouteTable", "AWS::EC2::InternetGateway",
    "AWS::EC2::NetworkAcl", "AWS::EC2::SecurityGroup"
  ]}}
}'
# SECURITYHUB_NOT_FORWARDED
aws events put-rule --name securityhub --event-pattern '{
  "source": ["aws.securityhub"],
  "detail-type": ["Security Hub Findings - Imported"],
  "detail": {"findings": {"Severity": {"Label": ["HIGH", "CRITICAL"]}}}
}'
for rule in guardduty config-noncompliance network-changes securityhub; do
  aws events put-targets --rule "$rule" --targets Id=people,Arn=TOPIC_ARN
done

# ROOT_USE_NOT_ALERTED, SIGNIN_FAILURE_NOT_ALERTED, SIGNIN_WITHOUT_MFA_NOT_ALERTED,
# UNAUTHORIZED_CALLS_NOT_ALERTED: on the log group of a multi-Region trail
aws logs put-metric-filter --log-group-name LOG_GROUP --filter-name root-use \
  --filter-pattern '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }' \
  --metric-transformations metricName=RootUse,metricNamespace=Security,metricValue=1
aws logs put-metric-filter --log-group-name LOG_GROUP --filter-name signin-failure \
  --filter-pattern '{ $.eventName = "ConsoleLogin" && $.errorMessage = "Failed authentication" }' \
  --metric-transformations metricName=SignInFailure,metricNamespace=Security,metricValue=1
aws logs put-metric-filter --log-group-name LOG_GROUP --filter-name signin-without-mfa \
  --filter-pattern '{ $.eventName = "ConsoleLogin" && $.userIdentity.type = "IAMUser" && $.additionalEventData.MFAUsed = "No" }' \
  --metric-transformations metricName=SignInWithoutMfa,metricNamespace=Security,metricValue=1
aws logs put-metric-filter --log-group-name LOG_GROUP --filter-name unauthorized-calls \
  --filter-pattern '{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }' \
  --metric-transformations metricName=UnauthorizedCalls,metricNamespace=Security,metricValue=1
for metric in RootUse SignInFailure SignInWithoutMfa UnauthorizedCalls; do
  aws cloudwatch put-metric-alarm --alarm-name "security-$metric" --namespace Security \
    --metric-name "$metric" --statistic Sum --period 300 --evaluation-periods 1 --threshold 1 \
    --comparison-operator GreaterThanOrEqualToThreshold --treat-missing-data notBreaching \
    --alarm-actions TOPIC_ARN
done

# LOG_GROUP_NOT_ALERTED
aws logs put-metric-filter --log-group-name APPLICATION_LOG_GROUP --filter-name errors \
  --filter-pattern ERROR \
  --metric-transformations metricName=Errors,metricNamespace=Application,metricValue=1
aws cloudwatch put-metric-alarm --alarm-name application-errors --alarm-actions TOPIC_ARN \
  --namespace Application --metric-name Errors --statistic Sum --period 300 \
  --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold \
  --treat-missing-data notBreaching

# GUARDDUTY_AUTO_RESPONSE_MISSING
aws events put-targets --rule guardduty --targets Id=response,Arn=FUNCTION_ARN
aws lambda add-permission --function-name FUNCTION --statement-id guardduty \
  --action lambda:InvokeFunction --principal events.amazonaws.com \
  --source-arn arn:aws:events:REGION:ACCOUNT_ID:rule/guardduty

# TRAFFIC_ALARM_MISSING
aws cloudwatch put-metric-alarm --alarm-name traffic --alarm-actions TOPIC_ARN \
  --namespace AWS/ApplicationELB --metric-name RequestCount --statistic Sum \
  --dimensions Name=LoadBalancer,Value=app/LOAD_BALANCER/ID --period 300 --evaluation-periods 3 \
  --threshold 100000 --comparison-operator GreaterThanThreshold --treat-missing-data notBreaching
