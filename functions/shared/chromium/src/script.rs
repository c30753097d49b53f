//! Scripts that run in pages are the files beside, in `script/`. Some need what
//! another file defines.

/// The function of `$file`, which may use what `$definitions` defines.
macro_rules! script {
    ($definitions:literal, $file:literal) => {
        concat!(
            "function (...values) {\n",
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/script/", $definitions)),
            "return (",
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/script/", $file)),
            ")(...values);\n}"
        )
    };
}
pub(crate) use script;
