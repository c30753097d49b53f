//! A camera with a page host, and what the tests ask of them.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use darkroom_chromium::{ChromiumCamera, ChromiumConfig, Frames};
use darkroom_core::address::Reach;
use darkroom_core::capture::{
    Area, CaptureSpec, Effort, Encoding, Enough, Framing, FullPage, Output, Reveal, SelectorWait,
    Source, Viewport,
};
use darkroom_core::failure::Failure;
use darkroom_core::port::Camera;
use darkroom_core::url::TargetUrl;

use crate::site::Site;

/// A file, which a failing test doesn't print.
pub(crate) struct Photo(Bytes);

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a picture of {} bytes", self.0.len())
    }
}

impl std::ops::Deref for Photo {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// Enough on a busy machine for any page that is going to be ready at all.
pub(crate) const AMPLE: Duration = Duration::from_secs(30);

/// A camera, and a host for it to visit.
pub(crate) struct Studio {
    pub(crate) site: Site,
    pub(crate) camera: ChromiumCamera,
}

impl Studio {
    pub(crate) async fn open() -> Self {
        Self::with_frames(Frames::Driven).await
    }

    pub(crate) async fn with_frames(frames: Frames) -> Self {
        Self::with(frames, Vec::new(), 1, 2_048).await
    }

    /// With a camera that takes two captures at once.
    pub(crate) async fn for_two() -> Self {
        Self::with(Frames::Driven, Vec::new(), 2, 4_096).await
    }

    /// With a camera whose pages may not reach these ports.
    pub(crate) async fn with_closed(ports: Vec<u16>) -> Self {
        Self::with(Frames::Driven, ports, 1, 2_048).await
    }

    /// With a camera that has this much memory.
    pub(crate) async fn with_memory(memory_mib: u32) -> Self {
        Self::with(Frames::Driven, Vec::new(), 1, memory_mib).await
    }

    /// With a camera whose Chromium is another program.
    pub(crate) async fn with_program(path: PathBuf) -> Self {
        Self::from(ChromiumConfig { path, ..config() }, Frames::Driven).await
    }

    async fn with(frames: Frames, closed_ports: Vec<u16>, at_once: usize, memory_mib: u32) -> Self {
        let config = ChromiumConfig {
            reach: Reach::with_loopback_except(closed_ports),
            memory_mib,
            at_once: NonZeroUsize::new(at_once).unwrap(),
            ..config()
        };
        Self::from(config, frames).await
    }

    async fn from(config: ChromiumConfig, frames: Frames) -> Self {
        Self {
            site: Site::start().await,
            camera: ChromiumCamera::start_with(config, frames).await.unwrap(),
        }
    }

    /// The process id of the camera's first browser.
    pub(crate) fn browser(&self) -> Option<u32> {
        self.camera.process_ids().first().copied()
    }

    /// The TCP ports on which the camera's browsers listen.
    pub(crate) fn listening_ports(&self) -> Vec<String> {
        let inodes: HashSet<_> =
            self.camera.process_ids().into_iter().flat_map(sockets_of).collect();
        let listening = |table: &str| {
            let table = std::fs::read_to_string(table).unwrap();
            let lines = table.lines().skip(1).map(|line| line.split_whitespace().collect());
            lines
                .filter(|fields: &Vec<_>| fields[3] == "0A" && inodes.contains(fields[9]))
                .map(|fields| fields[1].to_owned())
                .collect::<Vec<_>>()
        };
        ["/proc/net/tcp", "/proc/net/tcp6"].map(listening).concat()
    }

    /// The specification of a plain capture of one of the host's pages.
    pub(crate) fn spec(&self, path: &str) -> CaptureSpec {
        spec(Source::Url(target(&self.site.url(path))))
    }

    pub(crate) async fn take(&self, spec: &CaptureSpec) -> Result<Photo, Failure> {
        self.take_within(spec, AMPLE).await
    }

    pub(crate) async fn take_within(
        &self,
        spec: &CaptureSpec,
        budget: Duration,
    ) -> Result<Photo, Failure> {
        let picture = self.camera.capture(spec, budget).await?;
        Ok(Photo(picture.content.collect().await?))
    }
}

pub(crate) fn target(url: &str) -> TargetUrl {
    TargetUrl::parse(url, &Reach::with_loopback_except(Vec::new())).unwrap()
}

/// A plain capture: 1280 by 800 pixels, PNG.
pub(crate) fn spec(source: Source) -> CaptureSpec {
    CaptureSpec::plain(source, PNG, Viewport::desktop(1280, 800))
}

/// A page as it is usually drawn.
pub(crate) const PNG: Output = Output::image(Encoding::Png(Effort::Fast));

/// A capture of a document that stands at the origin.
pub(crate) fn document(body: &str) -> CaptureSpec {
    let html = format!("<!doctype html><meta charset=utf-8><style>body{{margin:0}}</style>{body}");
    spec(Source::Html(html))
}

/// One element that matches.
pub(crate) fn wait_for(selector: &str) -> Option<SelectorWait> {
    Some(SelectorWait { selector: selector.to_owned(), enough: Enough::One })
}

/// The whole height of a page, after a scroll through it.
pub(crate) fn full_page() -> Framing {
    Framing {
        area: Area::FullPage(FullPage::default()),
        reveal: Some(Reveal::default()),
        beyond_viewport: true,
        element: None,
    }
}

/// A camera's usual configuration, which reaches this machine.
pub(crate) fn config() -> ChromiumConfig {
    ChromiumConfig {
        path: chromium(),
        reach: Reach::with_loopback_except(Vec::new()),
        memory_mib: 2_048,
        at_once: NonZeroUsize::MIN,
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no config.rs")]
pub(crate) fn chromium() -> PathBuf {
    let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../build/layer/opt/chromium/chromium");
    let path = std::env::var("CHROMIUM_PATH").unwrap_or_else(|_unset| built.to_owned());
    assert!(
        PathBuf::from(&path).exists(),
        "no Chromium at {path}: run `make layer`, or set CHROMIUM_PATH to a headless shell"
    );
    path.into()
}

/// The inodes of a process's sockets.
fn sockets_of(process: u32) -> HashSet<String> {
    std::fs::read_dir(format!("/proc/{process}/fd"))
        .unwrap()
        .filter_map(|fd| std::fs::read_link(fd.ok()?.path()).ok())
        .filter_map(|link| {
            let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned();
            Some(inode)
        })
        .collect()
}

/// A decoded PNG.
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
    bytes: Vec<u8>,
    channels: usize,
}

impl Pixels {
    pub(crate) fn read(file: &[u8]) -> Self {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        Self { width: info.width, height: info.height, bytes, channels: info.color_type.samples() }
    }

    /// The colour at this place, as `rrggbb`.
    pub(crate) fn at(&self, x: u32, y: u32) -> String {
        let start = (y * self.width + x) as usize * self.channels;
        hex(&self.bytes[start..start + 3])
    }

    /// The colours of the corner that is this large, row by row.
    pub(crate) fn corner(&self, width: u32, height: u32) -> Vec<String> {
        (0..height).flat_map(|y| (0..width).map(move |x| self.at(x, y))).collect()
    }
}

impl Pixels {
    /// The opacity at this place.
    pub(crate) fn opacity(&self, x: u32, y: u32) -> u8 {
        let start = (y * self.width + x) as usize * self.channels;
        if self.channels == 4 { self.bytes[start + 3] } else { u8::MAX }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
