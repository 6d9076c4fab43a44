//! The same computation on this machine: prints the hash.

fn main() -> chainrule::Result<()> {
    println!("{:016x}", chainrule_wasm::train_and_classify()?);
    Ok(())
}
