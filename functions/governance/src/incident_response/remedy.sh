# AUTO_RESPONSE_MISSING
aws events put-rule --name guardduty-response --event-pattern '{
  "source": ["aws.guardduty"],
  "detail-type": ["GuardDuty Finding"],
  "detail": {"severity": [{"numeric": [">=", 7]}]}
}'
aws events put-targets --rule guardduty-response --targets Id=response,Arn=FUNCTION_ARN
aws lambda add-permission --function-name FUNCTION --statement-id guardduty-response \
  --action lambda:InvokeFunction --principal events.amazonaws.com \
  --source-arn arn:aws:events:REGION:ACCOUNT_ID:rule/guardduty-response

# QUARANTINE_GROUP_MISSING: in each VPC; a new group lets everything out until the rule is gone
aws ec2 create-security-group --group-name quarantine --description "Isolates an instance" \
  --vpc-id VPC_ID --tag-specifications \
  'ResourceType=security-group,Tags=[{Key=fisc:quarantine,Value=true}]'
aws ec2 revoke-security-group-egress --group-id GROUP_ID --ip-permissions \
  'IpProtocol=-1,IpRanges=[{CidrIp=0.0.0.0/0}]'

# RESPONSE_ROLE_MISSING
aws iam create-role --role-name RESPONSE_ROLE --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::SECURITY_ACCOUNT_ID:root"},
    "Action": "sts:AssumeRole",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}'

# RESPONSE_RUNBOOK_MISSING: the runbook, reviewed, and its tag
aws ssm create-document --name RUNBOOK --document-type Automation --document-format YAML \
  --content file://runbook.yaml --tags Key=fisc:role,Value=incident-response
aws ssm update-document --name RUNBOOK --document-version '$LATEST' --document-format YAML \
  --content file://runbook.yaml

# OPSITEM_OVERDUE
aws ssm update-ops-item --ops-item-id oi-0123456789ab --status Resolved
