//! The help texts in French. The English ones are the doc comments of the arguments; a test holds the two lists
//! together, so that no command speaks only one language.

use clap::Command;

/// Help of commands and arguments: the path of commands, the argument when it is of one, the text.
const TEXTS: &[(&str, &str, &str)] = &[
    ("", "", "Scénarios de routage pour centres de contact : les rédiger, les prouver, les exécuter"),
    ("", "lang", "Langue d’affichage ; celle de l’environnement par défaut"),
    ("", "format", "Forme de l’affichage"),
    ("serve", "", "Lancer le serveur"),
    ("serve", "path", "Répertoire du magasin"),
    ("serve", "listen", "Adresse d’écoute"),
    (
        "serve",
        "call_private",
        "Laisser les scénarios appeler aussi les adresses de cette machine et des réseaux privés",
    ),
    (
        "serve",
        "journal_keep",
        "Durée de conservation du journal, par exemple 90d ; sans limite par défaut. Au moins 7d",
    ),
    (
        "serve",
        "secret_keys",
        "Fichier des clés sous lesquelles les secrets sont conservés, une par ligne de 64 chiffres hexadécimaux ; la première scelle, toutes ouvrent. Sans lui, les secrets sont conservés tels quels",
    ),
    ("serve", "demo", "Remplir une organisation « demo » avec un centre de contact bilingue"),
    ("check", "", "Trouver tout ce qui ne va pas dans des scénarios"),
    ("check", "files", "Fichiers à vérifier"),
    ("check", "catalogue", "Fichier JSON des noms existants, par genre ; sans lui, tout nom est admis"),
    (
        "check",
        "manifests",
        "Manifeste d’un type de nœud que les scénarios utilisent, ou dossier de manifestes (*.json) ; peut être répété",
    ),
    ("test", "", "Jouer les tests contenus dans des scénarios, sous une horloge virtuelle"),
    ("test", "files", "Fichiers à jouer ; chacun peut appeler les autres"),
    ("test", "verbose", "Afficher aussi le déroulé des tests réussis"),
    ("test", "coverage", "Afficher ce que couvrent les tests de chaque fichier, et ce qu’ils ne couvrent pas"),
    ("test", "min_coverage", "Échouer si les tests d’un fichier couvrent moins de ses nœuds, sorties et cas"),
    ("test", "junit", "Écrire aussi le résultat en XML JUnit"),
    ("test", "update", "Écrire dans les fichiers ce qui s’est passé, comme attentes des tests"),
    (
        "test",
        "manifests",
        "Manifeste d’un type de nœud que les scénarios utilisent, ou dossier de manifestes (*.json) ; peut être répété",
    ),
    ("record", "", "Faire un test d’une conversation enregistrée"),
    ("record", "interaction", "L’interaction"),
    ("record", "tenant", "L’organisation à laquelle elle appartient"),
    ("record", "name", "Comment appeler le test"),
    ("record", "into", "Le scénario auquel ajouter le test ; la sortie standard par défaut"),
    ("record", "path", "Répertoire du magasin"),
    ("fmt", "", "Écrire des scénarios sous leur forme canonique"),
    ("fmt", "files", "Fichiers à mettre en forme"),
    ("fmt", "check", "Ne rien écrire ; sortir avec 1 si un fichier n’est pas en forme"),
    ("diff", "", "Dire ce qui a changé entre deux scénarios"),
    ("diff", "old", "Le document d’avant"),
    ("diff", "new", "Le document d’après"),
    ("merge", "", "Réunir deux travaux menés sur un même scénario ; sert aussi de pilote de fusion à git"),
    ("merge", "base", "Le document dont les deux côtés sont partis ; `%O` de git"),
    ("merge", "ours", "Notre côté, gardé en cas de conflit ; `%A` de git"),
    ("merge", "theirs", "L’autre côté ; `%B` de git"),
    ("merge", "output", "Où écrire le document réuni ; la sortie standard par défaut"),
    ("node", "", "Juger et installer des types de nœuds à soi"),
    (
        "node check",
        "",
        "Juger des manifestes de types de nœuds par la suite de conformité, avec les tests qu’ils portent",
    ),
    ("node check", "files", "Manifestes à juger"),
    ("node install", "", "Juger un manifeste et l’installer sur un serveur en marche, ou l’y remplacer"),
    ("node install", "file", "Le manifeste"),
    ("node install", "url", "Adresse du serveur"),
    ("node install", "key", "Une clé d’administrateur"),
    (
        "node retire",
        "",
        "Retirer un type d’un serveur en marche : rien de nouveau ne peut l’utiliser, et ce qui est publié le garde",
    ),
    ("node retire", "kind", "Le type"),
    ("node retire", "remove", "Le supprimer pour de bon ; refusé tant qu’un brouillon ou une version l’utilise"),
    ("node retire", "url", "Adresse du serveur"),
    ("node retire", "key", "Une clé d’administrateur"),
    (
        "import",
        "",
        "Faire des scénarios d’un autre système des documents, avec un rapport de ce qui est gardé et perdu",
    ),
    ("import", "from", "Le système qui a exporté les fichiers"),
    ("import", "files", "Des exports de ce système ; ils peuvent appeler les scénarios les uns des autres"),
    (
        "import",
        "out",
        "Répertoire où écrire les documents, `report.json` et `bindings.json` ; sans lui, seul le rapport s’affiche",
    ),
    ("import", "bindings", "Le `bindings.json` d’un import précédent, rempli"),
    ("demo", "", "Jouer un contact et un agent contre un serveur en marche"),
    ("demo", "url", "Adresse du serveur"),
    ("demo", "key", "Clé d’administrateur de l’organisation « demo »"),
    ("calendar", "", "Comparer des horaires, et lire des dates de fermeture dans des fichiers iCalendar"),
    ("calendar diff", "", "Dire quels instants changent d’une version à l’autre ; sort avec 1 s’il y en a"),
    ("calendar diff", "old", "Les horaires d’avant"),
    ("calendar diff", "new", "Les horaires d’après"),
    ("calendar diff", "from", "Premier instant comparé, RFC 3339"),
    ("calendar diff", "to", "Dernier instant comparé, RFC 3339"),
    ("calendar diff", "old_zone", "Règles du fuseau d’avant, en JSON ; celles de cette machine par défaut"),
    ("calendar diff", "new_zone", "Règles du fuseau d’après, en JSON ; celles de cette machine par défaut"),
    ("calendar diff", "due", "Échéance à comparer : un début RFC 3339, « + », une durée ouvrée (…Z+4h)"),
    ("calendar import", "", "Lire les dates de fermeture d’un fichier iCalendar"),
    ("calendar import", "file", "Le fichier .ics"),
    ("calendar import", "into", "Horaires auxquels les ajouter ; sans eux, seules les dates sont affichées"),
    ("key", "", "Créer une clé d’API dans le répertoire d’un serveur arrêté"),
    ("key new", "", "Créer une clé ; elle n’est affichée qu’une fois"),
    ("key new", "role", "Ce que la clé permet"),
    ("key new", "tenant", "L’organisation à laquelle elle appartient"),
    ("key new", "agent", "L’agent d’une clé d’agent"),
    ("key new", "touchpoint", "Le point de contact d’une clé de point de contact"),
    ("key new", "title", "Comment l’appeler"),
    ("key new", "path", "Répertoire du magasin"),
    ("backup", "", "Copier le magasin dans un fichier, que le serveur tourne ou non"),
    ("backup", "to", "Le fichier à écrire"),
    ("backup", "path", "Répertoire du magasin"),
    ("verify", "", "Juger le cœur de capacité par la théorie des files d’attente"),
    (
        "verify",
        "model",
        "Un seul modèle au lieu des tableaux : erlang-c, erlang-a, erlang-b, timer, bounded, priorities, ageing, units, chats, skills, silence, first-response, preferred-agent",
    ),
    ("verify", "servers", "Agents ; unités de charge de la réserve pour « units »"),
    (
        "verify",
        "arrivals",
        "Arrivées par unité de temps, de chaque sorte de contacts là où un modèle en a plusieurs ; messages pour « silence »",
    ),
    (
        "verify",
        "service",
        "Durée moyenne de service ; d’une réponse pour « first-response », de l’appel pour « preferred-agent »",
    ),
    ("verify", "places", "Places d’attente, pour « bounded »"),
    (
        "verify",
        "accelerations",
        "À quel rythme monte la priorité de chaque sorte, la plus rapide d’abord, pour « ageing »",
    ),
    ("verify", "sizes", "Unités de charge de chaque sorte, pour « units »"),
    (
        "verify",
        "speeds",
        "Services par unité de temps : d’un agent avec 1, 2… échanges pour « chats », de chaque agent pour « skills »",
    ),
    (
        "verify",
        "skills",
        "Pour « skills », les sortes que prend chaque agent, à partir de 0 : « 0/0,1 » pour deux agents dont le second prend les deux",
    ),
    ("verify", "patience", "Patience moyenne, ou délai exact des modèles de délais"),
    ("verify", "dead", "Part des agents qui ne répondent jamais, pour « first-response »"),
    ("verify", "threshold", "Seuil du niveau de service"),
    ("verify", "contacts", "Contacts simulés pour chaque cas"),
    ("verify", "seed", "Choisit les nombres aléatoires"),
    ("openapi", "", "Afficher le document OpenAPI de l’interface HTTP"),
    ("schema", "", "Afficher le schéma JSON des scénarios"),
];

