//! A Routewright of one's own: the standard vocabulary and two more node types, with every command.

mod loyalty;
mod passphrase;

use std::process::ExitCode;

use routewright_engine::node::Registry;

fn registry() -> Registry {
    routewright_nodes::standard().add::<loyalty::Loyalty>().add::<passphrase::Passphrase>()
}

fn main() -> ExitCode {
    routewright::main_with(registry())
}

#[cfg(test)]
mod tests {
    use routewright_nodes::conformance::check;

    #[test]
    fn both_types_conform() {
        let found = [check::<super::loyalty::Loyalty>(), check::<super::passphrase::Passphrase>()].concat();
        assert!(found.is_empty(), "{found:#?}");
    }
}
