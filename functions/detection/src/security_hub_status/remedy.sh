# HUB_DISABLED: in every Region
aws securityhub enable-security-hub --no-enable-default-standards
# STANDARD_MISSING
aws securityhub batch-enable-standards --standards-subscription-requests \
  StandardsArn=arn:aws:securityhub:REGION::standards/aws-foundational-security-best-practices/v/1.0.0
# INTEGRATION_MISSING: guardduty, inspector, config, macie
for product in guardduty inspector config macie; do
  aws securityhub enable-import-findings-for-product \
    --product-arn "arn:aws:securityhub:REGION::product/aws/$product"
done

# ADMINISTRATOR_MISSING: in the management account
aws securityhub enable-organization-admin-account --admin-account-id SECURITY_ACCOUNT_ID

# AGGREGATION_MISSING: in the home Region of the administrator account
aws securityhub create-finding-aggregator --region-linking-mode SPECIFIED_REGIONS \
  --regions ap-northeast-3
# AUTO_ENABLE_OFF, MEMBER_NOT_ENABLED: there as well
aws securityhub update-organization-configuration --auto-enable --auto-enable-standards DEFAULT
aws securityhub create-members --account-details AccountId=MEMBER_ACCOUNT_ID
