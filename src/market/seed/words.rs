//! The words that names of customers and products are made of.

/// A country and the people who live there.
#[derive(Clone, Copy)]
pub(super) struct Country {
    pub(super) name: &'static str,
    /// The end of its addresses.
    pub(super) domain: &'static str,
    pub(super) cities: &'static [&'static str],
    pub(super) first_names: &'static [&'static str],
    pub(super) last_names: &'static [&'static str],
}

#[rustfmt::skip]
pub(super) const COUNTRIES: &[Country] = &[
    Country {
        name: "United States", domain: "com",
        cities: &["New York", "Chicago", "Austin", "Seattle", "Denver", "Portland"],
        first_names: &["Emma", "Liam", "Olivia", "Noah", "Ava", "Mason", "Harper", "Ethan", "Chloe", "Logan", "Maya", "Owen", "Ruby", "Caleb", "Stella", "Wyatt"],
        last_names: &["Anderson", "Brooks", "Carter", "Davis", "Evans", "Foster", "Garcia", "Hughes", "Jackson", "Keller", "Lopez", "Mitchell", "Nelson", "O'Neil", "Parker", "Reed", "Sanders", "Turner"],
    },
    Country {
        name: "United Kingdom", domain: "co.uk",
        cities: &["London", "Manchester", "Bristol", "Leeds", "Edinburgh"],
        first_names: &["Amelia", "George", "Isla", "Harry", "Poppy", "Oscar", "Freya", "Alfie", "Imogen", "Rupert", "Nadia", "Callum", "Beth", "Hamish"],
        last_names: &["Ashworth", "Bennett", "Clarke", "Dawson", "Ellis", "Fletcher", "Hargreaves", "Khan", "Lloyd", "Marsh", "Patel", "Quinn", "Shaw", "Thornton", "Webb", "Young"],
    },
    Country {
        name: "Germany", domain: "de",
        cities: &["Berlin", "Hamburg", "München", "Köln", "Leipzig"],
        first_names: &["Lena", "Felix", "Mia", "Jonas", "Hannah", "Lukas", "Jürgen", "Anke", "Sören", "Greta", "Matthias", "Ida", "Björn", "Katrin"],
        last_names: &["Becker", "Fischer", "Groß", "Hoffmann", "Jäger", "Kaiser", "Lange", "Möller", "Neumann", "Richter", "Schäfer", "Vogel", "Wagner", "Zimmermann"],
    },
    Country {
        name: "France", domain: "fr",
        cities: &["Paris", "Lyon", "Marseille", "Nantes", "Lille"],
        first_names: &["Léa", "Hugo", "Chloé", "Théo", "Inès", "Jules", "Zoé", "Rémi", "Manon", "Benoît", "Camille", "Antoine", "Élodie", "Yann"],
        last_names: &["Bernard", "Chevalier", "Dubois", "Fontaine", "Girard", "Lefèvre", "Mercier", "Moreau", "Noël", "Perrin", "Rousseau", "Simon", "Vidal", "Wagner"],
    },
    Country {
        name: "Spain", domain: "es",
        cities: &["Madrid", "Barcelona", "Sevilla", "Valencia", "Málaga"],
        first_names: &["Lucía", "Mateo", "Sofía", "Álvaro", "Carmen", "Íñigo", "Paula", "Sergio", "Nuria", "Javier", "Elena", "Andrés"],
        last_names: &["Castillo", "Domínguez", "Fernández", "García", "Herrera", "Ibáñez", "Jiménez", "López", "Muñoz", "Navarro", "Ortega", "Peña", "Romero", "Vega"],
    },
    Country {
        name: "Brazil", domain: "com.br",
        cities: &["São Paulo", "Rio de Janeiro", "Curitiba", "Recife"],
        first_names: &["Ana", "João", "Beatriz", "Pedro", "Júlia", "Rafael", "Larissa", "Thiago", "Letícia", "Caio", "Débora", "Vinícius"],
        last_names: &["Almeida", "Barbosa", "Cardoso", "da Costa", "Ferreira", "Gonçalves", "Lima", "Machado", "Nascimento", "Oliveira", "Pereira", "Ribeiro", "Souza", "Teixeira"],
    },
    Country {
        name: "India", domain: "in",
        cities: &["Mumbai", "Delhi", "Bengaluru", "Pune", "Chennai", "Kolkata"],
        first_names: &["Aarav", "Diya", "Vihaan", "Ananya", "Rohan", "Priya", "Arjun", "Kavya", "Ishaan", "Meera", "Nikhil", "Sana", "Varun", "Tara"],
        last_names: &["Agarwal", "Bose", "Chopra", "Desai", "Gupta", "Iyer", "Joshi", "Kapoor", "Mehta", "Nair", "Patel", "Rao", "Sharma", "Verma"],
    },
    Country {
        name: "Japan", domain: "jp",
        cities: &["Tokyo", "Osaka", "Kyoto", "Sapporo"],
        first_names: &["Haruto", "Yui", "Sota", "Aoi", "Ren", "Hina", "Kaito", "Mei", "Riku", "Sakura", "Daiki", "Emi"],
        last_names: &["Abe", "Fujita", "Hayashi", "Inoue", "Kato", "Kobayashi", "Mori", "Nakamura", "Ogawa", "Sasaki", "Tanaka", "Yamamoto"],
    },
    Country {
        name: "Poland", domain: "pl",
        cities: &["Warszawa", "Kraków", "Gdańsk", "Wrocław"],
        first_names: &["Zofia", "Jakub", "Małgorzata", "Paweł", "Agnieszka", "Tomasz", "Ewa", "Łukasz", "Kinga", "Michał", "Hanna", "Piotr"],
        last_names: &["Adamczyk", "Duda", "Głowacki", "Jabłoński", "Kowalczyk", "Lewandowski", "Mazur", "Nowak", "Sikora", "Wójcik", "Zając", "Zieliński"],
    },
    Country {
        name: "Uzbekistan", domain: "uz",
        cities: &["Tashkent", "Samarkand", "Bukhara", "Namangan"],
        first_names: &["Aziza", "Bobur", "Dilnoza", "Eldor", "Gulnora", "Jasur", "Kamola", "Laziz", "Madina", "Nodir", "Sevara", "Timur"],
        last_names: &["Abdullayev", "Ergashev", "Hakimov", "Ismoilov", "Karimov", "Mirzayev", "Nazarov", "Rahimov", "Saidov", "Tursunov", "Usmonov", "Yusupov"],
    },
];

