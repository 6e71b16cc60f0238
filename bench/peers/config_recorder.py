"""The control config-recorder as the usual Python rule."""
from rule import fails, on_schedule, passes


def judge(event, clients):
    """One account and Region, a few calls, one verdict."""
    config = clients.build_client("config")
    recorders = config.describe_configuration_recorders()["ConfigurationRecorders"]
    if not recorders:
        return fails("RECORDER_MISSING")
    group = recorders[0].get("recordingGroup") or {}
    if not group.get("allSupported"):
        return fails("RECORDS_NOT_ALL")
    states = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    if not any(state.get("recording") for state in states):
        return fails("RECORDER_STOPPED")
    if not config.describe_delivery_channels()["DeliveryChannels"]:
        return fails("CHANNEL_MISSING")
    return passes()


lambda_handler = on_schedule(judge)
