"""
Starts ministack 1.5.33, a local AWS, with what pgmon's deployment needs and that version leaves out. Each patch names
the gap that it closes. Environment: MINUTE_SECONDS, how long a minute of schedules and alarms lasts.
"""

import functools
import gzip
import json
import os
import threading
import time

import cbor2
from ministack.core import iam_actions, iam_evaluator, responses
from ministack.services import cloudformation, cloudwatch, dynamodb, eventbridge, iam, lambda_svc, scheduler
from ministack.services.cloudformation import provisioners

SCALE = float(os.environ.get("MINUTE_SECONDS", "60")) / 60
TICK_SECONDS = 0.5
HANDLERS = provisioners._RESOURCE_HANDLERS


def after_provisioning(resource_type, patch):
    """Calls patch(physical_id, properties) after a resource was created or updated from a template."""
    handler = HANDLERS[resource_type]
    create, update = handler["create"], handler.get("update")

    @functools.wraps(create)
    def created(logical_id, properties, stack):
        result = create(logical_id, properties, stack)
        patch(result[0], properties)
        return result

    handler["create"] = created
    if update:

        @functools.wraps(update)
        def updated(physical_id, old, new, stack, *rest, **more):
            result = update(physical_id, old, new, stack, *rest, **more)
            patch(result[0] if isinstance(result, tuple) else physical_id, new)
            return result

        handler["update"] = updated


# Gap: time to live and point-in-time recovery of a table are dropped from templates.
def table_settings(name, properties):
    ttl = properties.get("TimeToLiveSpecification")
    if ttl:
        enabled = str(ttl.get("Enabled", True)).lower() == "true"
        dynamodb._ttl_settings[name] = {
            "TimeToLiveStatus": "ENABLED" if enabled else "DISABLED",
            "AttributeName": ttl["AttributeName"],
        }
    recovery = properties.get("PointInTimeRecoverySpecification")
    if recovery:
        dynamodb._pitr_settings[name] = str(recovery.get("PointInTimeRecoveryEnabled", False)).lower() == "true"


after_provisioning("AWS::DynamoDB::Table", table_settings)


# Gap: the Ref of a secret is its name, where CloudFormation gives its ARN.
def secret_refs():
    handler = HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def name_of(physical_id):
        return physical_id.split(":secret:", 1)[1].rsplit("-", 1)[0] if physical_id.startswith("arn:") else physical_id

    def with_arn(result):
        return result[1]["Arn"], result[1]

    handler["create"] = lambda logical_id, properties, stack: with_arn(create(logical_id, properties, stack))
    handler["update"] = lambda physical_id, *rest, **more: with_arn(update(name_of(physical_id), *rest, **more))
    handler["delete"] = lambda physical_id, properties: delete(name_of(physical_id), properties)


secret_refs()

# Gap: in an update of a nested stack what did not change loses its attributes, and `GetAtt Arn` of a role fails.
update_resource = provisioners._update_resource


def update_with_attributes(resource_type, physical_id, old, new, stack, logical_id=None, old_attrs=None):
    if old_attrs is None:
        known = cloudformation._stacks.get(stack, {}).get("_resources", {}).get(logical_id, {})
        old_attrs = known.get("Attributes")
    return update_resource(resource_type, physical_id, old, new, stack, logical_id, old_attrs)


provisioners._update_resource = update_with_attributes


# Gap: the condition keys cloudwatch:namespace, events:source and dynamodb:LeadingKeys are unknown, so that what they
# condition is denied.
request_tag_context = iam_actions.request_tag_context


def with_request_keys(service, action, body, params):
    context = request_tag_context(service, action, body, params)
    if action not in ("cloudwatch:PutMetricData", "events:PutEvents") and not action.startswith("dynamodb:"):
        return context
    try:
        plain = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        request = json.loads(plain) if plain[:1] == b"{" else cbor2.loads(plain)
        if action == "events:PutEvents":
            return {**context, "events:source": request["Entries"][0]["Source"]}
        if action.startswith("dynamodb:"):
            return {**context, "dynamodb:LeadingKeys": [(request.get("Key") or request["Item"])["pk"]["S"]]}
        return {**context, "cloudwatch:namespace": request["Namespace"]}
    except (ValueError, OSError, KeyError):
        return context


iam_actions.request_tag_context = with_request_keys

# Gap: a simulated request carries nothing that a condition could name.
simulate = iam._simulate_principal_policy


