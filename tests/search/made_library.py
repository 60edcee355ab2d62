"""Two videos to search."""

from include.processing.passages import Passage

LECTURE, FILM = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def passage(number, source, start, end, text, both="", confidence=0.9, marks=None):
    return Passage(number, source, start, end, text, both, confidence, "en", marks or ((0, start),))


PASSAGES = {
    LECTURE: (
        passage(0, "screen", 0.0, 60.0, "Gradient descent\n• learning rate", "gradient descent", 0.95),
        passage(
            1, "speech", 62.0, 75.0, "We follow the slope. Gradient descent takes small steps.", "gradient descent",
            marks=((0, 62.0), (21, 66.5)),
        ),
        passage(2, "speech", 3700.0, 3710.0, "The end of the lecture.", confidence=0.4),
    ),
    FILM: (passage(0, "speech", 5.0, 9.0, "A gradient of colours at dusk.", confidence=None),),
}  # fmt: skip
