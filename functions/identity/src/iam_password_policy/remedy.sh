# PASSWORD_POLICY_MISSING, PASSWORD_TOO_SHORT, CHARACTER_CLASS_NOT_REQUIRED, PASSWORD_EXPIRY_WEAK,
# PASSWORD_REUSE_ALLOWED, SELF_CHANGE_DISALLOWED: what is not named goes back to its default
aws iam update-account-password-policy --minimum-password-length 14 \
  --require-uppercase-characters --require-lowercase-characters \
  --require-numbers --require-symbols --max-password-age 90 \
  --password-reuse-prevention 24 --allow-users-to-change-password

# INITIAL_PASSWORD_NOT_CHANGED
aws iam update-login-profile --user-name USER --password-reset-required
