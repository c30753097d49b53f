//! Where a customer has a result put besides our own bucket.
//!
//! By a URL that the customer signed for it, or in a bucket that a role of the customer's lets us
//! write to. No key of a customer is ever part of it.

use std::time::Duration;

use url::Url;

use crate::capture::{Format, Header};
use crate::failure::FailureKind;
use crate::id::JobId;
use crate::secret::SecretText;
use crate::url::UploadUrl;

/// How long storing a result elsewhere may take, over all tries: 100 MiB at 7 MiB a second.
pub const STORING: Duration = Duration::from_secs(15);

/// A place of the customer's own for a result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Storage {
    /// Where.
    pub place: Place,
    /// Whether answers and webhooks tell where the result lies.
    pub tells_location: bool,
}

/// How a result gets to its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// By a URL that was signed for it.
    Url(SignedUpload),
    /// Into a bucket of Amazon S3.
    Bucket(CustomerBucket),
}

/// An upload that the customer signed: a PUT, or the POST of a form where there is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedUpload {
    /// Where to.
    pub url: UploadUrl,
    /// What is sent besides what the sender sends; what was signed must be sent.
    pub headers: Vec<Header>,
    /// The fields of the form; the file comes after them.
    pub form: Option<Vec<Field>>,
}

/// A field of a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value: a signature, perhaps.
    pub value: SecretText,
}

/// A key in a bucket that is written to under a role of the customer's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomerBucket {
    /// The role, which names our deployment and the customer's account with it.
    pub role: RoleArn,
    /// The bucket's region.
    pub region: Region,
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// How S3 keeps the object.
    pub class: StorageClass,
    /// Who may read it.
    pub readers: Readers,
}

/// How S3 keeps an object.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum StorageClass {
    /// `STANDARD`.
    #[default]
    Standard,
    /// `REDUCED_REDUNDANCY`.
    ReducedRedundancy,
    /// `STANDARD_IA`.
    StandardIa,
    /// `ONEZONE_IA`.
    OnezoneIa,
    /// `INTELLIGENT_TIERING`.
    IntelligentTiering,
    /// `GLACIER`.
    Glacier,
    /// `DEEP_ARCHIVE`.
    DeepArchive,
    /// `GLACIER_IR`.
    GlacierIr,
}

/// Who may read an object.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Readers {
    /// Whom the bucket's owner lets.
    #[default]
    Owner,
    /// Everybody (S3's `public-read`).
    Everybody,
}

/// A role of IAM: `arn:aws:iam::123456789012:role/name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleArn(String);

impl RoleArn {
    /// The longest name with its path, in bytes (IAM's own limits).
    const MAX_NAME_BYTES: usize = 512 + 64;

    /// Judges a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (partition, rest) = text.strip_prefix("arn:")?.split_once(":iam::")?;
        let (account, name) = rest.split_once(":role/")?;
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&byte);
        let is_role = matches!(partition, "aws" | "aws-cn" | "aws-us-gov")
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && (1..=Self::MAX_NAME_BYTES).contains(&name.len())
            && !name.starts_with('/')
            && !name.ends_with('/')
            && name.bytes().all(is_allowed);
        is_role.then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part of AWS that it belongs to: `aws`, `aws-cn` or `aws-us-gov`.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }
}

/// A region of AWS, such as `eu-central-1`. It becomes part of a host's name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Region(String);

impl Region {
    /// Stands for one that isn't known, of which a fault was noted.
    pub(crate) const UNKNOWN: Self = Self(String::new());

    /// Judges a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (place, number) = text.rsplit_once('-')?;
        let words: Vec<_> = place.split('-').collect();
        let is_word =
            |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        let is_region = text.len() <= 32
            && words.len() >= 2
            && words.iter().all(is_word)
            && (1..=2).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit());
        is_region.then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a general purpose bucket, by S3's rules. It becomes part of a host's name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BucketName(String);

impl BucketName {
    /// Judges a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_label = |label: &str| {
            let (first, last) = (label.bytes().next(), label.bytes().last());
            first.is_some_and(is_allowed)
                && last.is_some_and(is_allowed)
                && label.bytes().all(|byte| is_allowed(byte) || byte == b'-')
        };
        let is_name = (3..=63).contains(&text.len())
            && text.split('.').all(is_label)
            && text.parse::<std::net::Ipv4Addr>().is_err()
            && !text.ends_with("--x-s3");
        is_name.then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of an object: 1 to 1,024 bytes, of which none is a control character's, and no part
