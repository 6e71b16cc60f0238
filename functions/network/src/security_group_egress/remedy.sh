# EGRESS_ALL_TRAFFIC, EGRESS_PORT_UNRESTRICTED: let out what is needed, then close the rest
aws ec2 authorize-security-group-egress --group-id GROUP_ID --ip-permissions \
  'IpProtocol=tcp,FromPort=443,ToPort=443,UserIdGroupPairs=[{GroupId=ENDPOINT_GROUP_ID}]'
aws ec2 revoke-security-group-egress --group-id GROUP_ID --ip-permissions \
  'IpProtocol=-1,IpRanges=[{CidrIp=0.0.0.0/0}]'
# ... or a group that was reviewed
aws ec2 create-tags --resources GROUP_ID --tags Key=fisc:egress-reviewed,Value=APPROVAL_NUMBER

# DEFAULT_GROUP_NOT_CLOSED: its rules, by their ids
aws ec2 describe-security-group-rules --filters Name=group-id,Values=DEFAULT_GROUP_ID \
  --query 'SecurityGroupRules[].[SecurityGroupRuleId, IsEgress]'
aws ec2 revoke-security-group-ingress --group-id DEFAULT_GROUP_ID \
  --security-group-rule-ids INGRESS_RULE_ID
aws ec2 revoke-security-group-egress --group-id DEFAULT_GROUP_ID \
  --security-group-rule-ids EGRESS_RULE_ID
