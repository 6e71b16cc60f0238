# DETECTOR_MISSING: in every Region
for region in $(aws ec2 describe-regions --query 'Regions[].RegionName' --output text); do
  aws guardduty create-detector --region "$region" --enable \
    --finding-publishing-frequency FIFTEEN_MINUTES --features Name=S3_DATA_EVENTS,Status=ENABLED
done

# DETECTOR_SUSPENDED, PUBLISHING_TOO_SLOW, S3_PROTECTION_OFF, PROTECTION_PLAN_OFF, RUNTIME_AGENT_OFF
aws guardduty update-detector --detector-id DETECTOR_ID --enable \
  --finding-publishing-frequency FIFTEEN_MINUTES --features '[
    {"Name": "S3_DATA_EVENTS", "Status": "ENABLED"},
    {"Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": [
      {"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}
    ]}
  ]'

# ADMINISTRATOR_MISSING: in the management account, in every Region
aws guardduty enable-organization-admin-account --admin-account-id SECURITY_ACCOUNT_ID
# AUTO_ENABLE_OFF: in the administrator account
aws guardduty update-organization-configuration --detector-id DETECTOR_ID \
  --auto-enable-organization-members ALL --features Name=S3_DATA_EVENTS,AutoEnable=ALL

# FINDINGS_NOT_HANDLED: once they were dealt with
aws guardduty archive-findings --detector-id DETECTOR_ID --finding-ids FINDING_ID
