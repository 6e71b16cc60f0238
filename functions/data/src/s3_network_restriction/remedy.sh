# S3_ENDPOINT_MISSING: first, so that the VPC still reaches its buckets
aws ec2 create-vpc-endpoint --vpc-id VPC_ID --vpc-endpoint-type Gateway \
  --service-name com.amazonaws.REGION.s3 --route-table-ids ROUTE_TABLE_ID

# NETWORK_DENY_MISSING, NETWORK_DENY_TOO_WIDE: this replaces the policy; add its other statements
aws s3api get-bucket-policy --bucket BUCKET --query Policy --output text > old-policy.json
cat > policy.json <<'JSON'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "RefuseOtherNetworks",
      "Effect": "Deny",
      "Principal": "*",
      "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      "Resource": "arn:aws:s3:::BUCKET/*",
      "Condition": {
        "StringNotEquals": {"aws:SourceVpce": ["VPC_ENDPOINT_ID"]},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::ACCOUNT_ID:role/ADMIN_ROLE"}
      }
    }
  ]
}
JSON
aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json
