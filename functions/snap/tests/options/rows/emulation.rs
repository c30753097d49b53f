//! What the page is told of its reader.

use super::{Row, colour, option, told};

const DARK: &str =
    "<style>@media (prefers-color-scheme: dark) { body { background: black } }</style>";

const PRINT: &str = "<style>p { height: 50px; background: red }\
    @media print { p { background: lime } }</style><p>";

const TELLS_PLACE: &str = "<body><script>navigator.geolocation.getCurrentPosition(({ coords }) => {\
    tell(coords.latitude, coords.longitude, coords.accuracy).onerror = () => {\
    document.body.id = 'there' } })</script>";

pub(crate) const ROWS: &[Row] = &[
    option("dark_mode=true").on(DARK).turns(colour, "white", "black"),
    option("dark_mode=false").instead_of("dark_mode=true").on(DARK).turns(colour, "black", "white"),
    option("reduced_motion=true")
        .on("<style>@media (prefers-reduced-motion) { body { background: lime } }</style>")
        .turns(colour, "white", "lime"),
    option("media_type=print").on(PRINT).turns(colour, "red", "lime"),
    option("media_type=screen").with(&["format=pdf"]).on(PRINT).turns(
        |it| it.sheets()[0].boxes[0].colour.clone(),
        "lime",
        "red",
    ),
    option("time_zone=Asia/Tokyo")
        .on("<script>const { timeZone } = Intl.DateTimeFormat().resolvedOptions();\
             tell(timeZone, new Date(0).getHours())</script>")
        .turns(told, "UTC 0", "Asia/Tokyo 9"),
    option("locale=de-DE").turns(
        |it| it.header("Accept-Language"),
        "en-US,en;q=0.9",
        "de-DE,de;q=0.9",
    ),
    option("locale=de-DE")
        .on("<script>tell(navigator.language, (1234.5).toLocaleString())</script>")
        .turns(told, "en-US 1,234.5", "de-DE 1.234,5"),
    option("geolocation_latitude=52.5")
        .instead_of("geolocation_latitude=-1")
        .with(&["geolocation_longitude=13.25", "wait_for_selector=#there"])
        .on(TELLS_PLACE)
        .turns(told, "-1 13.25 1", "52.5 13.25 1"),
    option("geolocation_longitude=-13.25")
        .instead_of("geolocation_longitude=1")
        .with(&["geolocation_latitude=52.5", "wait_for_selector=#there"])
        .on(TELLS_PLACE)
        .turns(told, "52.5 1 1", "52.5 -13.25 1"),
    option("geolocation_accuracy=10")
        .with(&["geolocation_latitude=5", "geolocation_longitude=5", "wait_for_selector=#there"])
        .on(TELLS_PLACE)
        .turns(told, "5 5 1", "5 5 10"),
    option("javascript=false")
        .on("<body bgcolor=red><script>document.body.bgColor = 'lime'</script>")
        .turns(colour, "lime", "red"),
    option("bypass_csp=true")
        .on("<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\">\
             <body bgcolor=red><script>document.body.bgColor = 'lime'</script>")
        .turns(colour, "red", "lime"),
    option("animations=finish")
        .on("<style>@keyframes go { from { background: red } to { background: lime } }\
             body { animation: go 100s steps(2) forwards }</style>")
        .turns(colour, "red", "lime"),
    option("animations=finish")
        .on("<style>input { all: unset; position: absolute; font-size: 80px }\
             input { caret-color: red }</style><input autofocus>")
        .turns(|it| it.pixels().has("red").to_string(), "true", "false"),
    option("deterministic=true")
        .on("<script>const day = new Date().toISOString();\
             tell(day === '2025-01-01T12:00:00.000Z', Math.random() === Math.random())</script>")
        .turns(told, "false false", "true false"),
];
