//! One capture, command by command.

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::Kind;
use crate::devtools::{Answer, DevTools, answer};

/// Makes every lazy image load, and waits until it can be painted.
const IMAGES: &str = "Promise.allSettled([...document.images].map(it => { it.loading = 'eager'; return it.decode(); }))";

/// Where pages are opened and captured.
#[derive(Clone, Debug)]
pub(crate) struct Studio {
    devtools: DevTools,
    kind: Kind,
    begin_frame: bool,
    /// Chromium dies when the frames of two pages overlap.
    turn: Arc<Mutex<()>>,
}

/// A page in a context of its own.
#[derive(Debug)]
pub(crate) struct Page {
    context: String,
    session: String,
}

impl Studio {
    pub(crate) fn new(devtools: DevTools, kind: Kind, begin_frame: bool) -> Self {
        Self { devtools, kind, begin_frame, turn: Arc::default() }
    }

    pub(crate) fn open(&self) -> Result<Page> {
        let call = |method, params| self.devtools.call(None, method, &params);
        let context = call("Target.createBrowserContext", json!({"disposeOnDetach": true}))?;
        let context = context.browser_context_id;
        let target = json!({
            "url": "about:blank", "browserContextId": context, "width": 1280, "height": 800,
            "enableBeginFrameControl": self.begin_frame,
        });
        let target = call("Target.createTarget", target)?.target_id;
        let attach = json!({"targetId": target, "flatten": true});
        let session = call("Target.attachToTarget", attach)?.session_id;
        let window = json!({"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": false});
        let set_up = [
            self.devtools.post(Some(&session), "Page.enable", &json!({}))?,
            self.devtools.post(Some(&session), "Emulation.setDeviceMetricsOverride", &window)?,
        ];
        for reply in set_up {
            answer(&reply)?;
        }
        Ok(Page { context, session })
    }

    pub(crate) fn capture(&self, page: &Page, url: &str) -> Result<Vec<u8>> {
        let loads = self.devtools.loads(&page.session);
        let navigated = self.call(page, "Page.navigate", &json!({"url": url}))?;
        if let Some(text) = navigated.error_text {
            bail!(text);
        }
        self.wait(page, &loads)?;
        let picture = match self.kind {
            Kind::Png if self.begin_frame => self.frame_with_picture(page)?,
            Kind::Png => self.screenshot(page, Value::Null)?,
            Kind::Full | Kind::FullWithImages => self.full_page(page)?,
            Kind::Pdf => {
                let params = json!({"printBackground": true, "generateTaggedPDF": false});
                self.alongside(page, "Page.printToPDF", &params)?.data
            }
        };
        self.devtools.forget(&page.session);
        Ok(STANDARD.decode(picture)?)
    }

    pub(crate) fn dispose(&self, page: &Page) -> Result<()> {
        let context = json!({"browserContextId": page.context});
        self.devtools.call(None, "Target.disposeBrowserContext", &context).map(|_disposed| ())
    }

    pub(crate) fn dispose_later(&self, page: &Page) {
        let context = json!({"browserContextId": page.context});
        // If Chromium has ended, the next capture tells.
        let _ended = self.devtools.post(None, "Target.disposeBrowserContext", &context);
    }

    /// Waits for the load event; a page that is driven needs frames meanwhile.
    fn wait(&self, page: &Page, loads: &mpsc::Receiver<()>) -> Result<()> {
        if !self.begin_frame {
            return Ok(loads.recv()?);
        }
        while loads.recv_timeout(Duration::from_millis(16)).is_err() {
            // A page between two documents refuses a frame.
            let _refused = self.frame(page, &json!({"noDisplayUpdates": true}));
        }
        Ok(())
    }

    fn full_page(&self, page: &Page) -> Result<String> {
        if self.kind == Kind::FullWithImages {
            let images = json!({"expression": IMAGES, "awaitPromise": true});
            self.alongside(page, "Runtime.evaluate", &images)?;
        }
        let size = self.call(page, "Page.getLayoutMetrics", &json!({}))?.css_content_size;
        let clip = json!({"x": 0, "y": 0, "width": size.width, "height": size.height, "scale": 1});
        self.screenshot(page, clip)
    }

    fn screenshot(&self, page: &Page, clip: Value) -> Result<String> {
        let mut params = json!({"format": "png", "optimizeForSpeed": true});
        if let (Value::Object(clip), Some(params)) = (clip, params.as_object_mut()) {
            params.insert("captureBeyondViewport".to_owned(), true.into());
            params.insert("clip".to_owned(), clip.into());
        }
        Ok(self.alongside(page, "Page.captureScreenshot", &params)?.data)
    }

    /// A command that ends only while frames are drawn.
    fn alongside(&self, page: &Page, method: &str, params: &Value) -> Result<Answer> {
        let reply = self.devtools.post(Some(&page.session), method, params)?;
        if !self.begin_frame {
            return answer(&reply);
        }
        loop {
            let _refused = self.frame(page, &json!({}));
            match reply.recv_timeout(Duration::from_millis(2)) {
                Ok(answered) => return answered.map_err(|refusal| anyhow::anyhow!(refusal)),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => bail!("Chromium has ended"),
            }
        }
    }

    /// The first one or two frames may have no picture.
    fn frame_with_picture(&self, page: &Page) -> Result<String> {
        let params = json!({"screenshot": {"format": "png", "optimizeForSpeed": true}});
        for _ in 0..20 {
            if let Some(picture) = self.frame(page, &params)?.screenshot_data {
                return Ok(picture);
            }
        }
        bail!("no frame has a picture")
    }

    fn frame(&self, page: &Page, params: &Value) -> Result<Answer> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.call(page, "HeadlessExperimental.beginFrame", params)
    }

    fn call(&self, page: &Page, method: &str, params: &Value) -> Result<Answer> {
        self.devtools.call(Some(&page.session), method, params)
    }
}
