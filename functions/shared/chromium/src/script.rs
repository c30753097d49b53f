//! Scripts that run in pages are the files beside, in `script/`. Some need what
//! another file defines.

use std::time::Duration;

use serde_json::Value;

/// The function of `$file`, which may use what `$definitions` define.
macro_rules! script {
    ($($definitions:literal),+ => $file:literal) => {
        concat!(
            "function (...values) {\n",
            $(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/script/", $definitions)),)+
            "return (",
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/script/", $file)),
            ")(...values);\n}"
        )
    };
}
pub(crate) use script;

/// A span as scripts are told it.
pub(crate) fn millis(span: Duration) -> Value {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX).into()
}
