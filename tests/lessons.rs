//! The course: every page is read and run, every check holds, every task has its panel.
//!
//! `tests/lessons/answers.json` has what real Django answers to the Django code of the pages;
//! `./dev oracle django --out tests/lessons/answers.json src/lessons/phase_*.md` records it again,
//! and `tests/django.rs` compares.

use marketplace_analytics::lessons::lesson::{Data, Language, Lesson, Section};
use marketplace_analytics::lessons::{self, PHASES, Page};
use marketplace_analytics::session::exercise::audit::audit;
use std::collections::BTreeSet;
use std::fs;

/// Every task that the course must hold: its phase, its name, and the panel that does it.
const TASKS: &[(u8, &str, &str)] = &[
    (1, "create the models", "Create the models"),
    (1, "insert sample data", "Insert sample data"),
    (1, "a model of one's own", "A model of your own"),
    (1, "all orders of a customer", "All orders of a customer"),
    (
        1,
        "all products in a category",
        "All products in a category",
    ),
    (1, "products by price", "Products by price"),
    (2, "total revenue", "Total revenue"),
    (2, "total products sold", "Total products sold"),
    (2, "orders per customer", "Orders per customer"),
    (2, "spending per customer", "Spending per customer"),
    (3, "discount on products", "Discount on products"),
    (
        3,
        "raise prices in a category",
        "Raise prices in a category",
    ),
    (3, "`quantity * price` revenue", "quantity * price revenue"),
    (
        3,
        "a two-session lost update, stepped by hand",
        "The lost update",
    ),
    (4, "`price < 500 OR rating > 4`", "Cheap or well rated"),
    (
        4,
        "premium customers who spent more than X",
        "Premium customers who spent more than X",
    ),
    (
        4,
        "orders of the last 30 days AND more than N items",
        "Orders of the last 30 days and more than N items",
    ),
    (5, "orders with customers", "Orders with customers"),
    (5, "products with categories", "Products with categories"),
    (5, "order -> items -> product", "Orders, items, products"),
    (
        6,
        "last order date per customer",
        "Last order date per customer",
    ),
    (
        6,
        "quantity sold per product by subquery",
        "Quantity sold per product",
    ),
    (
        6,
        "customers who bought X also bought Y",
        "Customers who bought X also bought Y",
    ),
    (
        7,
        "rank customers by spending",
        "Rank customers by spending",
    ),
    (
        7,
        "rank products by total sales",
        "Rank products by total sales",
    ),
    (
        7,
        "monthly cumulative revenue",
        "Monthly cumulative revenue",
    ),
    (8, "`Product.objects.active()`", "Product.objects.active()"),
    (
        8,
        "`Product.objects.with_sales()`",
        "Product.objects.with_sales()",
    ),
    (
        8,
        "`Customer.objects.top_spenders()`",
        "Customer.objects.top_spenders()",
    ),
    (8, "the learner's own class", "A class of your own"),
    (
        9,
        "`get_top_selling_products()`",
        "get_top_selling_products()",
    ),
    (
        9,
        "`get_customer_lifetime_value()`",
        "get_customer_lifetime_value()",
    ),
    (9, "`get_monthly_revenue()`", "get_monthly_revenue()"),
    (
        9,
        "`get_also_bought_products()`",
        "get_also_bought_products()",
    ),
    (9, "`get_ranked_customers()`", "get_ranked_customers()"),
];

fn text(file: &str) -> String {
    let path = format!("src/lessons/{file}");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn page(file: &str) -> Page {
    lessons::read(&text(file))
}

/// Unoptimised code needs more stack than a thread has by default.
fn with_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(run);
    if let Err(panic) = thread.expect("a thread").join() {
        std::panic::resume_unwind(panic);
    }
}

/// Every section of a page runs and gives what it says, and every check holds.
fn sound(phase: usize) {
    with_stack(move || {
        let file = PHASES[phase - 1].file;
        let Page { lesson, problems } = page(file);
        assert_eq!(problems, [], "{file}");
        let faults: Vec<String> = audit(&lesson)
            .into_iter()
            .flat_map(|report| {
                let title = report.title;
                let faults = report.faults.into_iter();
                faults.map(move |(line, fault)| format!("{file}:{line}: {title}: {fault}"))
            })
            .collect();
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    });
}

macro_rules! sound {
    ($($name:ident: $phase:literal;)*) => {
        $(
            #[test]
            fn $name() {
                sound($phase);
            }
        )*
    };
}

sound! {
    everything_in_phase_1_holds: 1;
    everything_in_phase_2_holds: 2;
    everything_in_phase_3_holds: 3;
    everything_in_phase_4_holds: 4;
    everything_in_phase_5_holds: 5;
    everything_in_phase_6_holds: 6;
    everything_in_phase_7_holds: 7;
    everything_in_phase_8_holds: 8;
    everything_in_phase_9_holds: 9;
}

#[test]
fn every_phase_has_exercises_wrong_answers_and_questions_enough() {
    for phase in PHASES {
        let lesson = page(phase.file).lesson;
        let wrongs: usize = lesson.exercises().map(|it| it.wrongs.len()).sum();
        assert_eq!(lesson.title, phase.title, "the rail and the page agree");
        assert!(
            lesson.exercises().count() >= 6,
            "{}: exercises",
            phase.title
        );
        assert!(wrongs >= 3, "{}: wrong answers", phase.title);
        assert!(lesson.questions.len() >= 5, "{}: questions", phase.title);
        assert!(
            !lesson.introduction.is_empty(),
            "{}: introduction",
            phase.title
        );
    }
}

#[test]
fn every_task_of_the_course_has_its_panel_and_its_line_in_the_readme() {
    let readme = fs::read_to_string("README.md").expect("the README");
    for &(phase, task, title) in TASKS {
        let lesson = page(PHASES[usize::from(phase) - 1].file).lesson;
        assert!(
            lesson.panels().any(|panel| panel.title == title),
            "phase {phase} has no panel \"{title}\""
        );
        let line = format!("| {phase} | {task} | {title} | `everything_in_phase_{phase}_holds` |");
        assert!(readme.contains(&line), "README.md lacks\n{line}");
    }
}

/// The Django code of a lesson that real Django is asked: what a learner runs as it stands, and
/// what solves an exercise.
fn asked(lesson: &Lesson) -> Vec<&str> {
    let codes = lesson.sections.iter().flat_map(|section| match section {
        Section::Panel(panel) => &panel.codes,
        Section::Exercise(exercise) => &exercise.solutions,
    });
    codes
        .filter(|code| code.language == Language::Django && code.data == Data::Own)
        .map(|code| code.text.trim_matches('\n'))
        .collect()
}

#[test]
fn real_django_has_answered_all_of_the_django_code() {
    let path = "tests/lessons/answers.json";
    let answers = fs::read_to_string(path).expect("recorded answers");
    let answers: serde_json::Value = serde_json::from_str(&answers).expect("JSON");
    let answered: BTreeSet<&str> = answers["cases"]
        .as_array()
        .expect("a list of cases")
        .iter()
        .filter_map(|case| case["code"].as_str())
        .collect();
    for phase in PHASES {
        let lesson = page(phase.file).lesson;
        let codes = asked(&lesson);
        assert!(!codes.is_empty(), "{}", phase.title);
        for code in codes {
            assert!(
                answered.contains(code),
                "{}: record the answers again for\n{code}",
                phase.title
            );
        }
    }
}
