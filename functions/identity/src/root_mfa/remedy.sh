# ROOT_MFA_DISABLED of a member account: without credentials, root needs no MFA device. Of the
# management account, and for ROOT_MFA_NOT_HARDWARE: only root itself can assign a device.
# Once, in the management account:
aws organizations enable-aws-service-access --service-principal iam.amazonaws.com
aws iam enable-organizations-root-credentials-management
# Short-lived credentials for the member account's root user, for this task only:
aws sts assume-root --target-principal MEMBER_ACCOUNT_ID \
  --task-policy-arn arn=arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials
# With those credentials in the environment:
aws iam delete-login-profile
