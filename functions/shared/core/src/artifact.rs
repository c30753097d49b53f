//! What a capture leaves in the bucket, and under which keys.

use std::fmt;

use crate::capture::{Format, Markup};
use crate::id::{ClaimToken, JobId};
use crate::report::{PixelSize, Report};
use crate::time::Timestamp;

/// The key of a result, `results/{job}/{claim token}`: no two claims of a job
/// share one, so a worker past its lease overwrites nothing, and nobody guesses one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ArtifactKey(String);

impl ArtifactKey {
    /// Where the worker with this claim puts its result.
    #[must_use]
    pub fn of(job: JobId, token: ClaimToken) -> Self {
        Self(format!("results/{job}/{token}"))
    }

    /// Where the same worker puts a further file of its result:
    /// `results/{job}/{claim token}/{name}`.
    #[must_use]
    pub fn of_file(&self, kind: FileKind) -> Self {
        Self(format!("{}/{}", self.0, kind.name()))
    }

    /// A key as it was stored.
    #[must_use]
    pub fn from_stored(key: String) -> Self {
        Self(key)
    }

    /// Whether a worker of this job put a result there.
    #[must_use]
    pub fn is_of(&self, job: JobId) -> bool {
        let own = self.0.strip_prefix("results/").and_then(|rest| rest.split_once('/'));
        own.is_some_and(|(id, _claim)| id == job.to_string())
    }

    /// The key in the bucket.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of a specification too large to lie in the job's item,
/// `inputs/{job}`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InputKey(String);

impl InputKey {
    /// Where the specification of this job lies.
    #[must_use]
    pub fn of(job: JobId) -> Self {
        Self(format!("inputs/{job}"))
    }

    /// The key in the bucket.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A finished result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Artifact {
    /// Where it lies.
    pub key: ArtifactKey,
    /// What kind of file it is.
    pub format: Format,
    /// Its length.
    pub size: ByteSize,
    /// When it was stored.
    pub stored_at: Timestamp,
    /// The link made when it was stored, or when its job was.
    pub link: Link,
    /// Further files of it: slices from the top down, then sizes in the order in which they
    /// were asked for, then what is told of the page.
    pub files: Vec<ArtifactFile>,
    /// What is told of the page beside.
    pub report: Report,
}

impl Artifact {
    /// The key of one of its files.
    #[must_use]
    pub fn file_key(&self, file: &ArtifactFile) -> ArtifactKey {
        self.key.of_file(file.kind)
    }

    /// The file that goes by this [name](FileKind::name).
    #[must_use]
    pub fn file_named(&self, name: &str) -> Option<&ArtifactFile> {
        self.files.iter().find(|file| file.kind.name() == name)
    }
}

/// A further file of a finished result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ArtifactFile {
    /// What is in it.
    pub kind: FileKind,
    /// Its length.
    pub size: ByteSize,
}

/// What is in a further file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FileKind {
    /// A part of the picture that was drawn, in its whole width.
    Slice {
        /// Counted from the top, from 0.
        index: u32,
        /// The row of the picture that is its first.
        offset_y_px: u32,
        /// Its own size.
        pixels: PixelSize,
    },
    /// All of the picture in another size.
    Size {
        /// Its place among the sizes that were asked for, from 0.
        index: u32,
        /// Its own size.
        pixels: PixelSize,
    },
    /// What the page says.
    Content(Markup),
    /// Its requests and what they were answered.
    Har,
    /// What was written to its console.
    Console,
    /// When what came, as a drawing.
    Waterfall,
}

impl FileKind {
    /// Its name among the files of a result: the end of its key and of its own
    /// link.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Slice { index, .. } => format!("slice-{index}"),
            Self::Size { index, .. } => format!("size-{index}"),
            Self::Content(_) => String::from("content"),
            Self::Har => String::from("har"),
            Self::Console => String::from("console"),
            Self::Waterfall => String::from("waterfall"),
        }
    }

    /// Whether it tells of the page, and shows nothing of the picture.
    #[must_use]
    pub const fn is_about_page(self) -> bool {
        match self {
            Self::Slice { .. } | Self::Size { .. } => false,
            Self::Content(_) | Self::Har | Self::Console | Self::Waterfall => true,
        }
    }

    /// What kind of file it is, of a result of this format.
    #[must_use]
    pub const fn format(self, of_result: Format) -> Format {
        match self {
            Self::Slice { .. } | Self::Size { .. } => of_result,
            Self::Content(markup) => markup.format(),
            Self::Har => Format::Har,
            Self::Console => Format::Json,
            Self::Waterfall => Format::Svg,
        }
    }
}

/// A URL under which a result can be fetched without a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// The URL. It is a bearer secret: not to be logged.
    pub url: String,
    /// From when on it no longer works.
    pub expires_at: Timestamp,
}

/// The links to a result, as they are told to whoever asks for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResultLinks {
    /// To the result itself.
    pub main: Link,
    /// To its [files](Artifact::files), in their order.
    pub files: Vec<Link>,
}

/// A length in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ByteSize(u64);

impl ByteSize {
    /// A length of this many bytes.
    #[must_use]
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// A length of this many binary mebibytes.
    #[must_use]
    pub const fn from_mib(mib: u64) -> Self {
        Self(mib * 1024 * 1024)
    }

    /// Bytes.
    #[must_use]
    pub const fn as_bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_job_claim_and_file() {
        let job = JobId::parse_decimal("8472910").unwrap();
        let key = ArtifactKey::of(job, ClaimToken::from_random([7; 16]));
        let claim = "07".repeat(16);
        assert_eq!(key.as_str(), format!("results/8472910/{claim}"));
        assert_eq!(ArtifactKey::from_stored(key.as_str().to_owned()), key);
        let other = JobId::parse_decimal("847291").unwrap();
        assert!(key.is_of(job) && !key.is_of(other));
        assert_eq!(InputKey::of(job).as_str(), "inputs/8472910");
        let pixels = PixelSize { width: 1, height: 1 };
        let slice = FileKind::Slice { index: 2, offset_y_px: 900, pixels };
        assert_eq!(key.of_file(slice).as_str(), format!("results/8472910/{claim}/slice-2"));
    }

    #[test]
    fn a_file_is_found_by_its_name_and_has_a_format_of_its_own() {
        let size = ByteSize::from_bytes(3);
        let pixels = PixelSize { width: 1, height: 1 };
        let kinds = [
            (FileKind::Slice { index: 0, offset_y_px: 0, pixels }, "slice-0", Format::Png),
            (FileKind::Size { index: 0, pixels }, "size-0", Format::Png),
            (FileKind::Content(Markup::Markdown), "content", Format::Markdown),
            (FileKind::Har, "har", Format::Har),
            (FileKind::Console, "console", Format::Json),
            (FileKind::Waterfall, "waterfall", Format::Svg),
        ];
        let link = Link { url: String::new(), expires_at: Timestamp::from_secs(0) };
        let key = ArtifactKey::from_stored(String::from("k"));
        let files = kinds.iter().map(|&(kind, ..)| ArtifactFile { kind, size }).collect();
        let stored_at = Timestamp::from_secs(0);
        let (format, report) = (Format::Png, Report::default());
        let artifact = Artifact { key, format, size, stored_at, link, files, report };
        for (kind, name, format) in kinds {
            assert_eq!(artifact.file_named(name), Some(&ArtifactFile { kind, size }));
            assert_eq!(kind.format(artifact.format), format);
            assert_eq!(kind.is_about_page(), format != artifact.format);
        }
        assert_eq!(artifact.file_named("slice-1"), None);
        assert_eq!(size.to_string(), "3");
    }
}
