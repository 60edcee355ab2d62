"""What is written on the slides of the bench's films: our own words, so that anybody may copy them."""

TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "How a harbour knows the tide",
        (
            "A float rises in a narrow well beside the quay",
            "The well keeps waves out and lets the tide in",
            "A pen draws the height on a turning drum",
            "Two high waters come in a little over a day",
            "Strong wind from the west adds half a metre",
            "Old paper rolls were measured again last winter",
        ),
    ),
    (
        "Bread that raises itself",
        (
            "Flour and water stand for five warm days",
            "Wild yeast makes gas, and bacteria make acid",
            "Feed it each morning with the same weight",
            "A cold night slows the dough without harm",
            "Salt comes late, because it tightens the crumb",
            "Listen to the crust while it cools: it sings",
        ),
    ),
    (
        "Reading a contour map",
        (
            "Every brown line joins places of one height",
            "Lines that crowd together mean a steep slope",
            "Streams point their arrows toward the summit",
            "Count five thin lines between two thick ones",
            "North on paper is rarely north on the compass",
            "Fold the sheet so that your thumb can follow",
        ),
    ),
    (
        "The year of a beehive",
        (
            "In January the cluster shivers to keep warm",
            "Willow gives the first pollen of the spring",
            "A crowded colony raises new queens and leaves",
            "Lime trees fill the upper boxes within a week",
            "Drones are sent away before the autumn rain",
            "Never open the lid when the wind is cold",
        ),
    ),
    (
        "Why bridges hum",
        (
            "Wind leaves small whirls behind every cable",
            "The whirls push left and right by turns",
            "Trouble begins when the pushing finds a rhythm",
            "Heavy rings on the cable take energy away",
            "Engineers listen with sensors the size of coins",
            "A painted spiral breaks the whirls apart",
        ),
    ),
    (
        "Printing from wood",
        (
            "Pear wood is dense and cuts without splinters",
            "Whatever should stay white is carved away",
            "Ink lies thinly, like the skin on warm milk",
            "Damp paper picks up finer lines than dry paper",
            "Each further colour needs a block of its own",
            "The last proof is signed below the picture",
        ),
    ),
    (
        "Keeping time at sea",
        (
            "One hour of error is fifteen degrees of longitude",
            "Pendulums fail on a deck that never rests",
            "A balance wheel does not care which way is down",
            "Two metals in one strip cancel heat and cold",
            "Three clocks on board can outvote a wrong one",
            "At noon the captain shoots the sun and compares",
        ),
    ),
    (
        "What a seed bank stores",
        (
            "Seeds are dried until they weigh a tenth less",
            "Glass, foil and frost keep moisture outside",
            "Every decade a few hundred are woken up",
            "If too few sprout, the whole batch is renewed",
            "Labels outlive the people who wrote them",
            "Duplicates travel to a mountain in the north",
        ),
    ),
    (
        "Sound in a concert hall",
        (
            "The first echo must arrive within a blink",
            "Parallel walls throw a clap back and forth",
            "Full seats swallow more than empty ones",
            "Plaster figures scatter the high violins",
            "A long hall flatters choirs and blurs speech",
            "Measure with a balloon, a pin and patience",
        ),
    ),
    (
        "Mending old books",
        (
            "Begin with a brush and never with water",
            "Wheat paste can be undone a century later",
            "Thin mulberry tissue bridges a torn page",
            "Leather turns red where gas lamps once burned",
            "Sew through the folds, not through the margin",
            "Write down each step for whoever comes next",
        ),
    ),
)
CODE = (
    "import statistics",
    "from pathlib import Path",
    "def heights(folder):",
    "    for page in sorted(folder.glob('*.csv')):",
    "        yield float(page.read_text())",
    "wells = list(heights(Path('harbour')))",
    "middle = statistics.median(wells)",
    "print('median height', middle)",
    "assert middle < 12.5, 'too high'",
    "with open('report.txt', 'w') as out:",
    "    out.write(str(middle))",
    "raise SystemExit(0)",
)
COMMANDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ls harbour", ("april.csv  june.csv  march.csv", "notes.txt  summary.csv")),
    ("wc -l harbour/march.csv", ("744 harbour/march.csv",)),
    ("head -n 2 harbour/march.csv", ("hour,height,wind", "0,3.41,southwest")),
    ("python tides.py march", ("reading 744 rows", "median height 3.87")),
    ("git status", ("On branch winter", "nothing to commit")),
    ("make chart", ("drawing chart.svg", "done in 2 seconds")),
    ("echo every tide is late today", ("every tide is late today",)),
    ("cp chart.svg backup", ("copied one file",)),
)
SUBTITLES = (
    "We left the harbour before the fog had gone.",
    "My grandfather built this boat in a barn.",
    "Nobody believed it would float.",
    "Listen, the engine sounds different now.",
    "There is a light behind the second island.",
    "Did you bring the letter with you?",
    "It was never meant for strangers.",
    "The birds come back on the same day each year.",
    "Then we should wait here until morning.",
    "I have counted every step to the tower.",
    "She wrote the number on the wall.",
    "That winter was colder than all others.",
)
SIGN = "OPEN FROM NINE TO FIVE"
CAPTION = "The old lighthouse after the spring storm"
