"""What a picture's packet tells before it is decoded: may it be left out, does it show anything new."""

import re

from av.video.codeccontext import VideoCodecContext


def spares(context: VideoCodecContext) -> bool:
    """Can frames that the decoder calls non-reference be left out? In HEVC other temporal layers may refer to them."""
    if context.codec.canonical_name != "hevc":
        return True
    layers = [(sps[0] >> 1) & 7 for sps in re.findall(rb"\x42\x01(.)", context.extradata or b"", re.DOTALL)]
    return bool(layers) and max(layers) == 0  # sps_max_sub_layers_minus1


def to_the_dot(context: VideoCodecContext, container: str) -> bool:
    """Does each packet's frame stand until the next packet's, exactly? VP8 hides some frames, which have a PTS too; in
    other containers a packet may be one field of a frame."""
    return context.name == "h264" and ("mp4" in container or "matroska" in container)


def silence(context: VideoCodecContext) -> float:
    """Bytes below which a packet repeats the picture before: about a bit for six blocks of 16 pixels square. 0 where
    that can't be told.

    A picture between two that differ may be a mixture of them, and says as little: the next one shows the change.
    """
    if context.name not in ("h264", "hevc"):
        return 0.0
    return context.width * context.height / 256 / 45
