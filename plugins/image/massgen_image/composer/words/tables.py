"""Words that are not the names of things: numbers, sizes, relations, times, weathers, places."""

from __future__ import annotations

MOST = 24  # of one thing; more is a texture
MOST_TOGETHER = 64  # drawings in one picture

NUMBERS = {
    "a": 1, "an": 1, "one": 1, "single": 1, "lone": 1, "two": 2, "both": 2, "three": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "couple of": 2, "pair of": 2, "couple": 2, "few": 3, "some": 3, "several": 5, "many": 7, "lots of": 7,
    "lot of": 7, "plenty of": 7, "group of": 5, "flock of": 7, "herd of": 6, "pack of": 5, "swarm of": 8,
    "school of": 7, "crowd of": 8, "bunch of": 5, "row of": 5, "pile of": 5, "family of": 4, "team of": 5,
    "dozens of": 12, "hundreds of": 20, "half a dozen": 6, "trio of": 3, "lots": 7, "multiple": 4, "various": 4,
    "field of": 9, "fields of": 9, "sea of": 9, "meadow of": 9, "garden of": 7, "forest of": 7, "line of": 5,
    "circle of": 5, "stack of": 3, "collection of": 5, "variety of": 5, "handful of": 4,
}  # fmt: skip

# "a slice of pizza" is a pizza.
MEASURES = frozenset({
    "slice of", "piece of", "loaf of", "scoop of", "kind of", "sort of", "type of", "bit of", "set of", "view of",
    "picture of", "photo of", "photograph of", "painting of", "drawing of", "illustration of", "image of", "icon of",
    "portrait of", "scene of", "sketch of", "cartoon of", "rendering of", "clipart of", "vector of", "graphic of",
    "close-up of", "logo of", "sticker of", "emoji of", "mascot of", "closeup of", "depiction of",
})  # fmt: skip

SIZES = {
    "tiny": 0.45, "mini": 0.5, "miniature": 0.5, "toy": 0.5, "little": 0.66, "small": 0.66, "young": 0.75,
    "short": 0.78, "baby": 0.6, "tall": 1.3, "big": 1.5, "large": 1.5, "great": 1.5, "huge": 2.1, "giant": 2.3,
    "enormous": 2.3, "massive": 2.3, "gigantic": 2.5, "giant-sized": 2.3, "wide": 1.2, "medium": 1.0, "colossal": 2.5,
}  # fmt: skip

RELATIONS = {
    "on": "on", "on top of": "on", "onto": "on", "upon": "on", "atop": "on", "sitting on": "on", "standing on": "on",
    "under": "under", "beneath": "under", "underneath": "under", "below": "below", "in the shade of": "under",
    "beside": "beside", "next to": "beside", "near": "beside", "by": "beside", "close to": "beside",
    "alongside": "beside", "along": "beside", "to the left of": "left", "left of": "left", "on the left of": "left",
    "to the right of": "right", "right of": "right", "on the right of": "right", "at the foot of": "beside",
    "behind": "behind", "in front of": "front", "before": "front", "above": "above", "over": "over",
    "high above": "above", "between": "between", "in": "in", "inside": "in", "inside of": "in", "into": "in",
    "within": "in", "among": "beside", "amongst": "beside", "with": "with", "and its": "with", "at": "at",
    "riding": "ride", "rides": "ride", "riding on": "ride", "rides on": "ride", "driving": "drive", "drives": "drive",
    "sailing": "drive", "rowing": "drive", "piloting": "drive", "flying in": "in", "holding": "hold", "holds": "hold",
    "carrying": "hold", "carries": "hold",
    "crossing": "on", "crosses": "on",
    "playing": "hold", "plays": "hold", "eating": "hold", "eats": "hold",
    "reading": "hold", "reads": "hold", "drinking": "hold", "drinks": "hold", "using": "hold", "throwing": "hold",
    "catching": "hold", "giving": "hold", "selling": "hold", "lifting": "hold", "waving": "hold", "wearing": "wear",
    "wears": "wear", "dressed in": "wear", "full of": "filled", "filled with": "filled", "of": "of", "without": "no",
    "no": "no", "against": "beside", "across from": "beside", "around": "beside", "surrounded by": "with",
    "facing": "beside", "looking at": "beside", "looks at": "beside", "watching": "beside", "from": "at",
    "in the middle of": "at", "outside": "front", "beyond": "behind", "past": "front", "toward": "beside",
    "towards": "beside", "through": "at", "across": "at", "down": "at", "up": "at", "off": "at", "to": "beside",
}  # fmt: skip

