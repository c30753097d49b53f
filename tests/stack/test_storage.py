"""Results that are put into their customers' own storage, over the whole stack: by a URL that the customer signed, and by
a role that trusts the deployment with the account as external id."""

import json
import uuid
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from pages import NOISE_PX, Pages, noise
from storage import Storage

pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture(scope="module")
def storage(stack_env):
    storage = Storage(stack_env["AWS_ENDPOINT_URL"])
    yield storage
    storage.close()


@pytest.fixture(scope="module")
def bucket(aws):
    name = f"shots-{uuid.uuid4()}"
    aws("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="module")
def signer(storage, stack_env):
    """A client of the customer's, which signs uploads to where their storage is reached."""
    return boto3.client(
        "s3",
        endpoint_url=storage.url,
        region_name=stack_env["AWS_REGION"],
        aws_access_key_id=stack_env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=stack_env["AWS_SECRET_ACCESS_KEY"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


@pytest.fixture
def stored(aws, bucket):
    """`stored(key)` is an object of the customer's: its type and its bytes."""

    def get(key: str) -> tuple[str, bytes]:
        found = aws("s3").get_object(Bucket=bucket, Key=key)
        return found["ContentType"], found["Body"].read()

    return get


def put_url(signer, bucket, key, seconds=300, **parameters):
    return signer.generate_presigned_url("put_object", {"Bucket": bucket, "Key": key, **parameters}, seconds)


def take(client, pages, **options):
    options = {"url": pages.url("/plain")} | options if "html" not in options else options
    return client.take(**{"async": False, "format": "png", "store": True, **options})


# --- by a URL ---


def test_a_result_is_put_by_a_signed_url_and_its_location_told(client, pages, storage, signer, bucket, stored):
    url = put_url(signer, bucket, "a b/page.png")
    answer = take(client, pages, storage_url=url, storage_return_location=True)
    assert answer.status_code == 200, answer.text
    assert stored("a b/page.png") == ("image/png", answer.content)
    location = url.split("?")[0]
    assert answer.headers["x-nodium-store-location"] == location
    told = client.take_status(answer.headers["x-nodium-reference"]).json()
    assert told["store"] == {"location": location}
    assert client.job(answer.headers["x-nodium-reference"])["result"]["store_location"] == location
    method, headers = storage.uploads[-1]
    assert (method, headers["content-length"]) == ("PUT", str(len(answer.content)))
    assert headers["user-agent"] == "Darkroom-Storage/1.0"


def test_what_was_signed_with_the_url_is_sent(client, pages, signer, bucket, aws):
    url = put_url(signer, bucket, "typed", ContentType="image/x-shot", Metadata={"order": "12345"})
    headers = {"Content-Type": "image/x-shot", "x-amz-meta-order": "12345"}
    answer = take(client, pages, storage_url=url, storage_headers=headers)
    assert answer.status_code == 200, answer.text
    head = aws("s3").head_object(Bucket=bucket, Key="typed")
    assert (head["ContentType"], head["Metadata"]) == ("image/x-shot", {"order": "12345"})


def test_a_result_is_posted_with_a_signed_form(client, pages, storage, signer, bucket, stored):
    form = signer.generate_presigned_post(bucket, "forms/${filename}", ExpiresIn=300)
    job = client.submit(
        "screennabster", url=pages.url("/plain"), output="pdf", store=True, storage_url=form["url"],
        storage_fields=form["fields"], storage_return_location=True,
    ).name
    ended = client.ended(job)
    assert ended["state"] == "completed", ended
    name = f"forms/{ended['id']}.pdf"
    assert stored(name)[1].startswith(b"%PDF")
    assert client.capture_status(job).json()["store"] == {"location": f"{form['url']}/{name}"}
    assert storage.uploads[-1][0] == "POST"


def test_a_large_result_arrives_whole(client, pages, signer, bucket, stored):
    size = {"viewport_width": NOISE_PX, "viewport_height": NOISE_PX}
    answer = take(client, pages, html=noise(1), **size, storage_url=put_url(signer, bucket, "large.png"))
    assert answer.status_code == 200, answer.text
    assert len(answer.content) > 6_000_000
    assert stored("large.png")[1] == answer.content


def test_a_url_that_is_signed_for_something_else_is_told_as_it_is(new_account, used, pages, signer, bucket):
    account, client = new_account(2)
    url = put_url(signer, bucket, "denied")
    altered = url.replace("denied", "other")
    answer = take(client, pages, storage_url=altered)
    assert (answer.status_code, answer.headers["x-nodium-error-code"]) == (400, "storage_access_denied"), answer.text
    assert "403 SignatureDoesNotMatch" in answer.json()["error"]["message"]
    assert used(account) == 0
    # What fails through no fault of ours stays charged there.
    answer = client.capture(background=False, url=pages.url("/plain"), store=True, storage_url=altered)
    assert (answer.status_code, answer.json()["code"]) == (400, "STORAGE_ERROR"), answer.text
    assert used(account) == 1
    nowhere = put_url(signer, "no-such-bucket-anywhere", "a")
    answer = take(client, pages, storage_url=nowhere)
    assert answer.headers["x-nodium-error-code"] == "invalid_storage_configuration", answer.text


def test_storage_that_fails_for_a_moment_costs_no_second_rendering(client, storage, signer, bucket, stored):
    visits = []
    counted = Pages(hold=lambda route, _peer: visits.append(route))
    storage.failing.extend([503, 429])
    answer = take(client, counted, url=counted.url("/held/a"), storage_url=put_url(signer, bucket, "again"))
    counted.close()
    assert answer.status_code == 200, answer.text
    assert stored("again")[1] == answer.content
    assert visits == ["/held/a"]


def test_nothing_is_uploaded_to_where_no_page_may_be(client, pages, stack_env):
    """The emulator's own port stands for addresses within AWS."""
    answer = take(client, pages, storage_url=f"{stack_env['AWS_ENDPOINT_URL']}/a")
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["option"] == "storage_url"


# --- by a role ---


@pytest.fixture(scope="module")
def role(aws, bucket, outputs, stack_env):
    """`role(name, external_id)` makes a role that may put objects into the bucket, and trusts the deployment."""
    made = []

    def create(name: str, external_id: str | None, keys: str = f"arn:aws:s3:::{bucket}/mine/*") -> str:
        iam = aws("iam")
        principal = {"AWS": outputs["RenderRoleArn"]}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        if external_id is not None:
            trust["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
        put = {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": keys}
        name = f"{name}-{uuid.uuid4().hex[:8]}"
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="put", PolicyDocument=document(put))
        made.append(name)
        return arn

    yield create
    for name in made:
        aws("iam").delete_role_policy(RoleName=name, PolicyName="put")
        aws("iam").delete_role(RoleName=name)


def document(statement: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# `*` and `?` stand in no key here: the emulator doesn't know how IAM spells them in a policy.


def test_a_result_is_put_into_a_bucket_under_a_role_of_its_customers(client, pages, role, bucket, stored, aws, stack_env):
    arn = role("darkroom-storage", stack_env["DARKROOM_ACCOUNT"])
    options = {"storage_role": arn, "storage_bucket": bucket, "storage_path": "mine/ü €.png", "storage_return_location": True}
    answer = take(client, pages, **options, storage_class="standard_ia")
    assert answer.status_code == 200, answer.text
    assert stored("mine/ü €.png") == ("image/png", answer.content)
    assert aws("s3").head_object(Bucket=bucket, Key="mine/ü €.png")["StorageClass"] == "STANDARD_IA"
    location = urlsplit(answer.headers["x-nodium-store-location"])
    assert (location.netloc, location.path) == (f"{bucket}.s3.{stack_env['AWS_REGION']}.amazonaws.com", "/mine/%C3%BC%20%E2%82%AC.png")


@pytest.mark.parametrize(
    ("name", "path", "own", "told"),
    [
        ("darkroom-storage", "mine/a.png", False, "external id"),
        ("other", "mine/a.png", True, "a name that your operator allows"),
        ("darkroom-storage", "others/a.png", True, "s3:PutObject"),
    ],
    ids=["another account's", "a name that isn't allowed", "a key that isn't allowed"],
)
def test_a_role_that_lets_nothing_in_is_told_as_it_is(client, pages, role, bucket, stack_env, name, path, own, told):
    arn = role(name, stack_env["DARKROOM_ACCOUNT"] if own else "acct_another")
    answer = take(client, pages, storage_role=arn, storage_bucket=bucket, storage_path=path)
    assert (answer.status_code, answer.headers["x-nodium-error-code"]) == (400, "storage_access_denied"), answer.text
    assert told in answer.json()["error"]["message"]


def test_a_bucket_that_is_not_there_is_told_as_it_is(client, pages, role, stack_env):
    arn = role("darkroom-storage", stack_env["DARKROOM_ACCOUNT"], keys="arn:aws:s3:::*")
    answer = take(client, pages, storage_role=arn, storage_bucket="no-such-bucket-anywhere", storage_path="a.png")
    assert (answer.status_code, answer.headers["x-nodium-error-code"]) == (400, "invalid_storage_configuration"), answer.text
    assert "NoSuchBucket" in answer.json()["error"]["message"]


def test_a_role_that_any_account_could_use_is_refused(client, pages, role, bucket):
    arn = role("darkroom-storage", None)
    answer = take(client, pages, storage_role=arn, storage_bucket=bucket, storage_path="mine/open.png")
    assert (answer.status_code, answer.headers["x-nodium-error-code"]) == (400, "storage_access_denied"), answer.text
    assert "sts:ExternalId" in answer.json()["error"]["message"]
