//! Ends a build without nasm, in which the encoder of H.264 would have no assembly: it would
//! take ten times as long, and nobody would be told.

fn main() {
    println!("cargo::rerun-if-env-changed=PATH");
    #[expect(clippy::disallowed_methods, reason = "a build has no other way to ask")]
    let nasm = std::process::Command::new("nasm").arg("-v").output();
    if nasm.is_err() {
        println!("cargo::error=nasm isn't installed: apt-get install nasm, or make build");
    }
}
