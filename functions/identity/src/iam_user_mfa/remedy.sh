# CONSOLE_MFA_DISABLED, PROGRAMMATIC_MFA_DISABLED: the seed goes into the user's authenticator,
# which then shows the two codes
aws iam create-virtual-mfa-device --virtual-mfa-device-name USER \
  --bootstrap-method Base32StringSeed --outfile seed.txt
aws iam enable-mfa-device --user-name USER \
  --serial-number arn:aws:iam::ACCOUNT_ID:mfa/USER \
  --authentication-code1 123456 --authentication-code2 654321
rm -f seed.txt

# ... a user who does not need the console
aws iam delete-login-profile --user-name USER
