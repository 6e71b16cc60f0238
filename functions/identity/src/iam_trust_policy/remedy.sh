# PUBLIC_PRINCIPAL, UNAPPROVED_ACCOUNT, MFA_CONDITION_MISSING: people of one account, with MFA
aws iam update-assume-role-policy --role-name ROLE --policy-document '{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::TRUSTED_ACCOUNT_ID:root"},
    "Action": "sts:AssumeRole",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}'

# EXTERNAL_ID_MISSING: a vendor of vendorAccountIds
aws iam update-assume-role-policy --role-name ROLE --policy-document '{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::VENDOR_ACCOUNT_ID:role/VENDOR_ROLE"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"sts:ExternalId": "EXTERNAL_ID"}}
  }]
}'

# THIRD_PARTY_ADMIN
aws iam detach-role-policy --role-name ROLE \
  --policy-arn arn:aws:iam::aws:policy/AdministratorAccess

# OIDC_SUBJECT_UNRESTRICTED, UNAPPROVED_PROVIDER
aws iam update-assume-role-policy --role-name ROLE --policy-document '{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {
      "Federated": "arn:aws:iam::ACCOUNT_ID:oidc-provider/token.actions.githubusercontent.com"
    },
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {
      "StringEquals": {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:ORGANIZATION/REPOSITORY:environment:ENVIRONMENT"
      }
    }
  }]
}'
