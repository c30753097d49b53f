//! What is told of how a page came: an HTTP Archive, its console, and a waterfall.

use darkroom_core::capture::{CaptureSpec, Record};
use darkroom_core::port::Camera;
use serde_json::Value;

use crate::site::html;
use crate::studio::{AMPLE, Studio};

const ALL: [Record; 3] = [Record::Har, Record::Console, Record::Waterfall];

/// The records of a capture.
struct Records {
    har: Value,
    console: Value,
    waterfall: String,
}

async fn record(studio: &Studio, spec: &CaptureSpec) -> Records {
    let mut spec = spec.clone();
    spec.inquiry.records = ALL.into();
    let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
    let mut files = picture.extras.into_iter().map(|extra| extra.content);
    let mut next = || String::from_utf8(files.next().unwrap().to_vec()).unwrap();
    let (har, console) = (next(), next());
    Records {
        har: serde_json::from_str(&har).unwrap(),
        console: serde_json::from_str(&console).unwrap(),
        waterfall: next(),
    }
}

#[tokio::test]
async fn explore() {
    let studio = Studio::open().await;
    let local = studio.site.url("/image?/red.png").replace("127.0.0.1", "localhost");
    let body = format!(
        "<title>Kiosk</title><img src=/red.png onload=\"let i = new Image(); i.src = '/red.png'; document.body.append(i)\">\
      <script>console.log('%s is %d', 'a', 2.5, {{a:1, b:[1,2], c:'x'}}, [1,'b'], new Map([['k',1]]), null, undefined, document.body, ()=>1); console.warn('w'); console.error(new Error('x'));console.assert(1==2, 'no'); console.table([1]); console.group('g'); console.groupEnd(); console.count('c'); console.debug('d'); console.info(1n, -0, NaN, 1e21, Symbol('s'));\
      console.log(); fetch('/headers?x', {{method:'POST', body:'a=1&b=ü', headers:{{'content-type':'text/plain'}}}}); fetch('/redirect?/pink'); fetch('/missing'); new Worker('data:,console.log(1)'); fetch('data:,x');Promise.reject(7); \
      throw new TypeError('boom')</script><img src=/slow-image><style>body{{background:url(/red.png)}}</style><script>fetch('/red.png',{{cache:'force-cache'}})</script><iframe src='{local}'></iframe>"
    );
    let mut spec = studio.spec(&format!("/redirect?{}", html(&body)));
    spec.request.headers = vec![darkroom_core::capture::Header {
        name: "X-Own".into(),
        value: darkroom_core::secret::SecretText::new("v".into()),
    }];
    let records = record(&studio, &spec).await;
    std::fs::create_dir_all("/tmp/records-samples").unwrap();
    std::fs::write(
        "/tmp/records-samples/explore.har",
        serde_json::to_string_pretty(&records.har).unwrap(),
    )
    .unwrap();
    std::fs::write(
        "/tmp/records-samples/explore.console.json",
        serde_json::to_string_pretty(&records.console).unwrap(),
    )
    .unwrap();
    std::fs::write("/tmp/records-samples/explore.svg", &records.waterfall).unwrap();
}
