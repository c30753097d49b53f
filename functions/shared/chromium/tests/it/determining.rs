//! The same bytes twice, where that is asked for.

use darkroom_core::capture::{CaptureSpec, Determinism, Output, Print, Source, Tagging};
use darkroom_core::port::{Camera, Content};

use crate::site::html;
use crate::studio::{AMPLE, Pixels, Studio, spec};

/// All of what differs from one time to the next.
pub(crate) const RESTLESS: &str = "<style>@keyframes go { to { background: #0000ff } }
    .go { height: 40px; animation: go 3s infinite } .slow { transition: opacity 9s }</style>
    <pre id=said></pre><pre id=count></pre><pre id=slid></pre><pre id=idle></pre>
    <div class=go></div><p class=slow id=slow>fades</p><canvas id=noise width=99 height=99></canvas>
    <script>
      const say = (...what) => said.append(what.join(' ') + '\\n');
      say(Date(), new Date(), Date.now(), new (class extends Date {})().getTime());
      say(new Intl.DateTimeFormat('en', { timeStyle: 'medium' }).format());
      say(performance.now(), performance.timeOrigin, new Event('x').timeStamp);
      if (globalThis.Temporal) say(Temporal.Now.instant(), Temporal.Now.zonedDateTimeISO());
      say(Math.random(), crypto.getRandomValues(new Uint16Array(4)), crypto.randomUUID?.());
      const pen = noise.getContext('2d');
      for (let x = 0; x < 99; x++) for (let y = 0; y < 99; y++) {
        pen.fillStyle = `hsl(${Math.random() * 360} 90% 50%)`;
        pen.fillRect(x, y, 1, 1);
      }
      let frames = 0;
      const tick = (time) => {
        count.textContent = `${++frames} ${time} ${performance.now()} ${Date.now()}`;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
      (async () => {
        for (let step = 1; ; step++) {
          const time = await new Promise(requestAnimationFrame);
          slid.textContent = step + ' ' + time + ' ' + performance.now();
        }
      })();
      requestIdleCallback((deadline) => { idle.textContent = deadline.timeRemaining() });
      addEventListener('load', (event) => { say(event.timeStamp); slow.style.opacity = 0 });
    </script>";

async fn still(studio: &Studio, mut spec: CaptureSpec) -> Vec<u8> {
    spec.emulation.determinism = Determinism::On;
    studio.take(&spec).await.unwrap().to_vec()
}

fn printed(spec: CaptureSpec) -> CaptureSpec {
    let print = Print { tagging: Tagging::Yes, ..Print::default() };
    CaptureSpec { output: Output::Pdf(Box::new(print)), ..spec }
}

#[tokio::test]
async fn a_picture_is_the_same_each_time_and_in_each_browser() {
    let studio = Studio::open().await;
    let other = Studio::open().await;
    let elsewhere = |of: &Studio| of.site.url("/restless").replace("127.0.0.1", "localhost");
    for make in [
        (|of, elsewhere| of.spec(&format!("/frame?{elsewhere}")))
            as fn(&Studio, &str) -> CaptureSpec,
        |of, _| of.spec("/restless"),
        |_, elsewhere| {
            let inside = RESTLESS.replace('"', "&quot;");
            let frames = format!("<iframe srcdoc=\"{inside}\"></iframe><iframe src='{elsewhere}'>");
            spec(Source::Html(format!("{RESTLESS}{frames}")))
        },
    ] {
        for output in [|it| it, printed] {
            let take = async |of: &Studio| still(of, output(make(of, &elsewhere(of)))).await;
            let first = take(&studio).await;
            assert!(first == take(&studio).await, "another time");
            assert!(first == take(&other).await, "another browser");
        }
    }
    let spec = studio.spec("/restless");
    let [first, second] =
        [studio.take(&spec).await, studio.take(&spec).await].map(|photo| photo.unwrap().to_vec());
    assert_ne!(first, second, "where it isn't asked for");
}

#[tokio::test]
async fn a_loop_of_frames_takes_a_second_by_the_pages_clock() {
    let studio = Studio::open().await;
    let body = "<body><script>let frames = 0; const began = performance.now(), day = Date.now();\
        const step = (time) => { frames++; const took = time - began;\
        if (frames === 60 && took === 1000 && performance.now() === 1000 && Date.now() === day + 1000\
        && new Date(day).toISOString() === '2025-01-01T12:00:00.000Z')\
        document.body.style.background = '#00ff00';\
        if (frames > 60) document.body.style.background = '#ff0000';\
        requestAnimationFrame(step) }; requestAnimationFrame(step);\
        requestAnimationFrame(() => { throw new Error('stops nobody') });\
        const not = requestAnimationFrame(() => document.body.remove()); cancelAnimationFrame(not)</script>";
    for spec in [studio.spec(&html(body)), spec(Source::Html(body.to_owned()))] {
        let pixels = Pixels::read(&still(&studio, spec).await);
        assert_eq!(pixels.at(600, 400), "00ff00");
    }
}

#[tokio::test]
async fn neither_a_frame_nor_a_size_comes_before_the_page_is_loaded() {
    let studio = Studio::open().await;
    // Real frames come while the second script is on its way.
    let body = "<body><p id=box>1</p><script>const states = [];\
        const note = () => { states.push(document.readyState + box.textContent);\
        if (states.join() === 'complete2,complete2') document.body.style.background = '#00ff00' };\
        requestAnimationFrame(note); new ResizeObserver(note).observe(box);\
        const not = new ResizeObserver(() => document.body.remove());\
        not.observe(box); not.unobserve(box); not.observe(box); not.disconnect();\
        onload = () => box.textContent = 2</script><script src=/slow-more></script>";
    let pixels = Pixels::read(&still(&studio, studio.spec(&html(body))).await);
    assert_eq!(pixels.at(600, 400), "00ff00");
}

/// A page whose PDF is passed on in pieces.
const NOISE: &str = "<!doctype html><canvas width=1500 height=1500></canvas><script>\
    const context = document.querySelector('canvas').getContext('2d');\
    const image = context.createImageData(1500, 1500);\
    for (let i = 0; i < image.data.length; i++) image.data[i] = Math.random() * 256 | (i % 4 === 3 ? 255 : 0);\
    context.putImageData(image, 0, 0)</script>";

#[tokio::test]
async fn a_pdf_that_is_read_in_pieces_is_the_same_too() {
    let studio = Studio::open().await;
    let mut noise = printed(spec(Source::Html(NOISE.to_owned())));
    noise.emulation.determinism = Determinism::On;
    let mut files = Vec::new();
    for _ in 0..2 {
        let picture = studio.camera.capture(&noise, AMPLE).await.unwrap();
        assert!(matches!(picture.content, Content::Stream(_)));
        files.push(picture.content.collect().await.unwrap());
    }
    let [first, second] = files.try_into().unwrap();
    assert!(first == second);
    let text: String = first.iter().take(1 << 20).map(|&byte| char::from(byte)).collect();
    assert_eq!(text.matches("(D:20250101120000").count(), 2);
}
