//! Every code a finding may carry: the one table that checks, documentation and editor read.
//!
//! A code is stable: once released it keeps its meaning, and a check that means something else gets a new code.

use std::fmt::Write as _;

use crate::{
    finding::{Finding, Position, Severity},
    words::Words,
};

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The code as findings carry it.
    pub code: &'static str,
    /// Whether it stops publishing.
    pub severity: Severity,
    /// What it means, in English and French.
    pub meaning: (&'static str, &'static str),
    /// What to do about it, in English and French.
    pub hint: (&'static str, &'static str),
}

macro_rules! codes {
    ($($variant:ident $code:literal $severity:ident { $en:literal, $fr:literal } hint { $hint_en:literal, $hint_fr:literal })*) => {
        /// The codes of this crate's own checks and of the script compiler.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the table gives each code its meaning")]
        pub enum Code { $($variant),* }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// What the table says of a code.
            #[must_use]
            pub fn entry(self) -> Entry {
                match self {
                    $(Self::$variant => Entry {
                        code: $code,
                        severity: Severity::$severity,
                        meaning: ($en, $fr),
                        hint: ($hint_en, $hint_fr),
                    }),*
                }
            }
        }
    };
}

codes! {
    Syntax "syntax" Error
        { "The text is not JSON.", "Le texte n’est pas du JSON." }
        hint { "Correct the text at this place; nothing after it was read.", "Corrigez le texte à cet endroit ; la suite n’a pas été lue." }
    DuplicateKey "duplicate-key" Error
        { "An object has the same key twice, so one of the two values would be lost.", "Un objet porte deux fois la même clé : l’une des deux valeurs serait perdue." }
        hint { "Remove or rename one of the two.", "Supprimez ou renommez l’une des deux." }
    TooLarge "too-large" Error
        { "The document is larger than a flow may be.", "Le document est plus gros qu’un scénario ne peut l’être." }
        hint { "Move parts of the flow into sub-flows.", "Déplacez des parties du scénario dans des sous-scénarios." }
    TooDeep "too-deep" Error
        { "Values are nested deeper than any flow needs.", "Des valeurs sont imbriquées plus profondément qu’aucun scénario n’en a besoin." }
        hint { "Flatten this value.", "Aplatissez cette valeur." }
    TooManyNodes "too-many-nodes" Error
        { "The flow has more nodes than anybody can review.", "Le scénario compte plus de nœuds que quiconque ne peut en relire." }
        hint { "Move parts of the flow into sub-flows.", "Déplacez des parties du scénario dans des sous-scénarios." }
    TooManyFindings "too-many-findings" Warning
        { "There are more findings than a report holds; errors are kept before warnings.", "Il y a plus de constats qu’un rapport n’en contient ; les erreurs sont gardées avant les avertissements." }
        hint { "Correct the ones listed, then check again.", "Corrigez ceux qui sont listés, puis relancez le contrôle." }
    UnsupportedSchema "unsupported-schema" Error
        { "The document is written in a version of the format that this build does not read.", "Le document est écrit dans une version du format que ce programme ne lit pas." }
        hint { "Set \"schema\" to 1, or upgrade Routewright.", "Mettez \"schema\" à 1, ou mettez Routewright à jour." }
    UnknownField "unknown-field" Error
        { "A field is not part of the format.", "Un champ ne fait pas partie du format." }
        hint { "Remove the field, or correct its name.", "Supprimez le champ, ou corrigez son nom." }
    MissingField "missing-field" Error
        { "A field that must be there is missing.", "Un champ obligatoire est absent." }
        hint { "Add the field.", "Ajoutez le champ." }
    WrongType "wrong-type" Error
        { "A value is of another type than its field takes.", "Une valeur n’est pas du type que son champ attend." }
        hint { "Write a value of the expected type.", "Écrivez une valeur du type attendu." }
    BadName "bad-name" Error
        { "An id, name or key breaks the rule for its kind.", "Un identifiant, un nom ou une clé enfreint sa règle d’écriture." }
        hint { "Use letters without accents, digits and '_' (ids also '-'), at most 64 characters.", "Utilisez des lettres sans accent, des chiffres et « _ » (aussi « - » pour un identifiant), 64 caractères au plus." }
    BadValue "bad-value" Error
        { "A value is of the right type but not one its field takes.", "Une valeur est du bon type, mais son champ ne l’accepte pas." }
        hint { "Write a value that the field takes.", "Écrivez une valeur que le champ accepte." }

    BadSetting "bad-setting" Error
        { "A node refuses its configuration although the schema of its kind takes it: a wait without end or of no length, an option twice.", "Un nœud refuse sa configuration bien que le schéma de son type l’accepte : une attente sans fin ou de durée nulle, une option en double." }
        hint { "Correct the setting that the message names.", "Corrigez le réglage que cite le message." }

    MissingEntry "missing-entry" Error
        { "\"entry\" names a node that does not exist.", "\"entry\" désigne un nœud qui n’existe pas." }
        hint { "Name the node where an interaction starts.", "Indiquez le nœud où commence une interaction." }
    DanglingHandler "dangling-handler" Error
        { "A handler names a node that does not exist.", "Un gestionnaire désigne un nœud qui n’existe pas." }
        hint { "Name an existing node, or remove the handler.", "Indiquez un nœud existant, ou supprimez le gestionnaire." }
    UndeclaredHandler "undeclared-handler" Warning
        { "An exit leads to a handler that the flow does not declare; the last resort acts instead: the touchpoint's default skill for errors, an end as `abandoned` for a contact who left.", "Une sortie mène à un gestionnaire que le scénario ne déclare pas ; le dernier recours agit à sa place : la compétence par défaut du point de contact pour les erreurs, une fin `abandoned` pour un contact parti." }
        hint { "Declare the handler under \"handlers\", or lead the exit elsewhere.", "Déclarez le gestionnaire sous \"handlers\", ou faites mener la sortie ailleurs." }
    ForeignNode "foreign-node" Error
        { "A node keeps the place of something that an import could not translate.", "Un nœud tient la place de quelque chose qu’un import n’a pas pu traduire." }
        hint { "Replace it by nodes that do what it did; its settings are kept in it.", "Remplacez-le par des nœuds qui fassent ce qu’il faisait ; il garde ses réglages." }
    UnknownKind "unknown-kind" Error
        { "A node is of a kind that is not installed.", "Un nœud est d’un type qui n’est pas installé." }
        hint { "Use a kind of the palette, or install the one that is missing.", "Utilisez un type de la palette, ou installez celui qui manque." }
    DanglingTarget "dangling-target" Error
        { "An exit leads to a node that does not exist.", "Une sortie mène à un nœud qui n’existe pas." }
        hint { "Lead the exit to an existing node, to {\"end\": …} or to {\"handler\": …}.", "Faites mener la sortie à un nœud existant, à {\"end\": …} ou à {\"handler\": …}." }
    UndeclaredExit "undeclared-exit" Error
        { "A node wires an exit that its kind and configuration do not have.", "Un nœud branche une sortie que son type et sa configuration n’ont pas." }
        hint { "Remove the exit, or correct its name.", "Supprimez la sortie, ou corrigez son nom." }
    UnwiredExit "unwired-exit" Error
        { "An exit leads nowhere. Only exits taken on a failure may stay unwired.", "Une sortie ne mène nulle part. Seules les sorties prises sur une panne peuvent rester libres." }
        hint { "Lead it to a node, to {\"end\": \"<disposition>\"} or to {\"handler\": \"error\"}.", "Faites-la mener à un nœud, à {\"end\": \"<qualification>\"} ou à {\"handler\": \"error\"}." }
    BadExitName "bad-exit-name" Error
        { "The configuration names an exit with a name that exits cannot have.", "La configuration nomme une sortie d’un nom qu’une sortie ne peut pas porter." }
        hint { "Use 1 to 64 letters without accents, digits, '-' or '_'.", "Utilisez 1 à 64 lettres sans accent, chiffres, « - » ou « _ »." }
    ShadowedExit "shadowed-exit" Warning
        { "The configuration names an exit like one that every node of the kind has; both ways out lead to one target.", "La configuration nomme une sortie comme celle que tout nœud de ce type possède ; les deux issues mènent à la même cible." }
        hint { "Choose another name, unless one target for both is meant.", "Choisissez un autre nom, sauf si une même cible est voulue." }
    UnreachableNode "unreachable-node" Warning
        { "No way leads from the entry or a handler to a node.", "Aucun chemin ne mène de l’entrée ou d’un gestionnaire à un nœud." }
        hint { "Lead an exit to it, or remove it.", "Faites-y mener une sortie, ou supprimez-le." }
    CycleWithoutWait "cycle-without-wait" Error
        { "Nodes lead back to themselves without ever waiting, so an interaction would run in circles until it is stopped. A cycle through a node that waits is fine.", "Des nœuds se ramènent à eux-mêmes sans jamais attendre : une interaction tournerait en rond jusqu’à être arrêtée. Une boucle qui passe par un nœud d’attente est permise." }
        hint { "Put a node that waits into the cycle, or lead one exit out of it.", "Placez un nœud d’attente dans la boucle, ou faites-en sortir une issue." }
    NoWayToEnd "no-way-to-end" Error
        { "From these nodes the flow can never end, so a contact could be stranded.", "Depuis ces nœuds, le scénario ne peut jamais finir : un contact pourrait rester bloqué." }
        hint { "Lead one of their exits to {\"end\": \"<disposition>\"}, to a closing node or out of the circle.", "Faites mener l’une de leurs sorties à {\"end\": \"<qualification>\"}, à un nœud final ou hors du cercle." }
    EndlessSilence "endless-silence" Warning
        { "Nodes that wait lead back to themselves, nothing is said on the way round, and no `loop` counts the rounds: a contact could wait for ever without a word and without an agent.", "Des nœuds qui attendent se ramènent à eux-mêmes, rien n’est dit en chemin et aucun `loop` ne compte les tours : un contact pourrait attendre sans fin, sans un mot et sans agent." }
        hint { "Say something on the way round, or lead it through a `loop`, or out after a while.", "Dites quelque chose en chemin, ou faites passer la boucle par un `loop`, ou faites-en sortir au bout d’un moment." }
    ChannelNotSupported "channel-not-supported" Warning
        { "A node does not work on a channel that the flow is written for.", "Un nœud ne fonctionne pas sur un canal auquel le scénario est destiné." }
        hint { "Branch on the channel before this node, or remove the channel from the flow.", "Aiguillez selon le canal avant ce nœud, ou retirez le canal du scénario." }

    ScriptSyntax "script-syntax" Error
        { "A script or expression does not compile.", "Un script ou une expression ne se compile pas." }
        hint { "Correct the script at this place.", "Corrigez le script à cet endroit." }
    UnknownVariable "unknown-variable" Error
        { "A script uses a variable that does not exist.", "Un script utilise une variable qui n’existe pas." }
        hint { "Use a variable that scripts see, or declare one with `let`.", "Utilisez une variable visible des scripts, ou déclarez-en une avec `let`." }
    UnknownFunction "unknown-function" Error
        { "A script calls a function that does not exist.", "Un script appelle une fonction qui n’existe pas." }
        hint { "Correct its name, or write it in the flow's \"library\".", "Corrigez son nom, ou écrivez-la dans \"library\"." }
    UnknownAttribute "unknown-attribute" Error
        { "A script or node uses an attribute that the flow does not declare.", "Un script ou un nœud utilise un attribut que le scénario ne déclare pas." }
        hint { "Declare it under \"attributes\", or correct its name.", "Déclarez-le sous \"attributes\", ou corrigez son nom." }
    UnknownProperty "unknown-property" Error
        { "A script reads a property that a view such as `contact` or `message` does not have.", "Un script lit une propriété qu’une vue comme `contact` ou `message` ne possède pas." }
        hint { "Correct its name; docs/scripting.md lists what scripts see.", "Corrigez son nom ; docs/fr/scripting.md liste ce que voient les scripts." }
    ScriptTooLong "script-too-long" Error
        { "A script is longer than scripts may be.", "Un script est plus long que permis." }
        hint { "Move parts of it into functions of the \"library\", or into other nodes.", "Déplacez-en des parties dans des fonctions de \"library\", ou dans d’autres nœuds." }
    TypeMismatch "type-mismatch" Error
        { "A script does with a value what its type does not allow: it multiplies a text, compares a text with a number, or gives a number where true or false is wanted.", "Un script fait d’une valeur ce que son type ne permet pas : il multiplie un texte, compare un texte à un nombre, ou donne un nombre là où il faut vrai ou faux." }
        hint { "Use a value of the right type; `number(text)` and `to_string(value)` convert.", "Utilisez une valeur du bon type ; `number(texte)` et `to_string(valeur)` convertissent." }
    TemplateSyntax "template-syntax" Error
        { "A text has a `${…}` that is not closed or not an expression.", "Un texte contient un `${…}` non fermé ou qui n’est pas une expression." }
        hint { "Close it with '}', or write '$${' for a literal '${'.", "Fermez-le par « } », ou écrivez « $${ » pour un « ${ » littéral." }

    UnknownText "unknown-text" Error
        { "\"@key\" names a text that the flow does not have.", "\"@clé\" désigne un texte que le scénario n’a pas." }
        hint { "Add the text under \"texts\", or correct the key.", "Ajoutez le texte sous \"texts\", ou corrigez la clé." }
    EmptyText "empty-text" Error
        { "A text has no words in any language.", "Un texte n’a de contenu dans aucune langue." }
        hint { "Write the text in at least one language.", "Rédigez le texte dans une langue au moins." }
    TextTooLong "text-too-long" Error
        { "A text is longer than channels carry in one message.", "Un texte est plus long que ce que les canaux portent en un message." }
        hint { "Shorten it, or send it as two messages.", "Raccourcissez-le, ou envoyez-le en deux messages." }
    MissingTranslation "missing-translation" Warning
        { "A text lacks a language that other texts of the flow have.", "Il manque à un texte une langue que d’autres textes du scénario ont." }
        hint { "Translate it; until then contacts read another language.", "Traduisez-le ; d’ici là, les contacts liront une autre langue." }
    UnusedText "unused-text" Warning
        { "Nothing refers to a text of the table.", "Rien ne renvoie à un texte de la table." }
        hint { "Refer to it with \"@key\", or remove it.", "Renvoyez-y par \"@clé\", ou supprimez-le." }
    UnusedAttribute "unused-attribute" Warning
        { "No script, text or node uses an attribute.", "Aucun script, texte ou nœud n’utilise un attribut." }
        hint { "Use it, or remove it.", "Utilisez-le, ou supprimez-le." }
    BadAttribute "bad-attribute" Error
        { "The declaration of an attribute contradicts itself.", "La déclaration d’un attribut se contredit." }
        hint { "Correct its type, its \"enum\" or its \"default\".", "Corrigez son type, son \"enum\" ou son \"default\"." }
    UndeclaredOutput "undeclared-output" Error
        { "An output of the flow is none of its attributes, so it would never have a value.", "Une valeur rendue par le scénario n’est aucun de ses attributs : elle n’aurait jamais de valeur." }
        hint { "Declare it under \"attributes\" too.", "Déclarez-la aussi sous \"attributes\"." }
    UnknownReference "unknown-reference" Error
        { "A node names a skill, calendar, template, questionnaire, flow, disposition or agent that does not exist.", "Un nœud désigne une compétence, un calendrier, un modèle, un questionnaire, un scénario, une qualification ou un agent qui n’existe pas." }
        hint { "Create it, or correct the name.", "Créez l’élément, ou corrigez le nom." }
    SelfReference "self-reference" Error
        { "A flow calls itself as a sub-flow, which never ends.", "Un scénario s’appelle lui-même comme sous-scénario, ce qui ne finit jamais." }
        hint { "Lead an exit back to a node instead.", "Faites plutôt revenir une sortie vers un nœud." }

    SwallowedError "swallowed-error" Warning
        { "A failure leads where success leads, so nobody will know of it and the flow goes on as if it had worked. Nodes behind the error handler may do so.", "Un échec mène au même endroit que la réussite : personne n’en saura rien et le scénario continue comme si tout allait bien. Les nœuds derrière le gestionnaire d’erreur y ont droit." }
        hint { "Lead the failure elsewhere, or leave the exit unwired: the error handler then takes it.", "Faites mener l’échec ailleurs, ou laissez la sortie libre : le gestionnaire d’erreur s’en charge alors." }
    DuplicateCase "duplicate-case" Warning
        { "A list of cases has the same condition twice, so the later case is never taken.", "Une liste de cas porte deux fois la même condition : le second cas n’est jamais pris." }
        hint { "Remove one of the two, or correct its condition.", "Supprimez l’un des deux, ou corrigez sa condition." }
    ShadowedCase "shadowed-case" Warning
        { "Whenever a case of a list holds, an earlier one holds already, so this one is never taken.", "Chaque fois qu’un cas d’une liste est vrai, un cas précédent l’est déjà : celui-ci n’est jamais pris." }
        hint { "Move the narrower case before the wider one, or remove it.", "Placez le cas le plus étroit avant le plus large, ou supprimez-le." }
    ConstantCondition "constant-condition" Warning
        { "A condition decides the same way whatever happens: it contradicts itself, excludes nothing, or is made of literals alone.", "Une condition décide de la même façon quoi qu’il arrive : elle se contredit, n’exclut rien, ou n’est faite que de littéraux." }
        hint { "Compare something that can change, or remove the case.", "Comparez une valeur qui peut changer, ou supprimez le cas." }
    ImpossibleComparison "impossible-comparison" Warning
        { "A script compares an attribute with a text that is not one of its values.", "Un script compare un attribut à un texte qui n’est pas une de ses valeurs." }
        hint { "Correct the text, or add it to the attribute's \"enum\".", "Corrigez le texte, ou ajoutez-le à l’\"enum\" de l’attribut." }
    BadAssignment "bad-assignment" Error
        { "A node stores a value in an attribute whose type or \"enum\" does not take it.", "Un nœud range une valeur dans un attribut dont le type ou l’\"enum\" ne l’accepte pas." }
        hint { "Correct the value, or the attribute's declaration.", "Corrigez la valeur, ou la déclaration de l’attribut." }
    UnassignedAttribute "unassigned-attribute" Warning
        { "A node reads an attribute that some way to it leaves without a value; it then reads as `()`, which most operators refuse.", "Un nœud lit un attribut qu’un des chemins qui y mènent laisse sans valeur ; il vaut alors `()`, que la plupart des opérateurs refusent." }
        hint { "Give the attribute a \"default\", assign it on every way, or compare it with `()` first.", "Donnez un \"default\" à l’attribut, affectez-le sur tous les chemins, ou comparez-le d’abord à `()`." }
    BlankTranslation "blank-translation" Warning
        { "A text is there in a language, but without words; its readers would get an empty message.", "Un texte existe dans une langue, mais sans contenu ; ses lecteurs recevraient un message vide." }
        hint { "Write the words, or remove the language so that readers get another.", "Rédigez le texte, ou supprimez cette langue pour que ses lecteurs en reçoivent une autre." }
    TooLongForChannel "too-long-for-channel" Warning
        { "A text is longer than one of the flow's channels carries in one message.", "Un texte est plus long que ce qu’un des canaux du scénario porte en un message." }
        hint { "Shorten it, send it as two messages, or branch on the channel.", "Raccourcissez-le, envoyez-le en deux messages, ou aiguillez selon le canal." }
    TooManyOptions "too-many-options" Warning
        { "A node offers more options than WhatsApp shows in one list.", "Un nœud propose plus d’options que WhatsApp n’en montre dans une liste." }
        hint { "Offer fewer, or ask in two steps.", "Proposez-en moins, ou demandez en deux temps." }
    LabelTooLong "label-too-long" Warning
        { "The label of an option is longer than WhatsApp shows: 20 characters on a button (up to three options), 24 in a list.", "Le libellé d’une option est plus long que ce que WhatsApp montre : 20 caractères sur un bouton (jusqu’à trois options), 24 dans une liste." }
        hint { "Shorten the label; the question can say more.", "Raccourcissez le libellé ; la question peut en dire plus." }
    ConfusableNames "confusable-names" Warning
        { "Two names differ in case, '-' or '_' alone.", "Deux noms ne diffèrent que par la casse, « - » ou « _ »." }
        hint { "Use one name for one thing, and clearly different names for different ones.", "Un même nom pour une même chose, des noms bien distincts pour des choses distinctes." }
    UnusedFunction "unused-function" Warning
        { "No script calls a function of the library.", "Aucun script n’appelle une fonction de la bibliothèque." }
        hint { "Call it, or remove it.", "Appelez-la, ou supprimez-la." }
    Secret "secret" Warning
        { "A document holds something that has the form of a key, token or password. Documents are read by many and kept for ever.", "Un document contient ce qui a la forme d’une clé, d’un jeton ou d’un mot de passe. Les documents sont lus par beaucoup et gardés pour toujours." }
        hint { "Remove it, revoke it where it is valid, and let the environment hold the new one.", "Supprimez-le, révoquez-le là où il a cours, et confiez le nouveau à l’environnement." }

    DuplicateTest "duplicate-test" Warning
        { "Two tests have the same name, so reports cannot tell them apart.", "Deux tests portent le même nom : les rapports ne peuvent pas les distinguer." }
        hint { "Say in each name what the test shows.", "Dites dans chaque nom ce que le test montre." }
    TestWithoutExpectation "test-without-expectation" Warning
        { "A test expects nothing, so it passes whatever the flow does.", "Un test n’attend rien : il réussit quoi que fasse le scénario." }
        hint { "Add an \"expect\" step.", "Ajoutez une étape \"expect\"." }
    TestOffChannel "test-off-channel" Warning
        { "A test plays on a channel for which the flow is not written.", "Un test se joue sur un canal auquel le scénario n’est pas destiné." }
        hint { "Choose a channel of the flow, or add this one to its channels.", "Choisissez un canal du scénario, ou ajoutez celui-ci à ses canaux." }
    UnknownTestAgent "unknown-test-agent" Warning
        { "A test speaks of an agent who is not among the agents it is given.", "Un test parle d’un agent qui n’est pas parmi ceux qu’on lui donne." }
        hint { "Add the agent under \"given\", or correct the name.", "Ajoutez l’agent sous \"given\", ou corrigez le nom." }
    UnknownTestNode "unknown-test-node" Warning
        { "A test expects a node that does not exist.", "Un test attend un nœud qui n’existe pas." }
        hint { "Correct the name.", "Corrigez le nom." }
    UnknownTestExit "unknown-test-exit" Warning
        { "A test expects an exit that its node does not have.", "Un test attend une sortie que son nœud n’a pas." }
        hint { "Write it as `node.exit`, with an exit of that node.", "Écrivez `nœud.sortie`, avec une sortie de ce nœud." }
    UnknownTestAttribute "unknown-test-attribute" Warning
        { "A test expects an attribute that the flow does not declare.", "Un test attend un attribut que le scénario ne déclare pas." }
        hint { "Correct the name, or declare the attribute.", "Corrigez le nom, ou déclarez l’attribut." }

    UnknownInput "unknown-input" Error
        { "A node passes a value that the flow it calls does not take. Found when both flows are checked together.", "Un nœud passe une valeur que le scénario appelé ne reçoit pas. Constaté quand les deux scénarios sont contrôlés ensemble." }
        hint { "Correct the name, or declare the input in the flow that is called.", "Corrigez le nom, ou déclarez cette valeur sous \"inputs\" du scénario appelé." }
    MissingInput "missing-input" Warning
        { "A node does not pass a value that the flow it calls takes and gives no default.", "Un nœud ne passe pas une valeur que le scénario appelé reçoit et pour laquelle il n’a pas de défaut." }
        hint { "Pass it, or give it a default there.", "Passez-la, ou donnez-lui un défaut dans ce scénario." }
    InputType "input-type" Error
        { "A node passes a value of a type that the input of the flow it calls cannot hold.", "Un nœud passe une valeur d’un type que l’entrée du scénario appelé ne peut pas contenir." }
        hint { "Correct the expression, or the declaration of the input.", "Corrigez l’expression, ou la déclaration de l’entrée." }
    OutputType "output-type" Error
        { "A node takes an output into an attribute that cannot hold a value of its type.", "Un nœud range une valeur rendue dans un attribut qui ne peut pas contenir son type." }
        hint { "Take it into another attribute, or correct one of the two declarations.", "Rangez-la dans un autre attribut, ou corrigez l’une des deux déclarations." }
    UnknownOutput "unknown-output" Error
        { "A node takes a value that the flow it calls does not give back.", "Un nœud prend une valeur que le scénario appelé ne rend pas." }
        hint { "Correct the name, or declare the output in the flow that is called.", "Corrigez le nom, ou déclarez cette valeur sous \"outputs\" du scénario appelé." }
    UnknownEnd "unknown-end" Warning
        { "A node has an exit for an end with which the flow it calls never ends.", "Un nœud a une sortie pour une fin par laquelle le scénario appelé ne finit jamais." }
        hint { "Correct the name, or remove the exit.", "Corrigez le nom, ou supprimez la sortie." }
    FlowCycle "flow-cycle" Error
        { "Flows call each other in a circle, so the calls would nest until they are stopped.", "Des scénarios s’appellent en cercle : les appels s’emboîteraient jusqu’à être arrêtés." }
        hint { "End one of them instead, and let its caller decide what comes next.", "Terminez plutôt l’un d’eux, et laissez son appelant décider de la suite." }
}

