# WEB_ACL_EMPTY, MANAGED_RULES_MISSING, RATE_RULE_MISSING, NOTHING_BLOCKS
cat > rules.json <<'JSON'
[
  {
    "Name": "common",
    "Priority": 0,
    "Statement": {
      "ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
    },
    "OverrideAction": {"None": {}},
    "VisibilityConfig": {
      "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "common"
    }
  },
  {
    "Name": "rate",
    "Priority": 1,
    "Statement": {
      "RateBasedStatement": {"Limit": 2000, "EvaluationWindowSec": 300, "AggregateKeyType": "IP"}
    },
    "Action": {"Block": {}},
    "VisibilityConfig": {
      "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "rate"
    }
  }
]
JSON
aws wafv2 create-web-acl --name WEB_ACL --scope REGIONAL --default-action Allow={} \
  --rules file://rules.json --visibility-config \
  SampledRequestsEnabled=true,CloudWatchMetricsEnabled=true,MetricName=web-acl
# ... an existing one, with the lock token of get-web-acl
aws wafv2 update-web-acl --name WEB_ACL --scope REGIONAL --id WEB_ACL_ID --lock-token LOCK_TOKEN \
  --default-action Allow={} --rules file://rules.json --visibility-config \
  SampledRequestsEnabled=true,CloudWatchMetricsEnabled=true,MetricName=web-acl

# ALB_WITHOUT_WEB_ACL, API_STAGE_WITHOUT_WEB_ACL, GRAPHQL_API_WITHOUT_WEB_ACL,
# USER_POOL_WITHOUT_WEB_ACL
aws wafv2 associate-web-acl --web-acl-arn WEB_ACL_ARN --resource-arn RESOURCE_ARN
# DISTRIBUTION_WITHOUT_WEB_ACL: a web ACL of us-east-1 with --scope CLOUDFRONT; put its ARN into
# WebACLId of distribution.json
aws cloudfront get-distribution-config --id DISTRIBUTION_ID \
  --query DistributionConfig > distribution.json
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ENTITY_TAG \
  --distribution-config file://distribution.json

# NOT_DEPLOYED_BY_IAC: take it over into a stack whose template describes it
aws cloudformation create-change-set --stack-name STACK --change-set-name import \
  --change-set-type IMPORT --template-body file://template.yaml \
  --resources-to-import '[{
    "ResourceType": "AWS::WAFv2::WebACL",
    "LogicalResourceId": "WebAcl",
    "ResourceIdentifier": {"Name": "WEB_ACL", "Id": "WEB_ACL_ID", "Scope": "REGIONAL"}
  }]'

# WEB_ACL_LOGGING_DISABLED
aws wafv2 put-logging-configuration --logging-configuration \
  ResourceArn=WEB_ACL_ARN,LogDestinationConfigs=arn:aws:logs:REGION:ACCOUNT_ID:log-group:aws-waf-logs-WEB_ACL
