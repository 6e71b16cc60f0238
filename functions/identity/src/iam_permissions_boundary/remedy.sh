# BOUNDARY_MISSING, BOUNDARY_NOT_APPROVED
aws iam put-role-permissions-boundary --role-name ROLE \
  --permissions-boundary arn:aws:iam::ACCOUNT_ID:policy/BOUNDARY
aws iam put-user-permissions-boundary --user-name USER \
  --permissions-boundary arn:aws:iam::ACCOUNT_ID:policy/BOUNDARY
