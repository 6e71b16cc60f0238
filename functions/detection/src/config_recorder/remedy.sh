# RECORDER_MISSING_OR_STOPPED, RECORDER_REGION_GAP, TYPES_NOT_RECORDED, NETWORK_TYPES_NOT_RECORDED,
# GLOBAL_TYPES_NOT_RECORDED, NOT_CONTINUOUS, RECORDER_ROLE_NOT_SERVICE_LINKED: in every Region;
# includeGlobalResourceTypes=true in the home Region only
aws iam create-service-linked-role --aws-service-name config.amazonaws.com
aws configservice put-configuration-recorder --region REGION \
  --configuration-recorder '{
    "name": "default",
    "roleARN": "arn:aws:iam::ACCOUNT_ID:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
    "recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": true},
    "recordingMode": {"recordingFrequency": "CONTINUOUS"}
  }'

# DELIVERY_UNHEALTHY, SNAPSHOT_NOT_SCHEDULED: the bucket's policy must let AWS Config write
aws configservice put-delivery-channel --region REGION --delivery-channel '{
  "name": "default",
  "s3BucketName": "BUCKET",
  "snsTopicARN": "TOPIC_ARN",
  "configSnapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"}
}'
aws configservice start-configuration-recorder --region REGION \
  --configuration-recorder-name default

# CHANGE_NOTIFICATION_MISSING: the topic's policy must let events.amazonaws.com publish
aws events put-rule --region REGION --name config-changes --event-pattern '{
  "source": ["aws.config"],
  "detail-type": ["Config Configuration Item Change", "Config Rules Compliance Change"]
}'
aws events put-targets --region REGION --rule config-changes --targets Id=people,Arn=TOPIC_ARN

# AGGREGATOR_MISSING, AGGREGATOR_SOURCE_FAILED: in the account of aggregatorAccountId
aws configservice put-configuration-aggregator --configuration-aggregator-name organization \
  --organization-aggregation-source RoleArn=AGGREGATOR_ROLE_ARN,AllAwsRegions=true

# REQUIRED_RULES_MISSING, REMEDIATION_MISSING
aws configservice put-config-rule --config-rule '{
  "ConfigRuleName": "s3-bucket-public-read-prohibited",
  "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_PUBLIC_READ_PROHIBITED"}
}'
aws configservice put-remediation-configurations --remediation-configurations '[{
  "ConfigRuleName": "s3-bucket-public-read-prohibited",
  "TargetType": "SSM_DOCUMENT",
  "TargetId": "AWS-DisableS3BucketPublicReadWrite",
  "Automatic": true,
  "MaximumAutomaticAttempts": 3,
  "RetryAttemptSeconds": 60,
  "Parameters": {
    "AutomationAssumeRole": {"StaticValue": {"Values": ["AUTOMATION_ROLE_ARN"]}},
    "S3BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}}
  }
}]'
