# EXTERNAL_ANALYZER_MISSING: in every Region; ORGANIZATION in the delegated administrator account
for region in $(aws ec2 describe-regions --query 'Regions[].RegionName' --output text); do
  aws accessanalyzer create-analyzer --region "$region" --analyzer-name external --type ACCOUNT
done

# UNUSED_ANALYZER_MISSING: in the home Region; charged per role and user
aws accessanalyzer create-analyzer --analyzer-name unused --type ACCOUNT_UNUSED_ACCESS \
  --configuration 'unusedAccess={unusedAccessAge=90}'

# FINDING_OVERDUE: take the access away, or archive what is meant to be
aws accessanalyzer list-findings-v2 --analyzer-arn ANALYZER_ARN \
  --filter '{"status": {"eq": ["ACTIVE"]}}'
aws accessanalyzer update-findings --analyzer-arn ANALYZER_ARN --status ARCHIVED --ids FINDING_ID
