# ROTATION_DISABLED, ROTATION_PERIOD_TOO_LONG: of a multi-Region key, on the primary
aws kms enable-key-rotation --key-id KEY_ID --rotation-period-in-days 365

# MANUAL_ROTATION_OVERDUE: new material for a symmetric key with imported material
aws kms get-parameters-for-import --key-id KEY_ID \
  --wrapping-algorithm RSAES_OAEP_SHA_256 --wrapping-key-spec RSA_4096
# (wrap the material with the public key that this returned: material.bin; its token: token.bin)
aws kms import-key-material --key-id KEY_ID --import-type NEW_KEY_MATERIAL \
  --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE \
  --encrypted-key-material fileb://material.bin --import-token fileb://token.bin
aws kms rotate-key-on-demand --key-id KEY_ID