TIMES = {
    "night": "night", "nighttime": "night", "midnight": "night", "evening": "dusk", "dusk": "dusk", "twilight": "dusk",
    "sunset": "sunset", "sundown": "sunset", "golden hour": "sunset", "dawn": "dawn", "sunrise": "dawn",
    "daybreak": "dawn", "morning": "dawn", "day": "day", "daytime": "day", "noon": "day", "midday": "day",
    "afternoon": "day", "daylight": "day", "moonlight": "night", "moonlit": "night", "starry": "night",
    "starry night": "night", "starry sky": "night", "night sky": "night", "tonight": "night",
}  # fmt: skip

WEATHERS = {
    "rain": "rain", "rainy": "rain", "raining": "rain", "rainstorm": "rain", "drizzle": "rain", "wet": "rain",
    "in the rain": "rain", "snowing": "snow", "snowfall": "snow", "blizzard": "snow", "snowstorm": "snow",
    "in the snow": "snow", "fog": "fog", "foggy": "fog", "mist": "fog", "misty": "fog", "haze": "fog", "hazy": "fog",
    "storm": "storm", "stormy": "storm", "thunderstorm": "storm", "wind": "wind", "windy": "wind", "breeze": "wind",
    "breezy": "wind", "gale": "wind", "cloudy": "cloudy", "overcast": "cloudy", "sunny": "sunny", "clear": "sunny",
    "cloudless": "sunny", "clear sky": "sunny", "bright day": "sunny",
}  # fmt: skip

SEASONS = {
    "winter": "winter", "wintry": "winter", "snowy": "winter", "snow": "winter", "snow-covered": "winter",
    "spring": "spring", "springtime": "spring", "summer": "summer", "summertime": "summer", "autumn": "autumn",
    "fall season": "autumn", "autumnal": "autumn", "in fall": "autumn", "in the fall": "autumn",
    "christmas": "winter", "xmas": "winter",
}  # fmt: skip

PLACES = {
    "forest": "forest", "woods": "forest", "woodland": "forest", "jungle": "jungle", "rainforest": "jungle",
    "beach": "beach", "seaside": "beach", "shore": "beach", "coast": "beach", "seashore": "beach",
    "city": "city", "town": "city", "downtown": "city", "skyline": "city", "cityscape": "city", "metropolis": "city",
    "village": "village", "street": "street", "road": "street", "avenue": "street", "highway": "street",
    "sidewalk": "street", "pavement": "street", "racetrack": "street", "mountains": "mountains",
    "mountain range": "mountains", "mountain landscape": "mountains", "mountain scene": "mountains",
    "mountain scenery": "mountains", "mountain valley": "mountains",
    "mountainside": "mountains", "alps": "mountains", "valley": "mountains",
    "space": "space", "outer space": "space", "galaxy": "space", "universe": "space", "orbit": "space",
    "cosmos": "space", "room": "room", "bedroom": "room", "living room": "room", "kitchen": "room",
    "classroom": "room", "indoors": "room", "bathroom": "room", "dining room": "room", "studio": "room",
    "nursery": "room", "hall": "room", "floor": "room", "field": "field", "fields": "field", "farmland": "field",
    "farm": "farm", "farmyard": "farm", "ranch": "farm", "countryside": "field", "meadow": "meadow",
    "garden": "garden", "backyard": "garden", "yard": "garden", "park": "park", "sea": "sea", "ocean": "sea",
    "open sea": "sea", "water": "sea", "harbor": "sea", "harbour": "sea", "bay": "sea", "lake": "lake",
    "river": "lake", "lakeside": "lake", "riverside": "lake", "desert": "desert", "dunes": "desert",
    "sahara": "desert", "savanna": "savanna", "savannah": "savanna", "africa": "savanna", "safari": "savanna",
    "underwater": "underwater", "under the sea": "underwater", "under water": "underwater",
    "under the ocean": "underwater", "bottom of the sea": "underwater", "seabed": "underwater",
    "sea floor": "underwater", "ocean floor": "underwater", "reef": "underwater", "coral reef": "underwater",
    "aquarium": "underwater", "arctic": "snow", "antarctica": "snow", "antarctic": "snow", "north pole": "snow",
    "south pole": "snow", "tundra": "snow", "snowfield": "snow", "sky": "sky", "skies": "sky", "air": "sky",
    "on the moon": "lunar", "moon surface": "lunar", "surface of the moon": "lunar", "on mars": "martian",
    "the grass": "meadow", "on the grass": "meadow", "in the grass": "meadow", "green grass": "meadow",
    "in the sand": "beach", "on the sand": "beach", "sandy beach": "beach",
    "hills": "meadow", "hillside": "meadow", "grassland": "meadow", "landscape": "meadow", "nature": "meadow",
    "outdoors": "meadow", "outside world": "meadow",
}  # fmt: skip

