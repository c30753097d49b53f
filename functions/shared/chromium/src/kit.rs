//! What the layer brings to be used on pages: lists of filters, and scripts that others
//! keep. Each file is read when it is first needed.

use std::io;
use std::path::{Path, PathBuf};

use brotli_decompressor::BrotliDecompress;
use darkroom_core::failure::{Failure, FailureKind};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

use crate::blocking::Filters;

/// What lies in the layer that a Chromium lies in.
#[derive(Debug)]
pub(crate) struct Kit {
    /// What pages are cleaned with.
    pub(crate) filters: Filters,
    markdown: File,
}

impl Kit {
    /// What lies beside this Chromium.
    pub(crate) fn beside(program: &Path) -> Self {
        let root = program.parent().and_then(Path::parent).unwrap_or(program);
        Self {
            filters: Filters::of(&root.join("filters")),
            markdown: File::at(root.join("scripts/markdown.js.br")),
        }
    }

    /// The script that defines `markdownOf`.
    pub(crate) async fn markdown(&self) -> Result<&str, Failure> {
        self.markdown.text().await
    }
}

/// A text that Brotli packed.
#[derive(Debug)]
pub(crate) struct File {
    path: PathBuf,
    text: OnceCell<String>,
}

impl File {
    /// The file at this path, which is looked for when it is needed.
    pub(crate) const fn at(path: PathBuf) -> Self {
        Self { path, text: OnceCell::const_new() }
    }

    /// The text, which is kept.
    pub(crate) async fn text(&self) -> Result<&str, Failure> {
        self.text.get_or_try_init(|| self.read()).await.map(String::as_str)
    }

    /// The text, which isn't kept.
    pub(crate) async fn read(&self) -> Result<String, Failure> {
        let path = self.path.clone();
        let read = spawn_blocking(move || unpack(&path)).await.map_err(io::Error::other);
        read.flatten().map_err(|fault| self.missing(&fault))
    }

    fn missing(&self, fault: &io::Error) -> Failure {
        let path = self.path.display();
        tracing::error!(%path, %fault, "a file of the layer can't be read");
        let name = self.path.file_name().unwrap_or_default().display();
        let message = format!(
            "The file {name} isn't there, by which this is done: it belongs to the layer that \
             `make layer` builds, beside its Chromium"
        );
        Failure::new(FailureKind::Internal, message)
    }
}

fn unpack(path: &Path) -> Result<String, io::Error> {
    let mut packed = io::BufReader::new(std::fs::File::open(path)?);
    let mut bytes = Vec::new();
    BrotliDecompress(&mut packed, &mut bytes)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}