/// between slashes is `.` or `..`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The longest key, in bytes.
    pub const MAX_BYTES: usize = 1_024;

    /// Judges a key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_key = (1..=Self::MAX_BYTES).contains(&text.len())
            && !text.starts_with('/')
            && !text.ends_with('/')
            && !text.chars().any(char::is_control)
            && !text.split('/').any(|part| matches!(part, "." | ".."));
        is_key.then(|| Self(text.to_owned()))
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Storage {
    /// Where the result of this job lies, without what was signed.
    #[must_use]
    pub fn location(&self, job: JobId, format: Format) -> String {
        match &self.place {
            Place::Url(upload) => upload.location(&file_name(job, format)),
            Place::Bucket(bucket) => bucket.location(),
        }
    }
}

/// Who is to blame for an upload that was answered so, and whether another try may help; `code` is
/// S3's, where the answer has one.
#[must_use]
pub fn refusal(status: u16, code: Option<&str>) -> FailureKind {
    match (status, code) {
        (_, Some("RequestTimeout" | "OperationAborted" | "ConditionalRequestConflict")) => {
            FailureKind::StorageUnavailable
        }
        (401 | 403, _) => FailureKind::StorageDenied,
        (408 | 425 | 429 | 500.., _) => FailureKind::StorageUnavailable,
        _ => FailureKind::StorageInvalid,
    }
}

/// What the result of a job is called as a file.
#[must_use]
pub fn file_name(job: JobId, format: Format) -> String {
    format!("{job}.{}", format.extension())
}

impl SignedUpload {
    fn location(&self, file_name: &str) -> String {
        let url = self.url.for_log();
        let form = self.form.as_deref().unwrap_or_default();
        let Some(key) = form.iter().find(|field| field.name == "key") else {
            return url;
        };
        let key = key.value.expose().replace("${filename}", file_name);
        below(&url, key.split('/'))
    }
}

impl CustomerBucket {
    fn location(&self) -> String {
        let bucket = self.bucket.as_str();
        let end = if self.role.partition() == "aws-cn" { "com.cn" } else { "com" };
        let host = format!("s3.{}.amazonaws.{end}", self.region.as_str());
        let key = self.key.as_str().split('/');
        // No certificate is made out to a bucket whose name has dots.
        if bucket.contains('.') {
            below(&format!("https://{host}/"), std::iter::once(bucket).chain(key))
        } else {
            below(&format!("https://{bucket}.{host}/"), key)
        }
    }
}

