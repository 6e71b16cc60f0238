# RESTORE_TESTING_PLAN_MISSING, RESTORE_NOT_TESTED, RESTORE_TIME_OVER_RTO
aws backup create-restore-testing-plan --restore-testing-plan '{
  "RestoreTestingPlanName": "quarterly",
  "ScheduleExpression": "cron(0 17 1 1,4,7,10 ? *)",
  "RecoveryPointSelection": {
    "Algorithm": "LATEST_WITHIN_WINDOW",
    "IncludeVaults": ["*"],
    "RecoveryPointTypes": ["SNAPSHOT", "CONTINUOUS"],
    "SelectionWindowDays": 30
  }
}'
aws backup create-restore-testing-selection --restore-testing-plan-name quarterly \
  --restore-testing-selection '{
    "RestoreTestingSelectionName": "databases",
    "ProtectedResourceType": "RDS",
    "ProtectedResourceArns": ["*"],
    "IamRoleArn": "RESTORE_ROLE_ARN",
    "ValidationWindowHours": 4
  }'

# FAILOVER_NOT_TESTED, CACHE_FAILOVER_NOT_TESTED: within a maintenance window
aws rds reboot-db-instance --db-instance-identifier DB --force-failover
aws rds failover-db-cluster --db-cluster-identifier CLUSTER
aws elasticache test-failover --replication-group-id GROUP --node-group-id 0001
aws resourcegroupstaggingapi tag-resources --resource-arn-list RESOURCE_ARN \
  --tags fisc:last-failover-test=2026-11-20

# DX_FAILOVER_NOT_TESTED, DRS_DRILL_MISSING
aws directconnect start-bgp-failover-test --virtual-interface-id VIRTUAL_INTERFACE_ID \
  --test-duration-in-minutes 10
aws drs start-recovery --is-drill --source-servers sourceServerID=s-0123456789abcdef0

# RESILIENCE_APP_INCOMPLETE, RESILIENCE_POLICY_BREACHED
aws resiliencehub update-app --app-arn APP_ARN --policy-arn POLICY_ARN --assessment-schedule Daily
aws resiliencehub start-app-assessment --app-arn APP_ARN --app-version release \
  --assessment-name after-the-change
