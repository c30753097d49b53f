//! Where else a result is put. No fault repeats a value: it may be a signature.

use darkroom_core::address::Reach;
use darkroom_core::capture::{Area, CaptureSpec, FullPage, Header, Output};
use darkroom_core::secret::SecretText;
use darkroom_core::storage::{
    BucketName, CustomerBucket, Field, ObjectKey, Place, Readers, Region, RoleArn, SignedUpload,
    Storage, StorageClass,
};
use darkroom_core::url::UploadUrl;
use serde_json::Value;

use super::given::Options;
use super::known::{Known, built, ours};
use super::request::headers;
use super::values::{self, Raw, Reading, Wrong};
use crate::terms::Terms;

pub(super) const OPTIONS: &[Known] = &[
    built(
        "store",
        "true or false",
        Some("false"),
        "Put the result into storage of your own too, before it counts as completed: by `storage_url`, or into a bucket of Amazon S3 by `storage_role`, `storage_bucket` and `storage_path`. A capture that can't be put there fails. Not with `cache`, nor for several files (`full_page_slices`, `image_sizes`).",
    ),
    ours(
        "storage_url",
        "a string",
        None,
        "A URL that you signed for the upload (of Amazon S3, or any other storage that knows such), for PUT, or for POST where there are `storage_fields`; http or https, at most 8,192 bytes. Sign it for as long as the capture may wait. Needs `store`.",
    ),
    ours(
        "storage_headers",
        "a list of headers such as \"x-ms-blob-type: BlockBlob\", or an object; of 8,192 bytes together",
        None,
        "What the upload has to be sent with: what you signed, or your storage demands. `Content-Type` is the result's unless you give one. Needs `storage_url`.",
    ),
    ours(
        "storage_fields",
        "a list of fields such as \"key: shots/a.png\", or an object; at most 50, of 20,000 bytes together",
        None,
        "The fields of the form that you signed (S3's POST policy), without the file. `${filename}` in a key becomes the job's id with the format's ending. Needs `storage_url`.",
    ),
    ours(
        "storage_role",
        "the ARN of a role, such as arn:aws:iam::123456789012:role/darkroom-storage-shots",
        None,
        "The role that lets this deployment put objects into your bucket, on condition of your account's id as external id ([how](STORAGE.md)). Needs `store`.",
    ),
    built(
        "storage_bucket",
        "the name of a bucket",
        None,
        "A bucket of Amazon S3. Needs `storage_role`.",
    ),
    ours(
        "storage_region",
        "a region of AWS, such as eu-central-1",
        None,
        "The bucket's region; by default the deployment's own. Needs `storage_role`.",
    ),
    built(
        "storage_path",
        "a key of 1 to 1024 bytes that neither begins nor ends with a slash",
        None,
        "The object's key, as it is: no ending is added. Needs `storage_role`.",
    ),
    built(
        "storage_class",
        "standard, reduced_redundancy, standard_ia, onezone_ia, intelligent_tiering, glacier, deep_archive or glacier_ir",
        Some("standard"),
        "How S3 keeps the object. Needs `storage_role`.",
    ),
    built(
        "storage_acl",
        "private or public-read",
        Some("private"),
        "Who may read the object: whom the bucket lets, or everybody. Needs `storage_role`.",
    ),
    built(
        "storage_return_location",
        "true or false",
        Some("false"),
        "Tell where the result was put, without what was signed: as `store.location` in JSON, and in the header `x-nodium-store-location` or `x-screennabster-store-location`. Needs `store`.",
    ),
];

/// What only has a meaning where the result is uploaded by a URL.
const OF_URLS: [&str; 2] = ["storage_headers", "storage_fields"];

/// What only has a meaning where it is put into a bucket.
const OF_BUCKETS: [&str; 5] =
    ["storage_bucket", "storage_region", "storage_path", "storage_class", "storage_acl"];

const MAX_HEADER_BYTES: usize = 8_192;

const MAX_FIELDS: usize = 50;

/// As much as Amazon S3 takes of a form beside its file.
const MAX_FORM_BYTES: usize = 20_000;

/// What the request asks for besides.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) spec: Option<&'a CaptureSpec>,
    pub(super) is_shared: bool,
}

/// Where the result is put besides our own bucket.
pub(super) fn read(
    options: &mut Options,
    terms: &Terms<'_>,
    beside: Beside<'_>,
) -> Option<Storage> {
    let is_wanted = options.truth("store") == Some(true);
    let tells_location = options.truth("storage_return_location") == Some(true);
    let upload = read_upload(options, terms.reach);
    let bucket = read_bucket(options, terms.region);
    if !is_wanted {
        let all = ["storage_url", "storage_role", "storage_return_location"];
        options.refuse_without(&all, "store");
        return None;
    }
    options.refuse_beside("storage_role", "storage_url");
    if !options.has("storage_url") && !options.has("storage_role") {
        options.fault("store", "needs a place; give `storage_url`, or `storage_role`");
    }
    if beside.is_shared {
        options.refuse("store", "doesn't go with `cache`; leave one of them out");
    }
    if beside.spec.is_some_and(has_several_files) {
        let several = "takes one file; leave it out, or `full_page_slices` and `image_sizes`";
        options.refuse("store", several);
    }
    let place = upload.map(Place::Url).or_else(|| bucket.map(Place::Bucket))?;
    Some(Storage { place, tells_location })
}

