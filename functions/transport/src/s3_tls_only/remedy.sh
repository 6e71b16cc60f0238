# NO_BUCKET_POLICY, NO_TLS_DENY, TLS_DENY_NOT_ALL_PRINCIPALS, TLS_DENY_NOT_ALL_ACTIONS,
# TLS_DENY_NOT_ALL_RESOURCES, TLS_DENY_WEAKENED: this replaces the policy; add its other statements.
# OLD_TLS_NOT_DENIED: the second statement
aws s3api get-bucket-policy --bucket BUCKET --query Policy --output text > old-policy.json || true
cat > policy.json <<'JSON'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "RefuseHttp",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:*",
      "Resource": ["arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"],
      "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    },
    {
      "Sid": "RefuseOldTls",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:*",
      "Resource": ["arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"],
      "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    }
  ]
}
JSON
aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json
