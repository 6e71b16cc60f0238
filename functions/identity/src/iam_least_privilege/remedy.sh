# FULL_ADMIN_ALLOWED, SERVICE_WILDCARD_ALLOWED, PRIVILEGE_ESCALATION_ALLOWED,
# PASSROLE_UNRESTRICTED, KMS_DECRYPT_ALL_KEYS, RESTRICTED_ACTION_GRANTED: a version that names what
# the work needs
aws iam create-policy-version --set-as-default \
  --policy-arn arn:aws:iam::ACCOUNT_ID:policy/POLICY --policy-document '{
    "Version": "2012-10-17",
    "Statement": [
      {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": "arn:aws:s3:::BUCKET/*"
      },
      {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "arn:aws:kms:REGION:ACCOUNT_ID:key/KEY_ID"
      },
      {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "arn:aws:iam::ACCOUNT_ID:role/TASK_ROLE",
        "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
      }
    ]
  }'

# FULL_ADMIN_ALLOWED, WORKLOAD_ROLE_TOO_BROAD
aws iam detach-role-policy --role-name ROLE \
  --policy-arn arn:aws:iam::aws:policy/AdministratorAccess

# USER_HAS_DIRECT_POLICY, USER_NOT_IN_GROUP
aws iam add-user-to-group --user-name USER --group-name GROUP
aws iam detach-user-policy --user-name USER --policy-arn POLICY_ARN_OF_THE_USER

# INLINE_POLICY_PRESENT
aws iam delete-role-policy --role-name ROLE --policy-name INLINE_POLICY