/// A category, what it sells, and between which prices (whole units of money).
#[derive(Clone, Copy)]
pub(super) struct Shelf {
    pub(super) name: &'static str,
    /// The id of the category above.
    pub(super) parent: Option<i64>,
    pub(super) articles: &'static [&'static str],
    pub(super) cheapest: u32,
    pub(super) dearest: u32,
}

/// Ids count from 1. Gift Cards sells nothing.
#[rustfmt::skip]
pub(super) const SHELVES: &[Shelf] = &[
    Shelf { name: "Electronics", parent: None, cheapest: 15, dearest: 1400, articles: &["Laptop", "Tablet", "Smartphone", "Monitor", "Camera", "Projector", "Router", "Power Bank", "Smart Watch", "Webcam"] },
    Shelf { name: "Audio", parent: Some(1), cheapest: 12, dearest: 420, articles: &["Headphones", "Earbuds", "Soundbar", "Speaker", "Microphone", "Turntable", "Amplifier", "Radio"] },
    Shelf { name: "Home & Kitchen", parent: None, cheapest: 6, dearest: 320, articles: &["Desk Lamp", "Frying Pan", "Kettle", "Knife Set", "Toaster", "Coffee Grinder", "Mixing Bowl", "Vacuum Cleaner", "Blender"] },
    Shelf { name: "Books", parent: None, cheapest: 7, dearest: 75, articles: &["Cookbook", "Atlas", "Field Guide", "Notebook", "Phrasebook", "Dictionary", "Handbook", "Sketchbook"] },
    Shelf { name: "Gift Cards", parent: None, cheapest: 0, dearest: 0, articles: &[] },
    Shelf { name: "Sports & Outdoors", parent: None, cheapest: 9, dearest: 650, articles: &["Tent", "Backpack", "Yoga Mat", "Water Bottle", "Sleeping Bag", "Climbing Rope", "Bicycle Helmet", "Head Torch"] },
    Shelf { name: "Toys & Games", parent: None, cheapest: 5, dearest: 130, articles: &["Puzzle", "Board Game", "Building Set", "Plush Bear", "Kite", "Model Train", "Card Game"] },
    Shelf { name: "Clothing", parent: None, cheapest: 10, dearest: 260, articles: &["T-Shirt", "Rain Jacket", "Wool Scarf", "Jeans", "Hoodie", "Linen Shirt", "Cardigan"] },
    Shelf { name: "Shoes", parent: Some(8), cheapest: 25, dearest: 240, articles: &["Sneakers", "Hiking Boots", "Sandals", "Loafers", "Running Shoes", "Slippers"] },
    Shelf { name: "Garden", parent: Some(3), cheapest: 4, dearest: 480, articles: &["Watering Can", "Pruning Shears", "Lawn Mower", "Flower Pot", "Garden Hose", "Hammock", "Bird Feeder"] },
    Shelf { name: "Beauty", parent: None, cheapest: 4, dearest: 95, articles: &["Hand Cream", "Shampoo", "Face Mask", "Hair Dryer", "Perfume", "Soap Set"] },
    Shelf { name: "Office", parent: None, cheapest: 3, dearest: 560, articles: &["Fountain Pen", "Desk Chair", "Stapler", "Whiteboard", "Paper Tray", "Standing Desk", "Label Printer"] },
];

/// Makers of things, all invented.
#[rustfmt::skip]
pub(super) const BRANDS: &[&str] = &[
    "Alderly", "Brightwell", "Corvane", "Dunmore", "Elmbrook", "Fjordal", "Grünwald", "Halcyon", "Ivorra", "Juniper", "Kestrel", "Lumora", "Marlow", "Norvik", "Orsini", "Pinecrest", "Quillon", "Rivela", "Soléa", "Tamsin", "Umbra", "Vantor", "Westerly", "Yarrow", "Zephyr",
];

/// What kind of article it is; the empty word stands for the plain one.
#[rustfmt::skip]
pub(super) const KINDS: &[&str] = &[
    "", "", "", "Classic", "Compact", "Deluxe", "Essential", "Family", "Light", "Mini", "Premium", "Pro", "Slim", "Studio", "Travel", "Vintage",
];
