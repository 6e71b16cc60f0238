# FULL_ACCESS_GRANTED, ADMIN_AND_USER_NOT_SEPARATED, PUBLIC_PRINCIPAL, UNTRUSTED_ACCOUNT:
# the whole policy is replaced, so keep a copy of the old one. SERVICE_PRINCIPAL_UNSCOPED: give each
# statement for a service StringEquals aws:SourceAccount.
aws kms get-key-policy --key-id KEY_ID --query Policy --output text > old-policy.json
cat > policy.json <<'JSON'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "IamPoliciesOfThisAccountDecide",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::ACCOUNT_ID:root"},
      "Action": "kms:*",
      "Resource": "*"
    },
    {
      "Sid": "Administer",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::ACCOUNT_ID:role/KEY_ADMIN_ROLE"},
      "Action": [
        "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags",
        "kms:PutKeyPolicy", "kms:UpdateKeyDescription", "kms:EnableKey", "kms:DisableKey",
        "kms:EnableKeyRotation", "kms:TagResource", "kms:UntagResource",
        "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"
      ],
      "Resource": "*"
    },
    {
      "Sid": "Use",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::ACCOUNT_ID:role/KEY_USER_ROLE"},
      "Action": [
        "kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"
      ],
      "Resource": "*"
    },
    {
      "Sid": "GrantsForServicesOnly",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::ACCOUNT_ID:role/KEY_USER_ROLE"},
      "Action": "kms:CreateGrant",
      "Resource": "*",
      "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    }
  ]
}
JSON
aws kms put-key-policy --key-id KEY_ID --policy-name default --policy file://policy.json
