# S3_ENDPOINT_MISSING, GATEWAY_ENDPOINT_NO_ROUTE_TABLE
aws ec2 create-vpc-endpoint --vpc-id VPC_ID --vpc-endpoint-type Gateway \
  --service-name com.amazonaws.REGION.s3 --route-table-ids ROUTE_TABLE_ID
aws ec2 modify-vpc-endpoint --vpc-endpoint-id VPC_ENDPOINT_ID --add-route-table-ids ROUTE_TABLE_ID

# INTERFACE_ENDPOINT_MISSING, PRIVATE_DNS_DISABLED
for service in ssm ssmmessages kms secretsmanager logs sts; do
  aws ec2 create-vpc-endpoint --vpc-id VPC_ID --vpc-endpoint-type Interface \
    --service-name "com.amazonaws.REGION.$service" --subnet-ids SUBNET_ID \
    --security-group-ids GROUP_ID --private-dns-enabled
done
aws ec2 modify-vpc-endpoint --vpc-endpoint-id VPC_ENDPOINT_ID --private-dns-enabled

# BUCKET_NOT_NETWORK_RESTRICTED: this replaces the policy; add its other statements
cat > policy.json <<'JSON'
{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "RefuseOtherNetworks",
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["s3:GetObject", "s3:PutObject"],
    "Resource": "arn:aws:s3:::BUCKET/*",
    "Condition": {
      "StringNotEquals": {"aws:SourceVpce": ["VPC_ENDPOINT_ID"]},
      "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
      "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::ACCOUNT_ID:role/ADMIN_ROLE"}
    }
  }]
}
JSON
aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json
