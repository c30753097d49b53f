//! What the page's host is sent.

use super::{Row, option};

pub(crate) const ROWS: &[Row] = &[
    option("user_agent=Odd/1.0").turns(
        |it| it.header("User-Agent").split(' ').next().unwrap().to_owned(),
        "Mozilla/5.0",
        "Odd/1.0",
    ),
    option("authorization=Basic bWU6aXQ=").turns(
        |it| it.header("Authorization"),
        "",
        "Basic bWU6aXQ=",
    ),
    option("headers=X-Name: value").turns(|it| it.header("X-Name"), "", "value"),
    option("cookies=name=value").turns(|it| it.header("Cookie"), "", "name=value"),
    option("cookies[]=name=value; HttpOnly")
        .with(&["cookies[]=open=yes"])
        .on("<script>tell(document.cookie)</script>")
        .turns(
            |it| format!("{} / {}", it.header("Cookie"), it.told()),
            "open=yes / open=yes",
            "name=value; open=yes / open=yes",
        ),
];
