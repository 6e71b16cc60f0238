# ROTATION_DISABLED, SECRET_TOO_OLD: the function must fit the service that the secret is for
aws secretsmanager rotate-secret --secret-id SECRET_ID --rotation-lambda-arn FUNCTION_ARN \
  --rotation-rules AutomaticallyAfterDays=30
# ... a secret of an outside service, which cannot rotate
aws secretsmanager tag-resource --secret-id SECRET_ID \
  --tags Key=fisc:rotation-exempt,Value=REASON

# ROTATION_FAILED: see why, mend it, and rotate now
aws logs filter-log-events --log-group-name /aws/lambda/FUNCTION --filter-pattern ERROR
aws secretsmanager rotate-secret --secret-id SECRET_ID --rotate-immediately

# SECRET_UNUSED: it can be restored for 30 days
aws secretsmanager delete-secret --secret-id SECRET_ID --recovery-window-in-days 30

# MASTER_CREDENTIAL_NOT_MANAGED: RDS makes, keeps and rotates the password
aws rds modify-db-instance --db-instance-identifier DB --manage-master-user-password \
  --apply-immediately
aws rds modify-db-cluster --db-cluster-identifier CLUSTER --manage-master-user-password \
  --apply-immediately
