# PENDING_DELETION_UNAPPROVED: keep the key ...
aws kms cancel-key-deletion --key-id KEY_ID
aws kms enable-key --key-id KEY_ID
# ... or approve the deletion, once nothing is encrypted with it any more
aws kms tag-resource --key-id KEY_ID \
  --tags TagKey=fisc:key-deletion-approved,TagValue=APPROVAL_NUMBER

# UNUSABLE_WHILE_IN_USE
aws kms enable-key --key-id KEY_ID

# IMPORTED_MATERIAL_EXPIRING, IMPORTED_MATERIAL_MISSING: wrap the same material again, import it
aws kms get-parameters-for-import --key-id KEY_ID \
  --wrapping-algorithm RSAES_OAEP_SHA_256 --wrapping-key-spec RSA_4096
# (wrap the material with the public key that this returned: material.bin; its token: token.bin)
aws kms import-key-material --key-id KEY_ID --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE \
  --encrypted-key-material fileb://material.bin --import-token fileb://token.bin

# KEY_SPEC_NOT_APPROVED, KEY_ORIGIN_NOT_APPROVED: both are fixed at birth, so a new key
aws kms create-key --key-spec RSA_4096 --key-usage SIGN_VERIFY --origin AWS_KMS

# KEY_STORE_DISCONNECTED
aws kms connect-custom-key-store --custom-key-store-id KEY_STORE_ID
