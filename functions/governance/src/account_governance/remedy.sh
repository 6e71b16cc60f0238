# NOT_IN_ORGANIZATION: in the management account, then in the invited one
aws organizations invite-account-to-organization --target Id=ACCOUNT_ID,Type=ACCOUNT
aws organizations accept-handshake --handshake-id HANDSHAKE_ID

# ORGANIZATION_FEATURES_LIMITED
aws organizations enable-all-features
aws organizations enable-policy-type --root-id ROOT_ID --policy-type SERVICE_CONTROL_POLICY

# SCP_NOT_ATTACHED, AUDIT_SERVICES_UNPROTECTED, ROOT_USER_NOT_DENIED: try it on one unit first; to
# work as a member's root user, detach the policy for that time
cat > guardrails.json <<'JSON'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "KeepAuditServices",
      "Effect": "Deny",
      "Action": [
        "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail",
        "cloudtrail:PutEventSelectors", "config:StopConfigurationRecorder",
        "config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel",
        "guardduty:DeleteDetector", "guardduty:DisassociateFromAdministratorAccount",
        "securityhub:DisableSecurityHub", "organizations:LeaveOrganization"
      ],
      "Resource": "*"
    },
    {
      "Sid": "NoRootUser",
      "Effect": "Deny",
      "Action": "*",
      "Resource": "*",
      "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
    }
  ]
}
JSON
aws organizations create-policy --name guardrails --type SERVICE_CONTROL_POLICY \
  --description "Audit services stay on, root is not used" --content file://guardrails.json
aws organizations attach-policy --policy-id POLICY_ID --target-id ROOT_OR_UNIT_ID

# IAM_ADMIN_NOT_DENIED
cat > iam-administration.json <<'JSON'
{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "IamAdministratorsOnly",
    "Effect": "Deny",
    "Action": [
      "iam:CreateUser", "iam:CreateAccessKey", "iam:AttachRolePolicy", "iam:PutRolePolicy",
      "iam:UpdateAssumeRolePolicy"
    ],
    "Resource": "*",
    "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/iam-admin"}}
  }]
}
JSON
aws organizations create-policy --name iam-administration --type SERVICE_CONTROL_POLICY \
  --description "IAM administrators only" --content file://iam-administration.json

# ENVIRONMENTS_NOT_SEPARATED, ACCOUNT_OUTSIDE_OU, ACCOUNT_MIXES_ENVIRONMENTS
aws organizations create-organizational-unit --parent-id ROOT_ID --name production
aws organizations move-account --account-id ACCOUNT_ID --source-parent-id ROOT_ID \
  --destination-parent-id UNIT_ID
aws organizations tag-resource --resource-id ACCOUNT_ID --tags Key=Environment,Value=production

# DELEGATED_ADMIN_MISSING
aws organizations register-delegated-administrator --account-id SECURITY_ACCOUNT_ID \
  --service-principal guardduty.amazonaws.com
# LANDING_ZONE_UNHEALTHY
aws controltower reset-landing-zone --landing-zone-identifier LANDING_ZONE_ARN

# MANAGEMENT_ACCOUNT_WORKLOAD: move what runs there into a member account.
# SUPPORT_PLAN_INSUFFICIENT: plans are chosen in the console only.
# CONTACT_MISSING: SECURITY, OPERATIONS, BILLING
aws account put-alternate-contact --alternate-contact-type SECURITY --name NAME --title TITLE \
  --email-address security@example.com --phone-number "+81 3-0000-0000"
# SUPPORT_ROLE_MISSING
aws iam attach-role-policy --role-name OPERATOR_ROLE \
  --policy-arn arn:aws:iam::aws:policy/AWSSupportAccess
