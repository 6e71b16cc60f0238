# NOT_MANAGED: Default Host Management Configuration for all instances of the Region, or a role
aws ssm update-service-setting \
  --setting-id /ssm/managed-instance/default-ec2-instance-management-role \
  --setting-value service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole
aws iam attach-role-policy --role-name ROLE \
  --policy-arn arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore

# PATCH_NON_COMPLIANT, PATCH_SCAN_STALE: now
aws ssm send-command --document-name AWS-RunPatchBaseline --targets Key=tag:KEY,Values=VALUE \
  --parameters Operation=Install,RebootOption=RebootIfNeeded --max-concurrency 10% --max-errors 5%
# PATCH_SCHEDULE_MISSING: every week from now on
aws ssm create-association --name AWS-RunPatchBaseline --association-name patch \
  --targets Key=tag:KEY,Values=VALUE --schedule-expression "cron(0 17 ? * SUN *)" \
  --parameters Operation=Install,RebootOption=RebootIfNeeded \
  --max-concurrency 10% --max-errors 5% --apply-only-at-cron-interval

# ASSOCIATION_NON_COMPLIANT
aws ssm start-associations-once --association-ids ASSOCIATION_ID
# INVENTORY_MISSING
aws ssm create-association --name AWS-GatherSoftwareInventory --association-name inventory \
  --targets Key=InstanceIds,Values=* --schedule-expression "rate(12 hours)" \
  --parameters applications=Enabled

# PATCH_BASELINE_WEAK
aws ssm create-patch-baseline --name within-a-week --operating-system AMAZON_LINUX_2023 \
  --approval-rules '{"PatchRules": [{
    "PatchFilterGroup": {"PatchFilters": [
      {"Key": "CLASSIFICATION", "Values": ["Security", "Bugfix"]}
    ]},
    "ApproveAfterDays": 7,
    "ComplianceLevel": "CRITICAL"
  }]}'
aws ssm register-default-patch-baseline --baseline-id BASELINE_ID_FROM_ABOVE
