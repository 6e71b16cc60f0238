"""The control workload-tracing as the usual Python rule."""
from rule import fails, on_change, passes, skipped


def judge(item, clients):
    """One function, one verdict."""
    tracing = item["configuration"].get("tracingConfig") or {}
    if tracing.get("mode") == "Active":
        return passes()
    if "fisc:tracer" in (item.get("tags") or {}):
        return skipped("OTHER_TRACER")
    return fails("LAMBDA_TRACING_OFF")


lambda_handler = on_change("AWS::Lambda::Function", judge)
