# USER_CREDENTIAL_UNUSED
aws iam delete-login-profile --user-name USER
aws iam update-access-key --user-name USER --access-key-id ACCESS_KEY_ID --status Inactive
aws iam delete-access-key --user-name USER --access-key-id ACCESS_KEY_ID

# ROLE_UNUSED: detach and delete its policies first
aws iam list-attached-role-policies --role-name ROLE
aws iam detach-role-policy --role-name ROLE --policy-arn arn:aws:iam::ACCOUNT_ID:policy/POLICY
aws iam delete-role-policy --role-name ROLE --policy-name INLINE_POLICY
aws iam delete-role --role-name ROLE

# GROUP_EMPTY
aws iam detach-group-policy --group-name GROUP --policy-arn arn:aws:iam::ACCOUNT_ID:policy/POLICY
aws iam delete-group --group-name GROUP

# POLICY_UNATTACHED: its other versions first
aws iam list-policy-versions --policy-arn arn:aws:iam::ACCOUNT_ID:policy/POLICY
aws iam delete-policy-version --policy-arn arn:aws:iam::ACCOUNT_ID:policy/POLICY --version-id v1
aws iam delete-policy --policy-arn arn:aws:iam::ACCOUNT_ID:policy/POLICY
