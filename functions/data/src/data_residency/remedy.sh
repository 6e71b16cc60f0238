# REPLICATION_REGION: stop what copies data to another Region
aws s3api delete-bucket-replication --bucket BUCKET
aws dynamodb update-table --table-name TABLE --replica-updates 'Delete={RegionName=REGION}'
aws rds stop-db-instance-automated-backups-replication --region REGION \
  --source-db-instance-arn DB_ARN
aws efs delete-replication-configuration --source-file-system-id FILE_SYSTEM_ID
aws redshift disable-snapshot-copy --cluster-identifier CLUSTER

# BACKUP_COPY_REGION: take the copy action out of the plan
aws backup get-backup-plan --backup-plan-id PLAN_ID --query BackupPlan > plan.json
aws backup update-backup-plan --backup-plan-id PLAN_ID --backup-plan '{
  "BackupPlanName": "PLAN",
  "Rules": [{
    "RuleName": "daily",
    "TargetBackupVaultName": "VAULT",
    "ScheduleExpression": "cron(0 17 * * ? *)",
    "Lifecycle": {"DeleteAfterDays": 35}
  }]
}'

# UNAPPROVED_REGION_ENABLED
aws account disable-region --region-name REGION

# RESOURCE_REGION, REPLICATION_REGION, BACKUP_COPY_REGION: a transfer that was approved
aws resourcegroupstaggingapi tag-resources --resource-arn-list RESOURCE_ARN \
  --tags fisc:region-exception=APPROVAL_NUMBER
