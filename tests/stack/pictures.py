"""Opening what was captured."""

import io

import pypdfium2
from PIL import Image

MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "pdf": "application/pdf"}


def opened(body: bytes, media_type: str) -> Image.Image:
    """The picture, or a PDF's first page, as RGB. Fails if the bytes aren't of that type."""
    if media_type == "application/pdf":
        with pypdfium2.PdfDocument(body) as document:
            return document[0].render(scale=1).to_pil().convert("RGB")
    picture = Image.open(io.BytesIO(body))
    assert picture.get_format_mimetype() == media_type
    return picture.convert("RGB")


def text_of(pdf: bytes) -> str:
    """The text of a PDF's first page."""
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].get_textpage().get_text_bounded()


def is_near(pixel: tuple[int, ...], colour: tuple[int, ...]) -> bool:
    """Whether two colours are the same but for what lossy formats do."""
    return all(abs(a - b) <= 12 for a, b in zip(pixel, colour, strict=True))