PALETTE_WORDS = {
    f"{word} {noun}": palette
    for word, palette in (
        ("pastel", "pastel"),
        ("soft", "pastel"),
        ("warm", "warm"),
        ("cool", "cool"),
        ("cold", "cool"),
    )
    for noun in ("colors", "colours", "palette", "tones", "color palette", "colour palette", "hues")
} | {"monochrome": "mono", "monochromatic": "mono", "in pastel": "pastel"}

POSES = {
    "flying": "air", "flies": "air", "fly": "air", "floating": "air", "hovering": "air", "soaring": "air",
    "floats": "air", "swimming": "water", "swims": "water", "swim": "water", "diving": "water", "up in": "air",
}  # fmt: skip

# Words that carry no picture of their own are not reported as missing.
_WITHOUT_PICTURE = """
the this that these those my your his her its our their there here is are was were be been being am has have had do
does did it's there's but or so as then while when where who whose very really quite just also too please draw make
create generate show render paint me us i we you he she they let want need would like can could should will shall for
about than happy smiling friendly cheerful cute flat style vector illustration picture image drawing cartoon minimal
minimalist simple design scene background foreground featuring feature sitting sits standing stands stand sit placed
seated located sat stood together all each other another time season weather sized size coloured colored colour color
colours colors side middle center centre any same every only even still new s hand hands head back top surface ground
nearby logo icon sticker minimalistic lovely nicely
"""
FUNCTION = frozenset(_WITHOUT_PICTURE.split())

IRREGULAR = {
    "mice": "mouse", "men": "man", "women": "woman", "children": "child", "people": "person", "geese": "goose",
    "feet": "foot", "teeth": "tooth", "oxen": "ox", "wolves": "wolf", "leaves": "leaf", "loaves": "loaf",
    "knives": "knife", "elves": "elf", "shelves": "shelf", "calves": "calf", "cacti": "cactus", "fungi": "fungus",
    "policemen": "policeman", "policewomen": "policewoman", "firemen": "fireman", "snowmen": "snowman",
    "grandchildren": "grandchild", "octopi": "octopus", "dice": "dice", "sheep": "sheep", "fish": "fish",
    "deer": "deer", "aircraft": "aircraft", "spacecraft": "spacecraft", "kids": "kid", "gentlemen": "gentleman",
    "ladies": "lady", "babies": "baby", "puppies": "puppy", "kittens": "kitten", "cowboys": "cowboy",
    "wives": "wife", "hooves": "hoof", "scarves": "scarf", "thieves": "thief", "workmen": "workman", "lice": "louse",
    "spacemen": "spaceman", "frogmen": "frogman",
}  # fmt: skip
UNCHANGED = frozenset(
    {"reindeer", "sheep", "fish", "deer", "aircraft", "spacecraft", "dice", "moose", "cattle", "foliage"}
)
