# MFA_NOT_REQUIRED
aws cognito-idp set-user-pool-mfa-config --user-pool-id USER_POOL_ID --mfa-configuration ON \
  --software-token-mfa-configuration Enabled=true

# PASSWORD_POLICY_WEAK, THREAT_PROTECTION_OFF: what is not named here goes back to its default, so
# take over the other settings of the pool
aws cognito-idp describe-user-pool --user-pool-id USER_POOL_ID
aws cognito-idp update-user-pool --user-pool-id USER_POOL_ID --user-pool-tier PLUS \
  --mfa-configuration ON --deletion-protection ACTIVE \
  --user-pool-add-ons AdvancedSecurityMode=ENFORCED --policies '{
    "PasswordPolicy": {
      "MinimumLength": 14,
      "RequireUppercase": true,
      "RequireLowercase": true,
      "RequireNumbers": true,
      "RequireSymbols": true,
      "TemporaryPasswordValidityDays": 1
    }
  }'

# USER_EXISTENCE_REVEALED: here, too, take over the client's other settings
aws cognito-idp update-user-pool-client --user-pool-id USER_POOL_ID --client-id CLIENT_ID \
  --prevent-user-existence-errors ENABLED

# UNAUTHENTICATED_ALLOWED, CLASSIC_FLOW_ALLOWED
aws cognito-identity update-identity-pool --identity-pool-id REGION:IDENTITY_POOL_ID \
  --identity-pool-name IDENTITY_POOL --no-allow-unauthenticated-identities --no-allow-classic-flow \
  --cognito-identity-providers \
  ProviderName=cognito-idp.REGION.amazonaws.com/USER_POOL_ID,ClientId=CLIENT_ID,ServerSideTokenCheck=true

# AUTHENTICATED_ROLE_MISSING
aws cognito-identity set-identity-pool-roles --identity-pool-id REGION:IDENTITY_POOL_ID \
  --roles authenticated=ROLE_ARN

# ROLE_TRUST_NOT_PINNED
aws iam update-assume-role-policy --role-name ROLE --policy-document '{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"Federated": "cognito-identity.amazonaws.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {
      "StringEquals": {"cognito-identity.amazonaws.com:aud": "REGION:IDENTITY_POOL_ID"},
      "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}
    }
  }]
}'