fn read_upload(options: &mut Options, reach: &Reach) -> Option<SignedUpload> {
    let headers = options.read("storage_headers", upload_headers);
    let form = options.read("storage_fields", fields);
    if !options.has("storage_url") {
        options.refuse_without(&OF_URLS, "storage_url");
    }
    let url = options.read("storage_url", |raw| {
        Ok(UploadUrl::parse(&values::text(raw)?, reach).map_err(|fault| fault.to_string())?)
    })?;
    Some(SignedUpload { url, headers: headers.unwrap_or_default(), form })
}

fn read_bucket(options: &mut Options, own: &Region) -> Option<CustomerBucket> {
    let role = options.read("storage_role", parsed(RoleArn::parse));
    let bucket = options.read("storage_bucket", parsed(BucketName::parse));
    let region = options.read("storage_region", parsed(Region::parse));
    let key = options.read("storage_path", parsed(ObjectKey::parse));
    let class = options.read("storage_class", values::choice(CLASSES));
    let readers = options.read("storage_acl", values::choice(READERS));
    if !options.has("storage_role") {
        options.refuse_without(&OF_BUCKETS, "storage_role");
        return None;
    }
    for needed in ["storage_bucket", "storage_path"] {
        if !options.has(needed) {
            options.refuse("storage_role", &format!("needs `{needed}`; give that too"));
        }
    }
    let region = region.unwrap_or_else(|| own.clone());
    let (class, readers) = (class.unwrap_or_default(), readers.unwrap_or_default());
    Some(CustomerBucket { role: role?, region, bucket: bucket?, key: key?, class, readers })
}

const CLASSES: &[(&str, StorageClass)] = &[
    ("standard", StorageClass::Standard),
    ("reduced_redundancy", StorageClass::ReducedRedundancy),
    ("standard_ia", StorageClass::StandardIa),
    ("onezone_ia", StorageClass::OnezoneIa),
    ("intelligent_tiering", StorageClass::IntelligentTiering),
    ("glacier", StorageClass::Glacier),
    ("deep_archive", StorageClass::DeepArchive),
    ("glacier_ir", StorageClass::GlacierIr),
];

/// The published default is an empty text.
const READERS: &[(&str, Readers)] =
    &[("private", Readers::Owner), ("", Readers::Owner), ("public-read", Readers::Everybody)];

fn parsed<T>(parse: fn(&str) -> Option<T>) -> impl Fn(&Raw) -> Reading<T> {
    move |raw| parse(&values::text(raw)?).ok_or(Wrong::Value)
}

/// The headers of an upload. A key among them would outlive it.
fn upload_headers(raw: &Raw) -> Reading<Vec<Header>> {
    let headers = headers(raw, |lower| match lower {
        "authorization" => Some("would be a key of yours; sign the URL instead"),
        "connection" | "content-length" | "cookie" | "expect" | "host" | "keep-alive" | "te"
        | "trailer" | "transfer-encoding" | "upgrade" => Some("is set by the sender; leave it out"),
        _ => None,
    })?;
    let bytes = |header: &Header| header.name.len() + header.value.expose().len();
    let bytes: usize = headers.iter().map(bytes).sum();
    if bytes > MAX_HEADER_BYTES { Err(Wrong::Value) } else { Ok(headers) }
}

/// The fields of a form as they were signed, to the blank.
fn pairs(raw: &Raw) -> Reading<Vec<(String, String)>> {
    let pairs: Option<Vec<_>> = match raw {
        Raw::Json(Value::Object(fields)) if !fields.is_empty() => {
            let pair =
                |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
            fields.iter().map(pair).collect()
        }
        _ => {
            let split = |text: &String| {
                let (name, value) = text.split_once(':')?;
                Some((name.to_owned(), value.strip_prefix(' ').unwrap_or(value).to_owned()))
            };
            values::texts(raw)?.iter().map(split).collect()
        }
    };
    pairs.ok_or(Wrong::Value)
}

/// The fields of a form. Their names stand in quotation marks there, and its file comes last.
fn fields(raw: &Raw) -> Reading<Vec<Field>> {
    let fields = pairs(raw)?;
    if fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("file")) {
        return Err("has a field `file`, which is the result's; leave it out".into());
    }
    let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
    };
    let is_form = fields.len() <= MAX_FIELDS
        && bytes <= MAX_FORM_BYTES
        && fields.iter().all(|(name, value)| is_name(name) && !value.contains(char::is_control));
    if !is_form {
        return Err(Wrong::Value);
    }
    let field = |(name, value)| Field { name, value: SecretText::new(value) };
    Ok(fields.into_iter().map(field).collect())
}

fn has_several_files(spec: &CaptureSpec) -> bool {
    let has_sizes = match &spec.output {
        Output::Image(image) => !image.more_sizes.is_empty(),
        Output::Pdf(_) | Output::Clip(_) | Output::Text(_) => false,
    };
    let has_slices = match &spec.framing.area {
        Area::FullPage(FullPage { slices, .. }) => slices.is_some(),
        Area::Viewport | Area::Clip(_) => false,
    };
    has_sizes || has_slices
}

/// The options, for whom they mean nothing.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    OPTIONS.iter().map(|known| known.name)
}
