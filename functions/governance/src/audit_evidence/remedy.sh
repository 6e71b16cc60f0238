# GOVERNING_LAW_NOT_CONFIRMED, NDA_NOT_ACCEPTED: agreements are accepted in the console only
aws artifact list-customer-agreements

# REPORT_NOT_REVIEWED: fetch the current report, and read it
aws artifact list-reports --query 'reports[].[id, version, series, name]'
aws artifact get-term-for-report --report-id REPORT_ID
aws artifact get-report --report-id REPORT_ID --term-token TERM_TOKEN
# REPORT_NOTIFICATION_OFF
aws artifact put-account-settings --notification-subscription-status SUBSCRIBED

# SECURITY_AUDIT_OVERDUE: the day on which the audit ended
aws ssm put-parameter --name /fisc/security-audit/last-completed --type String --overwrite \
  --value 2026-11-20

# AUDITOR_ACCESS_MISSING
aws iam attach-role-policy --role-name AUDITOR_ROLE \
  --policy-arn arn:aws:iam::aws:policy/AWSArtifactReportsReadOnlyAccess

# SERVICE_OUTSIDE_REPORT_SCOPE, REGION_OUTSIDE_REPORT_SCOPE: what is used, and since when
aws ce get-cost-and-usage --time-period Start=2026-10-24,End=2026-11-23 --granularity MONTHLY \
  --metrics UsageQuantity --group-by Type=DIMENSION,Key=SERVICE
