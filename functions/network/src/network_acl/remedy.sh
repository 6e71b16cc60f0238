# ADMIN_PORT_ALLOWED: denies in front of what allows; the same for ::/0 with --ipv6-cidr-block
aws ec2 create-network-acl-entry --network-acl-id ACL_ID --ingress --rule-number 10 \
  --protocol tcp --port-range From=22,To=22 --cidr-block 0.0.0.0/0 --rule-action deny
aws ec2 create-network-acl-entry --network-acl-id ACL_ID --ingress --rule-number 20 \
  --protocol tcp --port-range From=3389,To=3389 --cidr-block 0.0.0.0/0 --rule-action deny

# ALLOW_ALL_INBOUND: first let in what is needed, then take the general rule away
aws ec2 create-network-acl-entry --network-acl-id ACL_ID --ingress --rule-number 110 \
  --protocol tcp --port-range From=443,To=443 --cidr-block 0.0.0.0/0 --rule-action allow
aws ec2 create-network-acl-entry --network-acl-id ACL_ID --ingress --rule-number 120 \
  --protocol tcp --port-range From=1024,To=65535 --cidr-block 0.0.0.0/0 --rule-action allow
aws ec2 delete-network-acl-entry --network-acl-id ACL_ID --ingress --rule-number 100

# ALLOW_ALL_OUTBOUND: likewise
aws ec2 create-network-acl-entry --network-acl-id ACL_ID --egress --rule-number 110 \
  --protocol tcp --port-range From=443,To=443 --cidr-block 0.0.0.0/0 --rule-action allow
aws ec2 create-network-acl-entry --network-acl-id ACL_ID --egress --rule-number 120 \
  --protocol tcp --port-range From=1024,To=65535 --cidr-block 0.0.0.0/0 --rule-action allow
aws ec2 delete-network-acl-entry --network-acl-id ACL_ID --egress --rule-number 100
