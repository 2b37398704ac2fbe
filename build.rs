//! Link settings of the native library.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Java unloads a library together with its class loader. Ours must stay mapped: a runtime thread that is just
    // ending would return into unmapped code.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
