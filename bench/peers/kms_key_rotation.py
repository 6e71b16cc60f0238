"""The control kms-key-rotation as the usual Python rule."""
from rule import fails, on_change, passes, skipped


def judge(item, clients):
    """One key, one call, one verdict."""
    key = item["configuration"]
    applies = (
        key["keyManager"] == "CUSTOMER"
        and key["keyState"] == "Enabled"
        and key["origin"] == "AWS_KMS"
        and key["keySpec"] == "SYMMETRIC_DEFAULT"
    )
    if not applies:
        return skipped("OTHER_KEY")
    answer = clients.build_client("kms").get_key_rotation_status(KeyId=key["keyId"])
    if not answer["KeyRotationEnabled"]:
        return fails("ROTATION_DISABLED")
    if answer.get("RotationPeriodInDays", 365) > 365:
        return fails("ROTATION_TOO_SLOW")
    return passes()


lambda_handler = on_change("AWS::KMS::Key", judge)