def simulate_with_context(params):
    context, i = {}, 1
    while name := iam._p(params, f"ContextEntries.member.{i}.ContextKeyName"):
        context[name.lower()] = [iam._p(params, f"ContextEntries.member.{i}.ContextKeyValues.member.1")]
        i += 1
    plain = iam_evaluator.EvalContext
    iam_evaluator.EvalContext = functools.partial(plain, service_context=context)
    try:
        return simulate(params)
    finally:
        iam_evaluator.EvalContext = plain


iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulate_with_context

# Gap: over plain http the policy of the bootstrap bucket, which wants TLS, refuses the CDK itself.
pin_request_origin = iam_evaluator.pin_request_origin
iam_evaluator.pin_request_origin = lambda address, secure: pin_request_origin(address, True)

# Gap: schedules run in real time, and attributes of the schedule are not filled into its input.
scheduler._SCHEDULE_TICK_INTERVAL = TICK_SECONDS
eventbridge._SCHEDULER_TICK_INTERVAL = TICK_SECONDS
parse_rate_seconds = eventbridge._parse_rate_seconds
invoke_target = eventbridge._invoke_target


def scaled_rate(expression):
    seconds = parse_rate_seconds(expression)
    return None if seconds is None else seconds * SCALE


def with_schedule_attributes(target, event, rule, *rest, **more):
    given = target.get("Input") or ""
    if event.get("Source") == "aws.scheduler" and "<aws.scheduler." in given:
        due = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(event["Time"]))
        target = {**target, "Input": given.replace("<aws.scheduler.scheduled-time>", due)}
    return invoke_target(target, event, rule, *rest, **more)


eventbridge._parse_rate_seconds = scaled_rate
eventbridge._invoke_target = with_schedule_attributes


# Gap: a function that a schedule starts has no settings of asynchronous invocation.
def dispatch_to_lambda(arn, payload):
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if not (function and config):
        return
    record = lambda_svc._execution_record_for_config(function, config)
    settings = {key: function.get(key) for key in ("event_invoke_config", "event_invoke_configs")}
    lambda_svc.invoke_async_with_retry(record | settings, json.loads(payload))


eventbridge._dispatch_to_lambda = dispatch_to_lambda

# Gap: a function that is not invoked by the API has no metrics: its alarms would never see it run or fail.
execute_function = lambda_svc._execute_function


def with_metrics(function, event, *rest, **more):
    began = time.time()
    result = execute_function(function, event, *rest, **more)
    name = (function.get("config") or function)["FunctionName"]
    lambda_svc._emit_lambda_metrics(name, (time.time() - began) * 1000, bool(result.get("error")), False)
    return result


lambda_svc._execute_function = with_metrics

# Gap: alarms ignore dimensions, time, "M of N" and missing data.
BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


def evaluate_alarm(alarm):
    breaches = BREACHES.get(alarm.get("ComparisonOperator"))
    if not (alarm.get("Namespace") and alarm.get("MetricName") and breaches):
        return
    period = int(alarm.get("Period") or 60) * SCALE
    periods = int(alarm.get("EvaluationPeriods") or 1)
    needed = int(alarm.get("DatapointsToAlarm") or periods)
    dimensions = {entry["Name"]: entry["Value"] for entry in alarm.get("Dimensions") or []}
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
    points, now = cloudwatch._metrics.get(key) or [], time.time()
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    missing = alarm.get("TreatMissingData") or "missing"
    states = []
    for i in range(periods):
        inside = [point for point in points if now - (i + 1) * period <= point["Timestamp"] < now - i * period + 0.001]
        value = cloudwatch._stat_value(cloudwatch._calc_stats(inside), statistic, inside) if inside else None
        states.append(None if value is None else breaches(value, alarm["Threshold"]))
    if now - alarm.setdefault("_born", now) < period * periods and None in states:
        return
    if missing == "missing" and all(state is None for state in states):
        change_state(alarm, "INSUFFICIENT_DATA", "no data")
        return
    states = [missing == "breaching" if state is None else state for state in states]
    breaching = sum(states)
    change_state(alarm, "ALARM" if breaching >= needed else "OK", f"{breaching} of {periods} periods breached")


def change_state(alarm, state, reason):
    before = alarm["StateValue"]
    if state == before:
        return
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)


def evaluate_alarms():
    # What an alarm sends comes over TLS, as everything inside of AWS: policies ask for it.
    iam_evaluator.pin_request_origin("127.0.0.1", True)
    while True:
        time.sleep(TICK_SECONDS)
        for (account, region, _), alarm in list(cloudwatch._alarms._data.items()):
            responses.set_request_account_id(account)
            responses.set_request_region(region)
            evaluate_alarm(alarm)


cloudwatch._evaluate_alarm = evaluate_alarm
threading.Thread(target=evaluate_alarms, daemon=True).start()

from ministack.app import main  # noqa: E402  after the patches

main()
