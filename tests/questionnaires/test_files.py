"""What somebody sends is judged by what it is, and kept without what it should not say."""

from io import BytesIO

import pytest
from django.conf import LazySettings
from PIL import Image

from questionnaires import files
from questionnaires.files import JPEG, PDF, PNG, Made, NotTaken, made_harmless
from tests.uploads import PDF as LETTER
from tests.uploads import ROTATED, photo

ALL = (JPEG, PNG, PDF)


def made(
    content: bytes, name: str = "Sår.jpg", kinds: tuple[str, ...] = ALL, most: int | None = None
) -> Made:
    return made_harmless(content, name=name, kinds=kinds, most=most)


def opened(kept: Made) -> Image.Image:
    return Image.open(BytesIO(kept.content))


def test_where_and_with_what_a_picture_was_taken_is_gone() -> None:
    content = photo()
    assert b"Kamera" in content
    kept = made(content)
    assert (kept.content_type, kept.name) == (JPEG, "Sår.jpg")
    assert b"Kamera" not in kept.content
    assert not dict(opened(kept).getexif())
    assert not {"exif", "icc_profile", "comment", "xmp"} & opened(kept).info.keys()


def test_a_picture_taken_upright_stands_upright() -> None:
    kept = opened(made(photo((400, 300), turned=ROTATED)))
    assert kept.size == (300, 400)
    red, blue = (kept.convert("RGB").getpixel(spot) for spot in ((150, 20), (150, 380)))
    assert red[0] > 200 > blue[0]  # type: ignore[index]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_large_picture_is_made_smaller(kind: str) -> None:
    kept = made(photo((5000, 1000), kind=kind))
    assert kept.content_type == JPEG
    assert max(opened(kept).size) <= 2400


def test_a_picture_becomes_what_the_question_takes() -> None:
    assert made(photo(kind="JPEG"), kinds=(PNG,)).content_type == PNG
    assert opened(made(photo(kind="PNG"), kinds=(PNG,))).format == "PNG"
    assert made(photo(kind="WEBP"), kinds=(PNG, PDF)).content_type == PNG


def test_what_shines_through_is_white_in_a_jpeg() -> None:
    written = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(written, "PNG")
    assert opened(made(written.getvalue(), kinds=(JPEG,))).getpixel((5, 5)) == (255, 255, 255)


def test_it_is_made_smaller_until_it_fits_the_question() -> None:
    noise = BytesIO()
    Image.effect_noise((2400, 2400), 100).convert("RGB").save(noise, "JPEG", quality=95)
    kept = made(noise.getvalue(), most=900_000)
    assert len(kept.content) <= 900_000
    with pytest.raises(NotTaken, match="højst 1 KB"):
        made(noise.getvalue(), most=1500)


def test_a_pdf_is_kept_as_it_came_where_the_question_takes_one() -> None:
    assert made(LETTER, name="Brev.jpg") == Made(PDF, "Brev.pdf", LETTER)
    with pytest.raises(NotTaken, match="ikke sende en PDF"):
        made(LETTER, kinds=(JPEG, PNG))
    with pytest.raises(NotTaken, match="for stor"):
        made(LETTER, most=10)


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"MZ\x90\x00 a program",
        b"PK\x03\x04 a zip",
        b"GIF89a" + b"\0" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff\xe0 not a picture",
        b"%PDF-1.7 without an end",
        b"<html>%PDF-1.4 %%EOF",
        photo()[:200],
    ],
    ids=[
        "html",
        "program",
        "zip",
        "gif",
        "svg",
        "jpeg's first bytes",
        "half a pdf",
        "html as pdf",
        "cut off",
    ],
)
def test_everything_else_is_refused_whatever_it_is_called(content: bytes) -> None:
    with pytest.raises(NotTaken):
        made(content, name="billede.jpg")


def test_a_picture_cut_off_in_the_middle_is_refused() -> None:
    whole = photo((800, 800))
    with pytest.raises(NotTaken, match="i stykker"):
        made(whole[: len(whole) // 2])


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """100 million pixels of one colour are some 100 KB."""
    written = BytesIO()
    Image.new("1", (10_000, 10_000)).save(written, "PNG")

    def unpack(*_: object) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(Image.Image, "load", unpack)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", unpack)
    with pytest.raises(NotTaken, match="for mange billedpunkter"):
        made(written.getvalue())


def test_an_empty_file_and_one_that_is_too_large_are_refused(settings: LazySettings) -> None:
    with pytest.raises(NotTaken, match="tom"):
        made(b"")
    settings.UPLOAD_LARGEST_BYTES = 1024 * 1024
    with pytest.raises(NotTaken, match="højst 1 MB"):
        made(b"%PDF-" + b" " * 1024 * 1024 + b"%%EOF")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("C:\\Users\\Karen\\sår.JPEG", "sår.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("010150-1234.jpg", "Billede.jpg"),
        ("cpr 0101501234 ben.jpg", "Billede.jpg"),
        ("\u202egpj.exe", "gpj.jpg"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie: x.jpg"),
        ("", "Billede.jpg"),
        ("x" * 300, "x" * 76 + ".jpg"),
    ],
)
def test_its_name_is_its_own_without_what_a_name_should_not_say(given: str, shown: str) -> None:
    assert files.tidy_name(given, JPEG) == shown
