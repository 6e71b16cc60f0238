# DX_NOT_ENCRYPTED, DX_MACSEC_DOWN: set the same key on your own router
aws directconnect associate-mac-sec-key --connection-id CONNECTION_ID --secret-arn SECRET_ARN
aws directconnect update-connection --connection-id CONNECTION_ID --encryption-mode must_encrypt
aws directconnect update-lag --lag-id LAG_ID --encryption-mode must_encrypt

# VPN_WEAK_IKE, VPN_WEAK_CIPHER, VPN_WEAK_DH_GROUP, VPN_DEFAULT_PROPOSALS: one tunnel after the
# other; it is down for minutes
aws ec2 modify-vpn-tunnel-options --vpn-connection-id VPN_CONNECTION_ID \
  --vpn-tunnel-outside-ip-address TUNNEL_ADDRESS --tunnel-options '{
    "IKEVersions": [{"Value": "ikev2"}],
    "Phase1EncryptionAlgorithms": [{"Value": "AES256"}, {"Value": "AES256-GCM-16"}],
    "Phase2EncryptionAlgorithms": [{"Value": "AES256"}, {"Value": "AES256-GCM-16"}],
    "Phase1IntegrityAlgorithms": [{"Value": "SHA2-256"}, {"Value": "SHA2-384"}],
    "Phase2IntegrityAlgorithms": [{"Value": "SHA2-256"}, {"Value": "SHA2-384"}],
    "Phase1DHGroupNumbers": [{"Value": 19}, {"Value": 20}],
    "Phase2DHGroupNumbers": [{"Value": 19}, {"Value": 20}]
  }'
