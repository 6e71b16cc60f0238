# VAULT_POLICY_MISSING, VAULT_POLICY_PUBLIC, MANUAL_DELETION_ALLOWED: nobody can take this back; to
# except an administrator add ArnNotLike aws:PrincipalArn, and list it in deletionExceptionPrincipals
aws backup put-backup-vault-access-policy --backup-vault-name VAULT --policy '{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "NobodyDeletesByHand",
    "Effect": "Deny",
    "Principal": "*",
    "Action": [
      "backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle",
      "backup:PutBackupVaultAccessPolicy", "backup:DeleteBackupVaultAccessPolicy"
    ],
    "Resource": "*"
  }]
}'

# VAULT_NOT_LOCKED: with --changeable-for-days 3 nobody can remove the lock after three days
aws backup put-backup-vault-lock-configuration --backup-vault-name VAULT --min-retention-days 35 \
  --max-retention-days 3650

# VAULT_KEY_NOT_CUSTOMER_MANAGED, RECOVERY_POINT_UNENCRYPTED: a vault keeps its key, so a new one
aws backup create-backup-vault --backup-vault-name NEW_VAULT --encryption-key-arn KEY_ARN
aws backup start-copy-job --recovery-point-arn RECOVERY_POINT_ARN --source-backup-vault-name VAULT \
  --destination-backup-vault-arn arn:aws:backup:REGION:ACCOUNT_ID:backup-vault:NEW_VAULT \
  --iam-role-arn BACKUP_ROLE_ARN
# RECOVERY_POINT_RETENTION_SHORT
aws backup update-recovery-point-lifecycle --backup-vault-name VAULT \
  --recovery-point-arn RECOVERY_POINT_ARN --lifecycle DeleteAfterDays=35

# JOB_NOTIFICATION_MISSING
aws backup put-backup-vault-notifications --backup-vault-name VAULT --sns-topic-arn TOPIC_ARN \
  --backup-vault-events BACKUP_JOB_COMPLETED BACKUP_JOB_FAILED COPY_JOB_FAILED RESTORE_JOB_COMPLETED

# BACKUP_BUCKET_NOT_ARCHIVED, BACKUP_BUCKET_SINGLE_AZ_CLASS: this replaces the bucket's rules
aws s3api put-bucket-lifecycle-configuration --bucket BACKUP_BUCKET --lifecycle-configuration '{
  "Rules": [{
    "ID": "archive",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]
  }]
}'
