"""What is written in made films: enough that no line is like another."""

SLIDES = (
    ("Water in the Mountains", "Snow melts earlier each year", "Rivers peak in late April", "Reservoirs fill too soon"),
    ("How We Measured", "Forty stations above 1800 m", "Hourly readings since 1996", "Gaps filled by neighbours"),
    ("What We Found", "Runoff fell by 12 percent", "Summer lows last longer", "Small springs dry up first"),
    (
        "Who Is Affected",
        "Farmers along the lower valley",
        "Three towns without deep wells",
        "Fish that need cold water",
    ),
    ("What Can Be Done", "Shared storage between dams", "Fair prices for irrigation", "Warn users six weeks ahead"),
)
PAGES = (
    (
        "The lighthouse keeper rose before dawn",
        "and climbed one hundred and nine steps.",
        "Fog lay thick upon the harbour, and the",
        "bell of the ferry sounded far away.",
        "He wiped the great lens with a cloth,",
        "wrote the weather into his book,",
        "and waited for the boats to return.",
    ),
    (
        "By noon the wind had turned northwest.",
        "Two sails appeared behind the island,",
        "then a third, lower in the water.",
        "Children ran down to the wooden pier",
        "with baskets, ropes and lanterns.",
        "Nobody noticed that the smallest boat",
        "was missing until evening came.",
    ),
)
CREDITS = (
    "Directed by Helena Marchetti",
    "Written by Oskar Lindqvist",
    "Produced by Amara Nwosu",
    "Director of Photography Yuki Tanabe",
    "Edited by Patrick O'Rourke",
    "Production Design Tomas Okafor",
    "Costume Design Beatrice Fontaine",
    "Music composed by Dmitri Volkov",
    "Casting by Susannah Price",
    "First Assistant Director Leo Grant",
    "Script Supervisor Ingrid Halvorsen",
    "Gaffer Miguel Santos",
    "Key Grip Douglas Whitfield",
    "Camera Operator Naomi Fisher",
    "Sound Mixer Rashid Karim",
    "Boom Operator Chloe Bennett",
    "Stunt Coordinator Viktor Novak",
    "Location Manager Fiona MacLeod",
    "Makeup Artist Giulia Romano",
    "Visual Effects Producer Samir Patel",
    "Colourist Annika Bergstrom",
    "Catering by The Hungry Badger",
    "Transport Captain Wesley Hughes",
    "Filmed on location in Iceland",
    "No animals were harmed",
)
CODE = (
    "def load_orders(folder):",
    "    files = sorted(folder.glob('*.csv'))",
    "    return [parse(f) for f in files]",
    "",
    "def total_price(orders):",
    "    amount = sum(o.price for o in orders)",
    "    return round(amount, 2)",
)
HEADLINES = (
    ("Parliament votes on rail reform", "Debate enters its third day"),
    ("Storm closes northern harbours", "Ferries cancelled until Friday"),
    ("Museum returns ancient bronzes", "Ceremony held in Lagos"),
)
TICKER = (
    "Wheat prices rise for fifth week",
    "Tunnel opens ahead of schedule",
    "Chess title decided in tiebreak",
    "Volcano alert lowered in Iceland",
    "City bans cars from old town",
    "Rare orchid found near airport",
    "Bank holiday moved to Monday",
    "Orchestra tours eleven villages",
)
LIVE = (
    "good evening and welcome back",
    "tonight we look at the harvest",
    "prices went up again in June",
    "our reporter visited a farm",
    "she found the barns half empty",
    "the owner blames a dry spring",
    "others point to cheap imports",
    "the minister declined to answer",
    "a decision is due next month",
    "we will keep you informed",
)
