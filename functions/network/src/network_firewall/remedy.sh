# NO_STATEFUL_INSPECTION, DEFAULT_ACTION_PASSES, ALERT_ONLY_OVERRIDE: the update token comes from
# describe-firewall-policy; a group without Override blocks
TOKEN=$(aws network-firewall describe-firewall-policy --firewall-policy-name POLICY \
  --query UpdateToken --output text)
aws network-firewall update-firewall-policy --firewall-policy-name POLICY \
  --update-token "$TOKEN" --firewall-policy '{
    "StatelessDefaultActions": ["aws:forward_to_sfe"],
    "StatelessFragmentDefaultActions": ["aws:forward_to_sfe"],
    "StatefulRuleGroupReferences": [{"ResourceArn": "RULE_GROUP_ARN"}]
  }'

# FIREWALL_LOGGING_INCOMPLETE: one destination more with each call
aws network-firewall update-logging-configuration --firewall-name FIREWALL \
  --logging-configuration '{"LogDestinationConfigs": [
    {"LogType": "ALERT", "LogDestinationType": "CloudWatchLogs",
     "LogDestination": {"logGroup": "ALERT_LOG_GROUP"}}
  ]}'
aws network-firewall update-logging-configuration --firewall-name FIREWALL \
  --logging-configuration '{"LogDestinationConfigs": [
    {"LogType": "ALERT", "LogDestinationType": "CloudWatchLogs",
     "LogDestination": {"logGroup": "ALERT_LOG_GROUP"}},
    {"LogType": "FLOW", "LogDestinationType": "CloudWatchLogs",
     "LogDestination": {"logGroup": "FLOW_LOG_GROUP"}}
  ]}'

# NO_INSPECTION_ENDPOINT, ENDPOINT_NOT_IN_PATH
aws network-firewall create-firewall --firewall-name FIREWALL --firewall-policy-arn POLICY_ARN \
  --vpc-id VPC_ID --subnet-mappings SubnetId=FIREWALL_SUBNET_ID
aws ec2 replace-route --route-table-id ROUTE_TABLE_ID --destination-cidr-block 0.0.0.0/0 \
  --vpc-endpoint-id VPC_ENDPOINT_ID
