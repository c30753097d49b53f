//! What to capture, read from what a person typed.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use darkroom_core::address::Reach;
use darkroom_core::capture::{CaptureSpec, Timeout};
use darkroom_dialects::{MAX_BODY_BYTES, Refusal};

/// One capture that is to be taken.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) spec: CaptureSpec,
    pub(crate) timeout: Timeout,
}

/// Options' names with their values.
type Options = Vec<(String, String)>;

impl Order {
    /// Reads a page's address, or the name of a file with a document, and options;
    /// tells all of their faults.
    pub(crate) fn read(source: &str, options: &Options, reach: &Reach) -> Result<Self> {
        let mut options = options.clone();
        options.push(option_of(source)?);
        Self::of(&options, reach)
    }

    /// A document of our own.
    pub(crate) fn of_document(document: String, options: &[(&str, &str)]) -> Result<Self> {
        let given = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut options: Options = given.collect();
        options.push(("html".to_owned(), document));
        Self::of(&options, &Reach::public())
    }

    fn of(options: &Options, reach: &Reach) -> Result<Self> {
        match darkroom_dialects::capture(options, reach) {
            Ok((spec, timeout)) => Ok(Self { spec, timeout }),
            Err(Refusal::Invalid(faults)) => {
                let faults: Vec<_> = faults.into_iter().map(|fault| fault.message).collect();
                Err(anyhow!(faults.join("\n      ")))
            }
            Err(other) => Err(anyhow!("the options can't be read: {other:?}")),
        }
    }
}

/// The options, and the format that the file's name tells unless they do.
pub(crate) fn with_format_of(file: &Path, options: &Options) -> Result<Options> {
    if has_format(options) {
        return Ok(options.clone());
    }
    let Some(extension) = file.extension().and_then(|it| it.to_str()) else {
        let name = file.display();
        bail!("{name} has no extension that tells the format; call it {name}.png, for example");
    };
    let format = match extension {
        "htm" => "html",
        "md" => "markdown",
        "txt" => "text",
        format => format,
    };
    Ok(with_format(format, options))
}

/// The options, and this format unless they name one.
pub(crate) fn with_format(format: &str, options: &Options) -> Options {
    let mut options = options.clone();
    if !has_format(&options) {
        options.push(("format".to_owned(), format.to_owned()));
    }
    options
}

fn has_format(options: &Options) -> bool {
    options.iter().any(|(name, _)| name == "format")
}

fn option_of(source: &str) -> Result<(String, String)> {
    if source.contains("://") {
        return Ok(("url".to_owned(), source.to_owned()));
    }
    let size = std::fs::metadata(source).with_context(|| {
        format!("cannot read {source} (an address begins with http:// or https://)")
    })?;
    if size.len() > MAX_BODY_BYTES as u64 {
        bail!("{source} is larger than {MAX_BODY_BYTES} bytes");
    }
    let document =
        std::fs::read_to_string(source).with_context(|| format!("cannot read {source}"))?;
    Ok(("html".to_owned(), document))
}
