# SAML_METADATA_EXPIRING: with the metadata that your identity provider offers now
aws iam update-saml-provider --saml-metadata-document file://metadata.xml \
  --saml-provider-arn arn:aws:iam::ACCOUNT_ID:saml-provider/PROVIDER

# PROVIDER_UNUSED, PROVIDER_NOT_APPROVED
aws iam delete-saml-provider --saml-provider-arn arn:aws:iam::ACCOUNT_ID:saml-provider/PROVIDER
aws iam delete-open-id-connect-provider \
  --open-id-connect-provider-arn arn:aws:iam::ACCOUNT_ID:oidc-provider/ISSUER

# FEDERATION_MISSING: with the metadata of your identity provider
aws iam create-saml-provider --name PROVIDER --saml-metadata-document file://metadata.xml

# CONSOLE_PASSWORD_PRESENT, USER_OUTSIDE_IDENTITY_ACCOUNT
aws iam delete-login-profile --user-name USER
