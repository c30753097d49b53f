"""What AWS needs of infra/template.yaml and the local stack forgives, or drops in silence."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "infra" / "template.yaml"
TEXT = PATH.read_text(encoding="utf-8")
TEMPLATE = yaml_parse(TEXT)
RESOURCES = TEMPLATE["Resources"]
FUNCTIONS = ("Api", "Render", "RenderNow", "Notifier", "Janitor")
# Two functions are one program.
PROGRAMS = {name: name.lower() for name in FUNCTIONS} | {"RenderNow": "render"}
RENDERING = ("Render", "RenderNow")
CAPTURES_AT_ONCE = {"Fn::FindInMap": ["CapturesAtOnce", {"Ref": "RenderMemory"}, "Number"]}
MAPPINGS = {
    # name: (function, queue, batch, window in seconds, concurrent invocations)
    "RenderCaptures": ("Render", "Captures", CAPTURES_AT_ONCE, 0, {"Ref": "RenderConcurrency"}),
    "NotifierResults": ("Notifier", "Results", 10, 0, {"Ref": "NotifierConcurrency"}),
    "JanitorWatchdog": ("Janitor", "Watchdog", 100, 20, 2),
    "JanitorCapturesDeadLetters": ("Janitor", "CapturesDeadLetters", 10, 0, 2),
}
DAY = 24 * 60 * 60


def of_type(kind: str) -> dict[str, dict]:
    return {name: resource for name, resource in RESOURCES.items() if resource["Type"] == kind}


def properties(name: str) -> dict:
    return RESOURCES[name]["Properties"]


def environment(function: str) -> dict:
    shared = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    return shared | properties(function).get("Environment", {}).get("Variables", {})


def walk(node) -> Iterator:
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def identity_statements() -> list[tuple[str, dict]]:
    """Every statement that grants something to a role or a user of ours."""
    found = []
    for kind in ("AWS::IAM::Role", "AWS::IAM::User"):
        for name, resource in of_type(kind).items():
            for policy in resource["Properties"]["Policies"]:
                found += [(name, statement) for statement in policy["PolicyDocument"]["Statement"]]
    for resource in of_type("AWS::IAM::Policy").values():
        [role] = resource["Properties"]["Roles"]
        found += [(role["Ref"], statement) for statement in resource["Properties"]["PolicyDocument"]["Statement"]]
    return found


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


# --- tools ---


@pytest.mark.parametrize(
    "command", [("sam", "validate", "--lint", "--region", "us-east-1", "--template-file"), ("cfn-lint",)], ids=lambda c: c[0]
)
def test_linters_find_nothing(command):
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run([program, *command[1:], PATH], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# --- functions ---


@pytest.mark.parametrize(
    ("name", "memory", "timeout"),
    [("Api", 256, 240), ("Render", {"Ref": "RenderMemory"}, 360), ("RenderNow", {"Ref": "RenderMemory"}, 130), ("Notifier", 256, 120), ("Janitor", 128, 60)],
)
def test_functions_have_the_memory_and_time_of_the_design(name, memory, timeout):
    assert properties(name)["MemorySize"] == memory
    assert properties(name)["Timeout"] == timeout


def test_functions_run_on_the_runtime_they_are_built_for():
    shared = TEMPLATE["Globals"]["Function"]
    assert (shared["Runtime"], shared["Handler"], shared["Architectures"]) == ("provided.al2023", "bootstrap", ["x86_64"])
    assert set(of_type("AWS::Serverless::Function")) == set(FUNCTIONS)
    for name in FUNCTIONS:
        assert properties(name)["CodeUri"] == f"../target/lambda/{PROGRAMS[name]}/"


def test_only_render_carries_the_layer():
    for name in FUNCTIONS:
        assert properties(name).get("Layers") == ([{"Ref": "ChromiumLayer"}] if name in RENDERING else None)


def test_render_outlives_the_longest_capture_and_its_lease():
    core = ROOT / "functions" / "shared" / "core" / "src"
    slack = re.search(r"LEASE_SLACK: Duration = Duration::from_secs\((\d+)\)", (core / "job.rs").read_text(encoding="utf-8"))
    storing = re.search(r"STORING: Duration = Duration::from_secs\((\d+)\)", (core / "storage.rs").read_text(encoding="utf-8"))
    assert properties("Render")["Timeout"] >= 300 + int(storing[1]) + int(slack[1])


def test_render_outlives_whoever_waits_and_api_outlives_render():
    core, flows = (ROOT / "functions" / "shared" / name / "src" for name in ("core", "flows"))
    longest = re.search(r"MAX_SYNC_SECS: u16 = (\d+)", (core / "capture" / "wait.rs").read_text(encoding="utf-8"))
    slack = re.search(r"SLACK: Duration = Duration::from_secs\((\d+)\)", (flows / "obtain.rs").read_text(encoding="utf-8"))
    storing = re.search(r"STORING: Duration = Duration::from_secs\((\d+)\)", (core / "storage.rs").read_text(encoding="utf-8"))
    waiting = int(longest[1]) + int(storing[1]) + int(slack[1])
    assert properties("RenderNow")["Timeout"] >= waiting
    # A result of 100 MiB is streamed at 2 MB/s after the first 6 MB.
    assert properties("Api")["Timeout"] >= waiting + 50


def test_who_waits_can_be_given_concurrency_of_its_own():
    reserved = properties("RenderNow")["ReservedConcurrentExecutions"]
    assert reserved == {"Fn::If": ["HasSyncConcurrency", {"Ref": "SyncConcurrency"}, {"Ref": "AWS::NoValue"}]}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_logs_are_kept_for_a_limited_time(name):
    logs = f"{PROGRAMS[name].capitalize()}Logs"
    assert properties(name)["LoggingConfig"]["LogGroup"] == {"Ref": logs}
    assert properties(logs)["RetentionInDays"] == {"Ref": "LogRetentionDays"}


# --- environment ---


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_environment_refers_to_the_function_url(name):
    assert not [node for node in walk(environment(name)) if isinstance(node, str) and node.startswith("ApiUrl")]


def test_the_switch_that_opens_loopback_is_unknown_here():
    assert "LOOPBACK" not in TEXT.upper()


@pytest.mark.parametrize("name", ["Api", *RENDERING])
def test_who_signs_result_urls_knows_how_long_results_are_kept(name):
    assert environment(name)["RESULT_URL_DAYS"] == {"Ref": "ResultUrlDays"}
    assert environment(name)["RESULT_RETENTION_DAYS"] == {"Ref": "ResultRetentionDays"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_environment_is_what_the_function_reads(name):
    source = (ROOT / "functions" / PROGRAMS[name] / "src" / "config.rs").read_text(encoding="utf-8")
    read = set(re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"', source))
    # Lambda's own, tracing's, and the one that only local runs may set.
    read = {variable for variable in read if not variable.startswith("AWS_")} - {"DARKROOM_OPEN_LOOPBACK_EXCEPT"}
    assert read | {"RUST_LOG"} == set(environment(name))


# Their finer levels print requests, events or pages' traffic whole.
SECRET_BEARERS = (
    "aws_smithy_runtime::client::orchestrator", "aws_smithy_runtime_api::client", "aws_runtime::auth", "aws_config::sts",
    "aws_sigv4::http_request::sign", "lambda_runtime::layers::api_response", "hyper::proto::h1", "hyper_util::client",
    "h2::codec", "rustls::client", "chromiumoxide::conn", "tungstenite::protocol", "async_tungstenite::compat",
)


def level_of(target: str, filters: str) -> str:
    """What tracing's EnvFilter lets through: the longest target that the name starts with decides, of equals the last."""
    directives = [directive.rpartition("=")[::2] for directive in filters.split(",")]
    known = {name: level for name, level in directives if target.startswith(name)}
    return known[max(known, key=len)]


