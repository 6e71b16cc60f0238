# VERSIONING_DISABLED
aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration Status=Enabled

# MFA_DELETE_DISABLED: only root, with its MFA device, can do so
aws s3api put-bucket-versioning --bucket BUCKET --mfa "MFA_SERIAL 123456" \
  --versioning-configuration Status=Enabled,MFADelete=Enabled

# OBJECT_LOCK_MISSING, OBJECT_LOCK_TOO_SHORT: needs versioning
aws s3api put-object-lock-configuration --bucket BUCKET --object-lock-configuration '{
  "ObjectLockEnabled": "Enabled",
  "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 365}}
}'

# UNTRUSTED_PRINCIPAL, SENSITIVE_ACTION_TO_OTHERS: this replaces the policy; readers are tied to
# the organization, services to the account
aws s3api get-bucket-policy --bucket BUCKET --query Policy --output text > old-policy.json
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
      "Sid": "ReadInTheOrganization",
      "Effect": "Allow",
      "Principal": "*",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::BUCKET/*",
      "Condition": {"StringEquals": {"aws:PrincipalOrgID": "ORGANIZATION_ID"}}
    }
  ]
}
JSON
aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json

# UNTRUSTED_ACL_GRANT: once the policy grants what the list did
aws s3api put-bucket-ownership-controls --bucket BUCKET \
  --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'
