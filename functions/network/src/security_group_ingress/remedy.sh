# ALL_TRAFFIC_FROM_INTERNET, ADMIN_PORT_OPEN, HIGH_RISK_PORT_OPEN, UNAUTHORIZED_PUBLIC_PORT,
# PLAINTEXT_PORT_OPEN: the rules by their ids, and what the message names
aws ec2 describe-security-group-rules --filters Name=group-id,Values=GROUP_ID \
  --query 'SecurityGroupRules[?!IsEgress].[SecurityGroupRuleId, CidrIpv4, CidrIpv6, FromPort, ToPort]'
aws ec2 revoke-security-group-ingress --group-id GROUP_ID --security-group-rule-ids RULE_ID

# Instead of it: from the load balancer only, or from your own network
aws ec2 authorize-security-group-ingress --group-id GROUP_ID --protocol tcp --port 8443 \
  --source-group LOAD_BALANCER_GROUP_ID
aws ec2 authorize-security-group-ingress --group-id GROUP_ID --protocol tcp --port 443 \
  --cidr 10.0.0.0/16
# Administration without any inbound rule
aws ssm start-session --target INSTANCE_ID
