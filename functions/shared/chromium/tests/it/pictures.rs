//! What comes out.

use darkroom_core::capture::Source;

use crate::studio::{Pixels, Studio, spec};

#[tokio::test]
async fn html_is_drawn() {
    let studio = Studio::open().await;
    let html = "<style>body{margin:0;background:#00ff00}</style><h1>Hello</h1>";
    let t = std::time::Instant::now();
    let file = studio.take(&spec(Source::Html(html.to_owned()))).await.unwrap();
    println!("{:?}", t.elapsed());
    std::fs::write("/tmp/first.png", &file).unwrap();
    let pixels = Pixels::read(&file);
    assert_eq!((pixels.width, pixels.height), (1280, 800));
    assert_eq!(pixels.at(1000, 700), "00ff00");
}
