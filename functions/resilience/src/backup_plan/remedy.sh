# FREQUENCY_OR_RETENTION_SHORT, LIFECYCLE_MISSING, CROSS_REGION_COPY_MISSING, CONTINUOUS_BACKUP_OFF:
# this replaces the plan's rules; continuous backups are kept for 35 days at most
aws backup get-backup-plan --backup-plan-id PLAN_ID
aws backup update-backup-plan --backup-plan-id PLAN_ID --backup-plan '{
  "BackupPlanName": "PLAN",
  "Rules": [
    {
      "RuleName": "daily",
      "TargetBackupVaultName": "VAULT",
      "ScheduleExpression": "cron(0 17 * * ? *)",
      "Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 365},
      "CopyActions": [{
        "DestinationBackupVaultArn": "arn:aws:backup:ap-northeast-3:ACCOUNT_ID:backup-vault:VAULT",
        "Lifecycle": {"DeleteAfterDays": 35}
      }]
    },
    {
      "RuleName": "continuous",
      "TargetBackupVaultName": "VAULT",
      "ScheduleExpression": "cron(0 18 * * ? *)",
      "EnableContinuousBackup": true,
      "Lifecycle": {"DeleteAfterDays": 35}
    }
  ]
}'

# COPY_JOB_FAILING: the message tells whether the key, the vault or the role refuses
aws backup list-copy-jobs --by-state FAILED --query 'CopyJobs[].[ResourceArn, StatusMessage]'

# DLM_POLICY_INEFFECTIVE, DLM_COPY_NOT_ALLOWED
aws dlm update-lifecycle-policy --policy-id policy-0123456789abcdef0 --state ENABLED \
  --policy-details '{
    "ResourceTypes": ["VOLUME"],
    "TargetTags": [{"Key": "backup", "Value": "daily"}],
    "Schedules": [{
      "Name": "daily",
      "CreateRule": {"Interval": 24, "IntervalUnit": "HOURS", "Times": ["17:00"]},
      "RetainRule": {"Count": 35},
      "CrossRegionCopyRules": [{
        "Target": "ap-northeast-3",
        "Encrypted": true,
        "RetainRule": {"Interval": 35, "IntervalUnit": "DAYS"}
      }]
    }]
  }'