/// The URL with these parts added to its path.
fn below<'a>(base: &str, parts: impl Iterator<Item = &'a str>) -> String {
    let Ok(mut url) = Url::parse(base) else {
        return base.to_owned();
    };
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(parts);
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Reach;

    #[test]
    fn names_that_could_lead_elsewhere_are_refused() {
        let role = "arn:aws:iam::123456789012:role/team/darkroom-storage";
        assert_eq!(RoleArn::parse(role).unwrap().as_str(), role);
        assert_eq!(RoleArn::parse(role).unwrap().partition(), "aws");
        let longest = format!("arn:aws:iam::123456789012:role/{}", "a".repeat(576));
        assert!(RoleArn::parse(&longest).is_some());
        for bad in [
            "darkroom-storage",
            "arn:aws:iam::123456789012:user/a",
            "arn:aws:iam::12345678901:role/a",
            "arn:aws:iam::12345678901x:role/a",
            "arn:aws:sts::123456789012:role/a",
            "arn:other:iam::123456789012:role/a",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role//a",
            "arn:aws:iam::123456789012:role/a/",
            "arn:aws:iam::123456789012:role/a*",
            "arn:aws:iam::123456789012:role/a\n",
            &format!("arn:aws:iam::123456789012:role/{}", "a".repeat(577)),
        ] {
            assert!(RoleArn::parse(bad).is_none(), "{bad}");
        }
        for good in ["eu-central-1", "us-gov-east-1", "ap-southeast-12"] {
            assert_eq!(Region::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "eu", "eu-1", "eu-central-", "eu-central-100", "eu--central-1", "EU-a-1"] {
            assert!(Region::parse(bad).is_none(), "{bad}");
        }
        for bad in ["evil.example/eu-central-1", "a-b.c-1", "eu-central-1x", "eu-central-1 "] {
            assert!(Region::parse(bad).is_none(), "{bad}");
        }
        for good in ["abc", "my-shots", "shots.example.com", "1a2", &"a".repeat(63)] {
            assert_eq!(BucketName::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "ab",
            "Shots",
            "a_b",
            "-ab",
            "ab-",
            "a..b",
            ".ab",
            "ab.",
            "a/b",
            "192.168.0.1",
            "shots--usw2-az1--x-s3",
            "arn:aws:s3:::shots",
            &"a".repeat(64),
        ] {
            assert!(BucketName::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_key_is_taken_as_it_is_or_not_at_all() {
        for good in ["a", "a b/ü?#%2f", "2026/11/a.png", "a/.b", "a//b", &"k".repeat(1_024)] {
            assert_eq!(ObjectKey::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "/a", "a/", "a/../b", "./a", "..", "a\nb", &"k".repeat(1_025)] {
            assert!(ObjectKey::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn what_storage_answers_tells_who_is_to_blame() {
        for (status, code, expected) in [
            (403, Some("AccessDenied"), FailureKind::StorageDenied),
            (401, None, FailureKind::StorageDenied),
            (404, Some("NoSuchBucket"), FailureKind::StorageInvalid),
            (303, None, FailureKind::StorageInvalid),
            (412, None, FailureKind::StorageInvalid),
            (408, None, FailureKind::StorageUnavailable),
            (425, None, FailureKind::StorageUnavailable),
            (429, None, FailureKind::StorageUnavailable),
            (500, Some("InternalError"), FailureKind::StorageUnavailable),
            (507, None, FailureKind::StorageUnavailable),
            (400, Some("RequestTimeout"), FailureKind::StorageUnavailable),
            (409, Some("OperationAborted"), FailureKind::StorageUnavailable),
            (409, Some("ConditionalRequestConflict"), FailureKind::StorageUnavailable),
            (400, Some("AuthorizationHeaderMalformed"), FailureKind::StorageInvalid),
        ] {
            assert_eq!(refusal(status, code), expected, "{status} {code:?}");
        }
    }

    fn bucket(partition: &str, name: &str, region: &str) -> Storage {
        let place = Place::Bucket(CustomerBucket {
            role: RoleArn::parse(&format!("arn:{partition}:iam::123456789012:role/a")).unwrap(),
            region: Region::parse(region).unwrap(),
            bucket: BucketName::parse(name).unwrap(),
            key: ObjectKey::parse("a b/100%?.png").unwrap(),
            class: StorageClass::default(),
            readers: Readers::default(),
        });
        Storage { place, tells_location: true }
    }

    fn upload(url: &str, form: Option<&[(&str, &str)]>) -> Storage {
        let field = |(name, value): &(&str, &str)| Field {
            name: (*name).to_owned(),
            value: SecretText::new((*value).to_owned()),
        };
        let place = Place::Url(SignedUpload {
            url: UploadUrl::parse(url, &Reach::public()).unwrap(),
            headers: Vec::new(),
            form: form.map(|form| form.iter().map(field).collect()),
        });
        Storage { place, tells_location: true }
    }

    #[test]
    fn a_location_is_where_the_object_is_read_and_holds_no_signature() {
        let job = JobId::parse_decimal("8472910").unwrap();
        let of = |storage: &Storage| storage.location(job, Format::Png);
        let cases = [
            (
                bucket("aws", "shots", "eu-west-1"),
                "https://shots.s3.eu-west-1.amazonaws.com/a%20b/100%25%3F.png",
            ),
            (
                bucket("aws-cn", "shots.example", "cn-north-1"),
                "https://s3.cn-north-1.amazonaws.com.cn/shots.example/a%20b/100%25%3F.png",
            ),
            (upload("https://e.com/a.png?X-Amz-Signature=secret", None), "https://e.com/a.png"),
            (
                upload("https://e.com", Some(&[("key", "u/${filename}"), ("policy", "secret")])),
                "https://e.com/u/8472910.png",
            ),
            (upload("https://e.com/shots/", Some(&[("key", "a")])), "https://e.com/shots/a"),
            (upload("https://e.com/up", Some(&[("token", "secret")])), "https://e.com/up"),
        ];
        for (storage, expected) in cases {
            assert_eq!(of(&storage), expected);
        }
    }
}