impl Code {
    /// The code as findings carry it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.entry().code
    }

    /// A finding at a pointer, with the table's severity and hint.
    #[must_use]
    pub fn finding(self, pointer: impl Into<String>, message: Words) -> Finding {
        let entry = self.entry();
        Finding {
            code: entry.code.to_owned(),
            severity: entry.severity,
            pointer: pointer.into(),
            node: None,
            position: None,
            span: None,
            message,
            hint: Words::new(entry.hint.0, entry.hint.1),
        }
    }

    /// A finding about the text itself, where no pointer can be trusted.
    pub(crate) fn fatal(self, at: Position, message: Words) -> Box<Finding> {
        let mut finding = self.finding("", message);
        finding.position = Some(at);
        Box::new(finding)
    }
}

/// The page that lists every code, in English or French, each with what `examples` gives: what it finds, and what it
/// narrowly does not, as changes of `sample`.
#[must_use]
pub fn page(language: &str, examples: impl Fn(Code) -> (String, String), sample: &str) -> String {
    let pick = |en: &'static str, fr: &'static str| if language == "fr" { fr } else { en };
    let mut page = String::from(pick(
        "# Checks\n\nEvery finding of a flow check carries one of these codes. An error stops publishing; a warning asks \
         somebody to look. The examples are changes of the flow at the end of this page, as JSON merge patches (RFC \
         7396); each is also a test. The texts come from `flows/src/check/codes.rs`; `UPDATE_EXPECT=1 cargo test -p \
         routewright-flows` writes this page.\n",
        "# Contrôles\n\nChaque constat d’un contrôle de scénario porte l’un de ces codes. Une erreur empêche la \
         publication ; un avertissement demande qu’on y regarde. Les exemples sont des changements du scénario donné à la \
         fin de cette page, sous forme de JSON merge patch (RFC 7396) ; chacun est aussi un test. Les textes viennent de \
         `flows/src/check/codes.rs` ; \
         `UPDATE_EXPECT=1 cargo test -p routewright-flows` écrit cette page.\n",
    ));
    for code in Code::ALL {
        let entry = code.entry();
        let severity = match entry.severity {
            Severity::Error => pick("error", "erreur"),
            Severity::Warning => pick("warning", "avertissement"),
        };
        let (meaning, hint) = (pick(entry.meaning.0, entry.meaning.1), pick(entry.hint.0, entry.hint.1));
        let to_do = pick("What to do:", "Que faire :");
        let (hit, miss) = examples(*code);
        let (found, not_found) = (pick("Found:", "Trouvé :"), pick("Not found:", "Pas trouvé :"));
        write!(
            page,
            "\n## `{}`\n\n{severity}\n\n{meaning}\n\n{to_do} {hint}\n\n{found} {hit}\n\n{not_found} {miss}\n",
            entry.code
        )
        .expect("writing to a String cannot fail");
    }
    let title = pick("The flow of the examples", "Le scénario des exemples");
    write!(page, "\n## {title}\n\n```json\n{}\n```\n", sample.trim_end()).expect("writing to a String cannot fail");
    page
}
