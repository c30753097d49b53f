//! Where else a result is put, as it is stored in the job's item.

use darkroom_core::capture::Header;
use darkroom_core::secret::SecretText;
use darkroom_core::storage::{
    BucketName, CustomerBucket, Field, ObjectKey, Place, Readers, Region, RoleArn, SignedUpload,
    Storage, StorageClass,
};
use darkroom_core::url::UploadUrl;
use serde::{Deserialize, Serialize};

use crate::item::{Unreadable, parsed};
use crate::spec_document::choice;

choice!(ClassDocument for StorageClass {
    "standard" = Standard,
    "reduced_redundancy" = ReducedRedundancy,
    "standard_ia" = StandardIa,
    "onezone_ia" = OnezoneIa,
    "intelligent_tiering" = IntelligentTiering,
    "glacier" = Glacier,
    "deep_archive" = DeepArchive,
    "glacier_ir" = GlacierIr,
});

choice!(ReadersDocument for Readers { "owner" = Owner, "everybody" = Everybody });

/// The core's `Storage`.
#[derive(Serialize, Deserialize)]
pub(crate) struct StorageDocument {
    place: PlaceDocument,
    tells_location: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PlaceDocument {
    Url(UploadDocument),
    Bucket(BucketDocument),
}

#[derive(Serialize, Deserialize)]
struct UploadDocument {
    url: String,
    headers: Vec<(String, String)>,
    form: Option<Vec<(String, String)>>,
}

#[derive(Serialize, Deserialize)]
struct BucketDocument {
    role: String,
    region: String,
    bucket: String,
    key: String,
    class: ClassDocument,
    readers: ReadersDocument,
}

impl From<&Storage> for StorageDocument {
    fn from(storage: &Storage) -> Self {
        let place = match &storage.place {
            Place::Url(upload) => PlaceDocument::Url(upload.into()),
            Place::Bucket(bucket) => PlaceDocument::Bucket(bucket.into()),
        };
        Self { place, tells_location: storage.tells_location }
    }
}

impl StorageDocument {
    pub(crate) fn parse(self) -> Result<Storage, Unreadable> {
        let place = match self.place {
            PlaceDocument::Url(document) => Place::Url(document.parse()?),
            PlaceDocument::Bucket(document) => Place::Bucket(document.parse()?),
        };
        Ok(Storage { place, tells_location: self.tells_location })
    }
}

impl From<&SignedUpload> for UploadDocument {
    fn from(upload: &SignedUpload) -> Self {
        let header = |it: &Header| (it.name.clone(), it.value.expose().to_owned());
        let field = |it: &Field| (it.name.clone(), it.value.expose().to_owned());
        Self {
            url: upload.url.as_str().to_owned(),
            headers: upload.headers.iter().map(header).collect(),
            form: upload.form.as_ref().map(|form| form.iter().map(field).collect()),
        }
    }
}

impl UploadDocument {
    fn parse(self) -> Result<SignedUpload, Unreadable> {
        let header = |(name, value)| Header { name, value: SecretText::new(value) };
        let field = |(name, value)| Field { name, value: SecretText::new(value) };
        Ok(SignedUpload {
            url: UploadUrl::from_stored(&self.url)
                .ok_or_else(|| Unreadable("the upload's url is no URL".to_owned()))?,
            headers: self.headers.into_iter().map(header).collect(),
            form: self.form.map(|form| form.into_iter().map(field).collect()),
        })
    }
}

impl From<&CustomerBucket> for BucketDocument {
    fn from(bucket: &CustomerBucket) -> Self {
        Self {
            role: bucket.role.as_str().to_owned(),
            region: bucket.region.as_str().to_owned(),
            bucket: bucket.bucket.as_str().to_owned(),
            key: bucket.key.as_str().to_owned(),
            class: bucket.class.into(),
            readers: bucket.readers.into(),
        }
    }
}

impl BucketDocument {
    fn parse(self) -> Result<CustomerBucket, Unreadable> {
        Ok(CustomerBucket {
            role: parsed("role", &self.role, RoleArn::parse)?,
            region: parsed("region", &self.region, Region::parse)?,
            bucket: parsed("bucket", &self.bucket, BucketName::parse)?,
            key: parsed("key", &self.key, ObjectKey::parse)?,
            class: self.class.into(),
            readers: self.readers.into(),
        })
    }
}
