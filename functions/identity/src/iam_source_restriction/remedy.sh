# SOURCE_NOT_RESTRICTED, SOURCE_RANGE_TOO_WIDE: try it on one role first
cat > source-restriction.json <<'JSON'
{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "RefuseOtherSources",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {
      "NotIpAddressIfExists": {"aws:SourceIp": ["OFFICE_CIDR"]},
      "StringNotEqualsIfExists": {"aws:SourceVpc": ["VPC_ID"]},
      "BoolIfExists": {"aws:ViaAWSService": "false"}
    }
  }]
}
JSON
aws iam create-policy --policy-name source-restriction \
  --policy-document file://source-restriction.json
aws iam attach-role-policy --role-name ROLE \
  --policy-arn arn:aws:iam::ACCOUNT_ID:policy/source-restriction
aws iam attach-group-policy --group-name GROUP \
  --policy-arn arn:aws:iam::ACCOUNT_ID:policy/source-restriction