/// The same command line, with its help in French.
pub(super) fn translate(mut command: Command) -> Command {
    for (path, argument, text) in TEXTS {
        command = at(command, path, |found| match *argument {
            "" => found.about(*text),
            name => found.mut_arg(name, |arg| arg.help(*text)),
        });
    }
    command
}

fn at(command: Command, path: &str, change: impl FnOnce(Command) -> Command) -> Command {
    match path.split_once(' ') {
        None if path.is_empty() => change(command),
        None => command.mut_subcommand(path, change),
        Some((first, rest)) => command.mut_subcommand(first, |found| at(found, rest, change)),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_command_and_argument_has_help_in_french() {
        let mut missing = Vec::new();
        walk("", &Cli::command(), &mut missing);
        assert!(missing.is_empty(), "add these to the table of this file: {missing:?}");
        translate(Cli::command()).debug_assert();
    }

    fn walk(path: &str, command: &Command, missing: &mut Vec<String>) {
        let mut need = |argument: &str| {
            if !TEXTS.iter().any(|(p, a, _)| *p == path && *a == argument) {
                missing.push(format!("{path}/{argument}"));
            }
        };
        need("");
        let own = command.get_arguments().map(|arg| arg.get_id().as_str());
        own.filter(|id| !["help", "version"].contains(id)).for_each(&mut need);
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            walk(format!("{path} {}", sub.get_name()).trim_start(), sub, missing);
        }
    }
}
