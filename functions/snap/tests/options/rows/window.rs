//! The window, and the device that it is of.

use crate::taken::Taken;

use super::{Row, colour, option, size, told};

const TELLS_WINDOW: &str = "<meta name=viewport content=width=device-width>\
    <script>tell(innerWidth, innerHeight, devicePixelRatio, navigator.maxTouchPoints)</script>";

pub(crate) const ROWS: &[Row] = &[
    option("viewport_device=iphone_13").on(TELLS_WINDOW).turns(size, "1280x1024", "1170x1992"),
    option("viewport_device=iphone_13").on(TELLS_WINDOW).turns(
        told,
        "1280 1024 1 0",
        "390 664 3 5",
    ),
    option("viewport_device=iphone_13").turns(names_itself_iphone, "false", "true"),
    option("viewport_width=300").turns(size, "1280x100", "300x100"),
    option("viewport_height=300").turns(size, "200x1024", "200x300"),
    option("device_scale_factor=2").turns(size, "200x100", "400x200"),
    option("device_scale_factor=2")
        .on("<style>@media (resolution: 2dppx) { body { background: lime } }</style>")
        .turns(colour, "white", "lime"),
    // Its page is laid out 400 px wide, and shown half as large.
    option("viewport_mobile=true")
        .on("<meta name=viewport content=width=400>\
             <p style='width:200px;height:99px;background:lime'>")
        .turns(|it| it.colours(&[(90, 10), (110, 10)]), "lime lime", "lime white"),
    option("viewport_has_touch=true")
        .on("<style>@media (pointer: coarse) { body { background: lime } }</style>")
        .turns(colour, "white", "lime"),
    option("viewport_has_touch=true")
        .on("<script>tell('ontouchstart' in window, navigator.maxTouchPoints)</script>")
        .turns(told, "false 0", "true 5"),
    option("viewport_landscape=true")
        .with(&["viewport_height=300"])
        .on("<style>@media (orientation: landscape) { body { background: lime } }</style>")
        .turns(|it| format!("{} {}", size(it), colour(it)), "200x300 white", "300x200 lime"),
    option("viewport_landscape=true")
        .with(&["viewport_device=iphone_13"])
        .on("<script>tell(screen.orientation.type, screen.width)</script>")
        .turns(told, "portrait-primary 390", "landscape-primary 664"),
];

fn names_itself_iphone(it: &Taken) -> String {
    it.header("User-Agent").contains("(iPhone; CPU iPhone OS").to_string()
}