@pytest.mark.parametrize("target", SECRET_BEARERS)
@pytest.mark.parametrize("log_level", ["info", "trace", "trace,{crate}=trace", "info,{crate}=debug,darkroom_flows=trace"])
def test_no_log_level_makes_libraries_log_secrets(target, log_level):
    log_level = log_level.format(crate=target.partition("::")[0])
    assert re.search(TEMPLATE["Parameters"]["LogLevel"]["AllowedPattern"], log_level)
    for name in FUNCTIONS:
        filters = environment(name)["RUST_LOG"]["Fn::Sub"].replace("${LogLevel}", log_level)
        assert level_of(target, filters) == "info"


@pytest.mark.parametrize(
    "log_level", ["", "verbose", "info,", "aws_runtime", "info,aws_runtime", "trace,aws_runtime::auth=trace", "info,[invoke]=trace"]
)
def test_a_log_level_that_reaches_past_the_filter_is_refused(log_level):
    # Nothing at all is TRACE (Lambda's own level is the default), and so is a crate without a level.
    assert not re.search(TEMPLATE["Parameters"]["LogLevel"]["AllowedPattern"], log_level)


def test_every_variable_and_parameter_is_documented():
    documented = (ROOT / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8")
    names = {variable for name in FUNCTIONS for variable in environment(name)} | set(TEMPLATE["Parameters"])
    assert {name for name in names if f"`{name}`" not in documented} == set()


def test_the_documented_readers_of_a_variable_get_it():
    rows = re.findall(r"(?m)^\| `([A-Z_]+)` \| ([\w, ]+) \|", (ROOT / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8"))
    given = {}
    for name in FUNCTIONS:
        for variable in environment(name):
            given.setdefault(variable, {})[PROGRAMS[name]] = None
    everybody = set(PROGRAMS.values())
    assert dict(rows) == {v: "all" if set(names) == everybody else ", ".join(names) for v, names in given.items()}


# --- queues ---


def test_every_mapping_is_known():
    assert set(of_type("AWS::Lambda::EventSourceMapping")) == set(MAPPINGS)
    assert not any("Events" in properties(name) for name in FUNCTIONS)


@pytest.mark.parametrize(("name", "expected"), MAPPINGS.items(), ids=MAPPINGS)
def test_mapping_reports_single_failures_and_is_bounded(name, expected):
    function, queue, batch, window, concurrency = expected
    mapping = properties(name)
    assert mapping["FunctionName"] == {"Ref": function}
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [queue, "Arn"]}
    # Without the flag, what a function reports as failed is deleted in silence.
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": concurrency}
    assert mapping["BatchSize"] == batch
    assert mapping.get("MaximumBatchingWindowInSeconds", 0) == window
    assert isinstance(batch, dict) or batch <= 10 or window >= 1, "AWS wants a window for batches over ten"


def test_a_second_capture_comes_with_the_second_processor():
    sizes = TEMPLATE["Parameters"]["RenderMemory"]["AllowedValues"]
    at_once = TEMPLATE["Mappings"]["CapturesAtOnce"]
    assert at_once == {str(size): {"Number": 2 if size >= 3538 else 1} for size in sizes}
    # Variables are texts: CloudFormation would make one of the number, the local stack doesn't.
    assert environment("Render")["CAPTURES_AT_ONCE"] == {"Fn::Sub": ["${Number}", {"Number": CAPTURES_AT_ONCE}]}


@pytest.mark.parametrize("parameter", ["RenderConcurrency", "NotifierConcurrency"])
def test_concurrency_is_within_what_a_mapping_takes(parameter):
    entry = TEMPLATE["Parameters"][parameter]
    assert (entry["MinValue"], entry["MaxValue"]) == (2, 1000)


def test_two_receivers_that_hang_leave_most_batches_to_the_others():
    assert TEMPLATE["Parameters"]["NotifierConcurrency"]["Default"] >= 10


@pytest.mark.parametrize(("function", "queue", "window"), [(m[0], m[1], m[3]) for m in MAPPINGS.values()])
def test_visibility_is_six_times_the_timeout_and_the_window(function, queue, window):
    assert properties(queue)["VisibilityTimeout"] >= 6 * properties(function)["Timeout"] + window


@pytest.mark.parametrize(
    ("queue", "receives", "days"),
    # 1,000 receives and 14 days are the most that SQS gives: an outage of ours must not use them up.
    [("Captures", 20, 4), ("Results", 1000, 14), ("Watchdog", 1000, 14)],
)
def test_queue_ends_in_its_own_dead_letter_queue(queue, receives, days):
    redrive = properties(queue)["RedrivePolicy"]
    assert redrive["maxReceiveCount"] == receives
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{queue}DeadLetters", "Arn"]}
    assert properties(queue)["MessageRetentionPeriod"] == days * DAY
    assert properties(f"{queue}DeadLetters")["MessageRetentionPeriod"] == 14 * DAY


@pytest.mark.parametrize("queue", ["Captures", "Results", "Watchdog"])
def test_a_message_that_nobody_can_work_off_ends_as_a_dead_letter(queue):
    # It must be received too often before it is too old. A dead letter keeps its age, so days must be left to look at it.
    wasted = properties(queue)["RedrivePolicy"]["maxReceiveCount"] * properties(queue)["VisibilityTimeout"]
    assert wasted < properties(queue)["MessageRetentionPeriod"]
    assert wasted + 5 * DAY < properties(f"{queue}DeadLetters")["MessageRetentionPeriod"]


@pytest.mark.parametrize("queue", of_type("AWS::SQS::Queue"))
def test_queue_is_encrypted(queue):
    assert properties(queue)["SqsManagedSseEnabled"] is True


def alarmed() -> set[tuple[str, str]]:
    found = set()
    for alarm in of_type("AWS::CloudWatch::Alarm").values():
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": "Alarms"}]
        [dimension] = alarm["Properties"]["Dimensions"]
        found.add((dimension["Value"]["Fn::GetAtt"][0], alarm["Properties"]["MetricName"]))
    return found


def test_dead_letters_and_old_messages_raise_an_alarm():
    queues = ("Captures", "Results", "Watchdog")
    assert alarmed() == {(f"{queue}DeadLetters", "ApproximateNumberOfMessagesVisible") for queue in queues} | {
        (queue, "ApproximateAgeOfOldestMessage") for queue in queues
    }


# --- table and bucket ---


def test_table_expires_items_and_can_be_restored():
    table = properties("Table")
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_table_lists_jobs_by_account():
    [index] = properties("Table")["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by-account"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["account", "listed_at"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


def test_bucket_is_private_and_encrypted():
    bucket = properties("Bucket")
    blocks = bucket["PublicAccessBlockConfiguration"]
    assert len(blocks) == 4 and all(value is True for value in blocks.values())
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_bucket_forgets_results_inputs_and_unfinished_uploads():
    rules = {rule["Id"]: rule for rule in properties("Bucket")["LifecycleConfiguration"]["Rules"]}
    assert all(rule["Status"] == "Enabled" for rule in rules.values())
    assert (rules["results"]["Prefix"], rules["results"]["ExpirationInDays"]) == ("results/", {"Ref": "ResultRetentionDays"})
    assert (rules["inputs"]["Prefix"], rules["inputs"]["ExpirationInDays"]) == ("inputs/", 2)
    assert rules["unfinished-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_bucket_refuses_plain_http():
    [statement] = properties("BucketPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


@pytest.mark.parametrize("name", ["Table", "Bucket"])
def test_what_customers_own_outlives_the_stack(name):
    assert RESOURCES[name]["DeletionPolicy"] == RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


# --- who may do what ---


def test_function_url_streams_and_has_both_permissions():
    assert properties("ApiUrl")["InvokeMode"] == "RESPONSE_STREAM"
    assert properties("ApiUrl")["AuthType"] == "NONE"
    granted = {p["Properties"]["Action"]: p["Properties"] for p in of_type("AWS::Lambda::Permission").values()}
    assert set(granted) == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    assert granted["lambda:InvokeFunctionUrl"]["FunctionUrlAuthType"] == "NONE"
    # Else anybody could invoke the function past its URL.
    assert granted["lambda:InvokeFunction"]["InvokedViaFunctionUrl"] is True


def test_pages_of_other_origins_may_call_it_only_where_that_is_set():
    condition, cors, otherwise = properties("ApiUrl")["Cors"]["Fn::If"]
    assert (condition, otherwise) == ("HasCorsOrigins", {"Ref": "AWS::NoValue"})
    assert (TEMPLATE["Parameters"]["CorsOrigins"]["Default"], cors["AllowOrigins"]) == ("", {"Ref": "CorsOrigins"})
    assert "AllowCredentials" not in cors
    # Whatever header a dialect reads or tells, scripts may send or see.
    dialects = ROOT / "functions" / "shared" / "dialects" / "src"
    told = {name for path in dialects.rglob("*.rs") for name in re.findall(r'"(x-[a-z-]*[a-z])"', path.read_text(encoding="utf-8"))}
    asked = {"x-access-key", "x-api-key"}
    # What is told of a page has names that are put together: the answers that a test keeps have them whole.
    kept = dialects.parent / "tests/wire/snapshots/wire__telling__whoever_asks_is_told_what_was_asked_for.snap"
    told |= set(re.findall(r"^(x-[a-z-]+): ", kept.read_text(encoding="utf-8"), re.MULTILINE)) - {"x-content-type-options"}
    signatures = {name for name in told if "signature" in name}
    assert told - asked - signatures == {name for name in cors["ExposeHeaders"] if name.startswith("x-")}
    assert asked <= set(cors["AllowHeaders"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_program_has_a_role_of_its_own_without_managed_policies(name):
    assert properties(name)["Role"] == {"Fn::GetAtt": [f"{PROGRAMS[name].capitalize()}Role", "Arn"]}
    assert "ManagedPolicyArns" not in properties(f"{PROGRAMS[name].capitalize()}Role")
    assert "Policies" not in properties(name)


def test_no_statement_grants_all_actions_or_resources():
    for owner, statement in identity_statements():
        assert statement["Effect"] == "Allow"
        assert not [action for action in as_list(statement["Action"]) if "*" in action], owner
        assert "*" not in as_list(statement["Resource"]), owner


def table_statements(role: str) -> list[dict]:
    return [s for owner, s in identity_statements() if owner == role and s["Resource"] == {"Fn::GetAtt": ["Table", "Arn"]}]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("ApiRole", {
            "key": {"GetItem"},
            "job": {"GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"},
            "quota": {"GetItem", "UpdateItem"},
            "starts": {"GetItem", "UpdateItem"},
            "places": {"UpdateItem"},
            "idempotency": {"GetItem", "PutItem", "DeleteItem"},
            "cache": {"GetItem", "PutItem"},
            "signing": {"GetItem"},
        }),
        ("RenderRole", {"job": {"GetItem", "UpdateItem"}, "quota": {"UpdateItem"}, "places": {"UpdateItem"}}),
        ("NotifierRole", {
            "job": {"GetItem", "PutItem"},
            "signing": {"GetItem"},
            "circuit": {"GetItem", "UpdateItem"},
        }),
        ("JanitorRole", {
            "job": {"GetItem", "UpdateItem"},
            "quota": {"UpdateItem"},
            "places": {"UpdateItem"},
            "idempotency": {"DeleteItem"},
        }),
    ],
)
def test_each_action_is_granted_on_the_kinds_of_items_that_it_is_called_on(role, expected):
    granted = set()
    for statement in table_statements(role):
        assert list(statement["Condition"]) == ["ForAllValues:StringLike"]
        [keys] = statement["Condition"]["ForAllValues:StringLike"].values()
        assert list(statement["Condition"]["ForAllValues:StringLike"]) == ["dynamodb:LeadingKeys"]
        granted |= {(action, key) for action in as_list(statement["Action"]) for key in keys}
    assert granted == {(f"dynamodb:{action}", f"{kind}#*") for kind, actions in expected.items() for action in actions}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("ApiRole", {"inputs/*": {"PutObject", "DeleteObject"}, "results/*": {"GetObject", "DeleteObject"}}),
        # It reads a result back that is put into storage of its customer's own.
        ("RenderRole", {"inputs/*": {"GetObject", "DeleteObject"}, "results/*": {"PutObject", "AbortMultipartUpload", "GetObject"}}),
        ("NotifierRole", {"results/*": {"GetObject"}}),
        ("JanitorRole", {"inputs/*": {"DeleteObject"}}),
    ],
)
def test_each_part_of_the_bucket_is_open_to_what_is_done_there(role, expected):
    found: dict[str, set[str]] = {}
    for owner, statement in identity_statements():
        resource = statement["Resource"]
        if owner == role and isinstance(resource, dict) and str(resource.get("Fn::Sub", "")).startswith("${Bucket.Arn}/"):
            part = resource["Fn::Sub"].removeprefix("${Bucket.Arn}/")
            found.setdefault(part, set()).update(action.removeprefix("s3:") for action in as_list(statement["Action"]))
    assert found == expected


@pytest.mark.parametrize("name", ["darkroom-storage-*", "shots/*", "a", ""])
def test_roles_of_customers_may_be_called_so(name):
    assert re.search(TEMPLATE["Parameters"]["StorageRoles"]["AllowedPattern"], name)


@pytest.mark.parametrize("name", ["*", "?a", "a b", "a:b"])
def test_roles_of_customers_may_not_be_called_so(name):
    assert not re.search(TEMPLATE["Parameters"]["StorageRoles"]["AllowedPattern"], name)


def test_roles_of_customers_are_taken_on_by_render_alone_and_only_where_they_may_be():
    [(owner, statement)] = [(owner, s) for owner, s in identity_statements() if "sts:AssumeRole" in as_list(s["Action"])]
    assert owner == "RenderRole"
    assert statement["Resource"] == {"Fn::Sub": "arn:${AWS::Partition}:iam::*:role/${StorageRoles}"}
    assert RESOURCES["RenderStoragePolicy"]["Condition"] == "HasStorageRoles"


def test_only_api_queries_and_only_the_index():
    found = [(owner, s["Resource"]) for owner, s in identity_statements() if "dynamodb:Query" in as_list(s["Action"])]
    assert found == [("ApiRole", {"Fn::Sub": "${Table.Arn}/index/by-account"})]


@pytest.mark.parametrize("role", ["RenderRole", "NotifierRole", "JanitorRole"])
def test_who_reads_a_queue_may_postpone_its_messages(role):
    [poll] = [s for owner, s in identity_statements() if owner == role and s.get("Sid") == "Poll"]
    assert "sqs:ChangeMessageVisibility" in poll["Action"]
    queues = {mapping[1] for mapping in MAPPINGS.values() if f"{mapping[0]}Role" == role}
    assert {resource["Fn::GetAtt"][0] for resource in poll["Resource"]} == queues


def test_signer_may_only_read_results():
    [statement] = [statement for owner, statement in identity_statements() if owner == "Signer"]
    assert (statement["Action"], statement["Resource"]) == ("s3:GetObject", {"Fn::Sub": "${Bucket.Arn}/results/*"})
    assert RESOURCES["Signer"]["Condition"] == "HasSigner"


def test_secret_starts_with_a_link_key_alone():
    assert properties("SignerSecret")["GenerateSecretString"] == {
        "SecretStringTemplate": "{}",
        "GenerateStringKey": "link_key",
        "PasswordLength": 64,
        "ExcludePunctuation": True,
    }


# --- for people ---


@pytest.mark.parametrize("kind", ["Parameters", "Outputs"])
def test_every_parameter_and_output_is_described(kind):
    assert not [name for name, entry in TEMPLATE[kind].items() if len(entry.get("Description", "")) < 15]


def test_number_parameters_are_bounded():
    numbers = {name: p for name, p in TEMPLATE["Parameters"].items() if p["Type"] == "Number"}
    assert not [name for name, p in numbers.items() if "AllowedValues" not in p and not {"MinValue", "MaxValue"} <= set(p)]
    assert (numbers["ResultUrlDays"]["MinValue"], numbers["ResultUrlDays"]["MaxValue"]) == (1, 7)


def test_aliases_stay_out():
    # CloudFormation's own parser refuses them.
    assert not re.search(r"(?m)^\s*[\w-]+: [&*][\w-]+$", TEXT)
